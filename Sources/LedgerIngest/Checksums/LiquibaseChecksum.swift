import LedgerCrypto

// Liquibase's column `MD5SUM`, for changesets in SQL (liquibase/liquibase, ChangeSet.java,
// AbstractSQLChange.java and NormalizingStreamV8.java; seen to agree with 4.29.0):
//
//    9:  and MD5 of  9: MD5( SQL without spaces, tabs and line ends ) :
//    8:  and MD5 of  8: MD5( DELIMITER : SPLIT : STRIP : SQL, where each run of them is a space ) :
//
// MD5 in lower-case hexadecimal digits. DELIMITER is `null` if none is given, SPLIT and STRIP are
// `true` or `false`. Liquibase 4.22 and later write 9, those before it 8.

/// Liquibase's MD5 of a changeset in SQL.
enum LiquibaseChecksum: ChecksumRule {
    static let tool = MigrationTool.liquibase

    static let examples = [
        ChecksumExample(
            "db/a.sql",
            "--liquibase formatted sql\n--changeset ann:1\n"
                + "ALTER TABLE person ADD COLUMN email TEXT;\n",
            checksums: [
                "9:c1ab6ed3ed079f56a6ba197fc4c73237", "8:e0ae3fb1f21c0929405e258d364820f5",
            ],
            other: "9:0a7ed49c904abc7110aa09324b49f106", is: .different),
        ChecksumExample(
            "db/a.sql",
            "--liquibase formatted sql\n--changeset ann:1\nSELECT 1;\n--rollback SELECT 0;\n"
                + "--changeset bob:2 splitStatements:false\nSELECT 1; SELECT 2;\n",
            change: "db/a.sql::2::bob",
            checksums: [
                "9:ddba5b10260997d1a1a60e1f3a24fc74", "8:20994f589edecd7b4c6aa873154208cf",
            ],
            other: "7:20994f589edecd7b4c6aa873154208cf", is: .unknown),
        ChecksumExample(
            "db/plain.sql", "create table a (id int)\n/\n", change: "db/plain.sql::raw::includeAll",
            checksums: [
                "9:b29c5c002eb2659ba7be51469c90fcdf", "8:908563723e9a4d4e02c6d1698f2a401e",
            ],
            other: "9:33386492267b7a2e54f880faf7f44b09", is: .different),
        ChecksumExample(
            "db/a.sql", "--liquibase formatted sql\n--changeset ann:1\nSELECT '${x}';\n",
            checksums: [
                "9:42ed6651c2ed68d1757d85f71022a950", "8:16bfef1c4c3cbe925c294ace812b6fc2",
            ],
            other: "9:33386492267b7a2e54f880faf7f44b09", is: .unknown),
        ChecksumExample(
            "db/changelog.xml", "<databaseChangeLog/>", checksums: [],
            other: "9:33386492267b7a2e54f880faf7f44b09", is: .unknown),
    ]

    static func checksums(of subject: ChecksumSubject) -> [String] {
        var checksums: [String] = []
        for changeSet in changeSets(of: subject) {
            for checksum in [version9(changeSet), version8(changeSet)].compactMap(\.self)
            where !checksums.contains(checksum) {
                checksums.append(checksum)
            }
        }
        return checksums
    }

    static func decides(_ checksum: String, _ subject: ChecksumSubject) -> Bool {
        guard checksum.hasPrefix("9:") || checksum.hasPrefix("8:") else { return false }
        // An empty one at the end of a file has the SQL of the one before.
        return !changeSets(of: subject).contains {
            $0.sql.isEmpty || ScriptText.hasPlaceholder($0.sql)
        }
    }

    // Those that the table may mean: a file can have the same author and id under two paths.
    private static func changeSets(of subject: ChecksumSubject) -> [LiquibaseChangelog.ChangeSet] {
        guard ScriptPath(subject.script.path).isSQL else { return [] }
        let script = subject.script.bytes
        // Where the script is one changeset of a file, others may follow it there.
        let readings = LiquibaseChangelog.isPart(script) ? [true, false] : [true]
        let all = readings.flatMap { LiquibaseChangelog(script, isWhole: $0)?.changeSets ?? [] }
        guard let change = subject.change else { return all }
        let named = all.filter { change.hasSuffix("::\($0.id)::\($0.author)") }
        let exact = named.filter { "\($0.path ?? "")::\($0.id)::\($0.author)" == change }
        return exact.isEmpty ? named : exact
    }

    private static func version9(_ changeSet: LiquibaseChangelog.ChangeSet) -> String? {
        checksum("9:", changeSet.sql.filter { !isBlank($0) })
    }

    private static func version8(_ changeSet: LiquibaseChangelog.ChangeSet) -> String? {
        var text = changeSet.endDelimiter ?? Array("null".utf8)
        text += ":\(changeSet.splitsStatements):\(changeSet.stripsComments):".utf8
        let words = changeSet.sql.split(whereSeparator: isBlank)
        text += words.joined(separator: [0x20])
        return checksum("8:", text)
    }

    private static func checksum(_ version: String, _ text: [UInt8]) -> String? {
        guard let change = ToolDigest.md5(text),
            let changeSet = ToolDigest.md5(Array("\(version)\(hexText(change)):".utf8))
        else { return nil }
        return version + hexText(changeSet)
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        [0x20, 0x0A, 0x0D, 0x09].contains(byte)
    }
}
