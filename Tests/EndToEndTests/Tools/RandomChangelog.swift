import LedgerCrypto
import TestSupport

/// A file of changesets in SQL, as many people write them, for Liquibase.
struct RandomChangelog {
    struct ChangeSet {
        let id: String
        let author: String
        /// Where Liquibase says it is from.
        let path: String
        /// Stands in its SQL and nowhere else.
        let mark: String
        /// Values are put in: what is hashed is not what stands there.
        var hasPlaceholder = false
        /// Liquibase compares its checksum with the one before.
        var isCompared = true
        var digest = ""

        var name: String { "\(path)::\(id)::\(author)" }
    }

    let path: String
    private(set) var text = ""
    private(set) var changeSets: [ChangeSet] = []
    private let lineEnds: [String]

    var bytes: [UInt8] { Array(text.utf8) }

    init(_ number: Int, _ random: inout SeededGenerator) {
        path = "db/f\(number).sql"
        lineEnds = [["\n"], ["\r\n"], ["\n", "\r\n"]].randomElement(using: &random) ?? ["\n"]
        if Bool.random(using: &random) { text = "\u{FEFF}" }
        let title = ["--liquibase formatted sql", "  -- LIQUIBASE   formatted sql"]
            .randomElement(using: &random)
        let logical = number % 3 == 0 ? "x/y\(number).sql" : nil
        write((title ?? "") + (logical.map { " logicalFilePath:\($0)" } ?? ""), &random)
        if Bool.random(using: &random) { write("--property name:name value:put_in", &random) }
        if Bool.random(using: &random) { write("-- words before", &random) }
        var starts: [Int] = []
        for index in 0..<8 {
            starts.append(text.utf8.count)
            write(index, in: logical ?? path, of: number, &random)
        }
        if Bool.random(using: &random) { text = String(text.dropLast()) }
        let bytes = bytes
        for (index, start) in starts.enumerated() {
            let end = index + 1 < starts.count ? starts[index + 1] : bytes.count
            changeSets[index].digest = "sha256:" + SHA256.hash(Array(bytes[start..<end])).hex
        }
    }

    private mutating func write(_ line: String, _ random: inout SeededGenerator) {
        text += line + (lineEnds.randomElement(using: &random) ?? "\n")
    }

    // MARK: A changeset

    private static let attributes = [
        ["splitStatements:true", "splitStatements:false", "splitStatements:FALSE"],
        ["stripComments:true", "stripComments:false"],
        ["endDelimiter:/", "endDelimiter:\\n/", "endDelimiter:go", "rollbackEndDelimiter:#"],
        ["runOnChange:true", "runAlways:true"],
        ["dbms:sqlite", "context:a,b", "labels:x", "runInTransaction:false", "failOnError:false"],
    ]

    private static let sql = [
        ["SELECT 1 ;  "], ["\tINSERT INTO t VALUES ('a -- b', 'it''s');\t"], ["-- a comment"],
        ["  -- rollbacks are nice"], ["--comments"], ["/* a", " * block */"], [""], ["   "], ["/"],
        ["go"], ["SELECT 'Grüße 😀 e\u{301} \u{A0}\u{2003}x';"], ["SELECT 'a\u{2028}b\u{85}c';"],
        ["CREATE TRIGGER x BEGIN", "  SELECT 1;", "END;"], ["SELECT 1,\u{B} 2;"], ["--rollback"],
        ["SELECT '\u{1}';"], ["\u{C}"], ["SELECT '${missing}';"], ["SELECT '${name}';"],
        ["SELECT $$a;", "b$$;"], ["--property name:other value:v"], ["SELECT 'x' -- y   "],
    ]

    // At most one line of each.
    private static let remarks = [
        [["--comment: says why"], ["--comment says why"], ["  --comment indented"]],
        [
            ["--rollback DROP TABLE t;"], ["-- rollback DROP TABLE t;"], ["--rollback empty"],
            ["--rollback DROP TABLE a;", "--rollback DROP TABLE b;"],
            ["/* liquibase rollback", "DROP TABLE z;", "*/"],
        ],
        [["--validCheckSum: 8:e0ae3fb1f21c0929405e258d364820f5"]],
        [
            [
                "--preconditions onFail:MARK_RAN onError:HALT",
                "--precondition-sql-check expectedResult:0 SELECT COUNT(*) FROM t",
            ]
        ],
        [
            ["--ignoreLines:1", "SELECT 'ignored';"],
            ["--ignoreLines:start", "SELECT 'ignored';", "--ignoreLines:end"],
        ],
    ]

    private mutating func write(
        _ index: Int, in path: String, of number: Int, _ random: inout SeededGenerator
    ) {
        let place = number * 100 + index
        let (author, shownAuthor) =
            [("ann", "ann"), ("änn lee", "änn lee"), ("Ann: X", "\"Ann: X\"")]
            .randomElement(using: &random) ?? ("ann", "ann")
        let (id, shownID) =
            [
                ("\(place)", "\(place)"), ("ü-\(place)", "ü-\(place)"),
                ("a \(place)", "\"a \(place)\""),
            ]
            .randomElement(using: &random) ?? ("\(place)", "\(place)")
        var changeSet = ChangeSet(id: id, author: author, path: path, mark: "mark_\(place)_")
        var line =
            ["--changeset ", "--changeset\t", " -- changeset  ", "--CHANGESET "]
            .randomElement(using: &random) ?? ""
        line += "\(shownAuthor):\(shownID)"
        for choice in Self.attributes.shuffled(using: &random).prefix(
            Int.random(in: 0...3, using: &random))
        {
            let attribute = choice.randomElement(using: &random) ?? ""
            line += ([" ", "  ", "\t"].randomElement(using: &random) ?? " ") + attribute
            if attribute.hasPrefix("run"), attribute.hasSuffix("true") {
                changeSet.isCompared = false
            }
        }
        write(line + (["", "  "].randomElement(using: &random) ?? ""), &random)
        var items = [["SELECT '\(changeSet.mark)';"]]
        for _ in 0..<Int.random(in: 0...6, using: &random) {
            items.append(Self.sql.randomElement(using: &random) ?? [])
        }
        for choice in Self.remarks where Int.random(in: 0..<3, using: &random) == 0 {
            items.append(choice.randomElement(using: &random) ?? [])
        }
        let lines = items.shuffled(using: &random).flatMap(\.self)
        changeSet.hasPlaceholder = lines.contains { $0.contains("${") }
        for line in lines { write(line, &random) }
        changeSets.append(changeSet)
    }
}
