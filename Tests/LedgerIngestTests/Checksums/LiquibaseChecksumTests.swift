import Testing

@testable import LedgerIngest

/// Liquibase's checksums against those of the tool itself.
@Suite struct LiquibaseChecksumTests {
    private func checksums(_ bytes: [UInt8], _ change: String? = nil) -> [String] {
        ToolChecksum.of(
            ToolScript(path: "db/a.sql", bytes: bytes), tool: .liquibase, change: change)
    }

    @Test(arguments: LiquibaseVector.all)
    func changesetsHaveTheChecksumsThatTheToolGives(_ vector: LiquibaseVector) throws {
        let bytes = Array(vector.text.utf8)
        let changeSets = LiquibaseChangelog(bytes)?.changeSets
        #expect(changeSets?.map(\.id) == vector.changeSets?.map(\.id))
        #expect(changeSets?.map(\.author) == vector.changeSets?.map(\.author))
        for (changeSet, sums) in zip(changeSets ?? [], vector.changeSets ?? []) {
            let path = changeSet.path ?? "db/a.sql"
            #expect(
                checksums(bytes, "\(path)::\(sums.id)::\(sums.author)")
                    == [sums.version9, sums.version8])
        }
    }

    @Test func bytesThatAreNoTextAreReadAsJavaReadsThem() {
        let header = Array("--liquibase formatted sql\n--changeset ann:1\n".utf8)
        let latin1 = header + Array("INSERT INTO t VALUES ('Gr".utf8) + [0xFC, 0xDF]
        #expect(
            checksums(latin1 + Array("e');\n".utf8)) == [
                "9:d45ec136651d482727563ab420c12e21", "8:e32cad08734df7562c1234b6ff2100dc",
            ])
        let spaces = Array(repeating: " \n", count: 700).joined()
        #expect(
            checksums(header + Array("SELECT\(spaces)1;\n".utf8)) == [
                "9:0a7ed49c904abc7110aa09324b49f106", "8:1299757950f2a4bc6ca7abbec6ca2a01",
            ])
    }

    /// What is recorded of a changeset are its own bytes alone.
    @Test func aChangesetCutOutOfItsFileHasTheSameChecksums() throws {
        var count = 0
        // The bytes of a changeset end where a line begins another, even one that is ignored.
        for vector in LiquibaseVector.all where vector.description != "ignorechangeset" {
            let bytes = Array(vector.text.utf8)
            let names = LiquibaseSQL.names(path: "db/a.sql", bytes) ?? []
            for name in names {
                let range = try #require(name.range)
                let whole = checksums(bytes, name.id)
                let part = Array(bytes[range])
                // Those that depend on their place in the file.
                if LiquibaseChangelog(part)?.changeSets.contains(where: \.sql.isEmpty) ?? true {
                    continue
                }
                let sums = Set(checksums(part, name.id))
                #expect(sums.isSuperset(of: whole), "\(vector): \(name.id)")
                count += 1
            }
        }
        #expect(count > 40)
    }

    @Test func anEditIsSeenAndWhiteSpaceIsNot() {
        let script = "--liquibase formatted sql\n--changeset ann:1\nSELECT 1 ;\n"
        func match(_ text: String) -> ChecksumMatch {
            ToolChecksum.match(
                "9:0a7ed49c904abc7110aa09324b49f106",
                ToolScript(path: "a.sql", bytes: Array(text.utf8)), tool: .liquibase,
                change: "db/a.sql::1::ann")
        }
        #expect(match(script) == .same)
        #expect(match(script.replacing("1 ;", with: "\t1\r\n;\r\n")) == .same)
        #expect(match(script.replacing("1 ;", with: "2;")) == .different)
        #expect(match(script.replacing("ann:1", with: "ann:2")) == .unknown)
    }
}
