import Foundation
import LedgerCore
import LedgerIngest
import TestSupport
import Testing

/// The checksums that Liquibase itself computes against ours, of changelogs that nobody wrote.
@Suite(.enabled(if: RealTool.folder != nil, "make test-tools installs the tools"))
struct RealToolChecksumTests {
    private static let root = """
        <?xml version="1.0" encoding="UTF-8"?>
        <databaseChangeLog xmlns="http://www.liquibase.org/xml/ns/dbchangelog"
            xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
            xsi:schemaLocation="http://www.liquibase.org/xml/ns/dbchangelog
            http://www.liquibase.org/xml/ns/dbchangelog/dbchangelog-latest.xsd">
          <includeAll path="db"/>
        </databaseChangeLog>

        """

    @Test func theyAreThoseOfLiquibase() throws {
        var random = SeededGenerator()
        let comment: Comment = "LEDGER_TEST_SEED=\(random.seed)"
        let liquibase = try #require(RealTool.all.first { $0.name == "liquibase" })
        let shop = try Workshop(liquibase)
        var files: [RandomChangelog] = []
        for number in 0..<8 { files.append(RandomChangelog(number, &random)) }
        for file in files { try shop.file(file.path, file.text) }
        let plain = "-- plain\nSELECT 'Grüße';\r\n\nSELECT 2  ;\n"
        try shop.file("db/plain.sql", plain)
        try shop.file("root.xml", Self.root)
        let flags = ["--changelog-file=root.xml", "--url=jdbc:sqlite:\(shop.database)"]
        let synced = try shop.execute(["liquibase", "changelog-sync"] + flags)
        try #require(synced.status == 0, "\(comment) \(synced.standardError)")

        let sums = try sums(shop)
        #expect(sums.count == files.reduce(1) { $0 + $1.changeSets.count }, comment)
        #expect(
            ToolChecksum.match(
                sums["db/plain.sql::raw::includeAll"],
                ToolScript(path: "db/plain.sql", bytes: Array(plain.utf8)), tool: .liquibase)
                == .same)
        for file in files {
            for changeSet in file.changeSets {
                let sum = try #require(sums[changeSet.name], "\(comment) \(changeSet.name)")
                let match = { (text: String) in
                    ToolChecksum.match(
                        sum, ToolScript(path: file.path, bytes: Array(text.utf8)),
                        tool: .liquibase, change: changeSet.name)
                }
                let edited = file.text.replacing(
                    changeSet.mark, with: changeSet.mark.dropLast() + "+")
                if changeSet.hasPlaceholder {
                    #expect(match(file.text) != .different, "\(comment) \(changeSet)")
                    #expect(match(edited) == .unknown, "\(comment) \(changeSet)")
                } else {
                    #expect(match(file.text) == .same, "\(comment) \(changeSet)")
                    #expect(match(edited) == .different, "\(comment) \(changeSet)")
                }
            }
        }
        try expectAttached(shop, files, sums, comment)
        try expectOldOnesAreAccepted(shop, files, flags, comment)
    }

    /// What `--scripts` attaches is what ran.
    private func expectAttached(
        _ shop: Workshop, _ files: [RandomChangelog], _ sums: [String: String], _ comment: Comment
    ) throws {
        let result = try shop.ledger.run(
            "import", "liquibase", "--service", "shop", "--env", "dev", "--database-file",
            shop.database, "--scripts", "db")
        result.expect(0, "\(sums.count) recorded")
        #expect(!result.standardError.contains("edited"), "\(comment) \(result.standardError)")
        let rows = try shop.ledger.rows("--limit", "1000")
        for changeSet in files.flatMap(\.changeSets) {
            let row = try #require(
                rows.first { $0["change"]?.string == changeSet.name },
                "\(comment) \(changeSet.name)")
            if row["digest"] == nil, changeSet.hasPlaceholder { continue }
            #expect(row["digest"]?.string == changeSet.digest, "\(comment) \(changeSet)")
        }
    }

    /// Those of Liquibase before 4.22 are no column that it writes, but it still compares them.
    private func expectOldOnesAreAccepted(
        _ shop: Workshop, _ files: [RandomChangelog], _ flags: [String], _ comment: Comment
    ) throws {
        let wrong = try #require(
            files.flatMap(\.changeSets).first { $0.isCompared && !$0.hasPlaceholder })
        var sql = "UPDATE DATABASECHANGELOG SET MD5SUM = NULL;\n"
        var count = 0
        for file in files {
            for changeSet in file.changeSets where !changeSet.hasPlaceholder {
                let script = ToolScript(path: file.path, bytes: file.bytes)
                let sums = ToolChecksum.of(script, tool: .liquibase, change: changeSet.name)
                let old = try #require(sums.first { $0.hasPrefix("8:") })
                let sum =
                    changeSet.id == wrong.id ? "8:" + String(old.dropFirst(2).reversed()) : old
                sql +=
                    "UPDATE DATABASECHANGELOG SET MD5SUM = '\(sum)' WHERE ID = '\(changeSet.id)';\n"
                count += changeSet.isCompared ? 1 : 0
            }
        }
        #expect(count > 10, comment)
        try shop.sql(sql)
        let result = try shop.execute(["liquibase", "validate"] + flags)
        let lines = Set(
            (result.standardOutput + result.standardError).split(separator: "\n")
                .filter { $0.contains(" but is now: 8:") })
        #expect(result.status != 0 && lines.count == 1, "\(comment) \(result)")
        #expect(lines.first?.contains(wrong.name) == true, "\(comment) \(lines)")
    }

    /// By path, id and author, as Liquibase writes them.
    private func sums(_ shop: Workshop) throws -> [String: String] {
        let result = try Shell.execute(
            "sqlite3",
            [
                shop.ledger.folder.file(shop.database),
                "SELECT json_group_object(FILENAME || '::' || ID || '::' || AUTHOR, MD5SUM)"
                    + " FROM DATABASECHANGELOG",
            ])
        return try JSONDecoder().decode(
            [String: String].self, from: Data(result.standardOutput.utf8))
    }
}
