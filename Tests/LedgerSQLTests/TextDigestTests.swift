import LedgerSQL
import TestSupport
import Testing

@Suite struct TextDigestTests {
    private func digest(_ sql: String) -> String {
        "lsd1:" + SQLScript(Array(sql.utf8)).textDigest().hex
    }

    /// SHA-256 of `SELECT 1;SELECT 'a  b'`.
    @Test func isFrozen() {
        #expect(
            digest("SELECT 1;\n-- done\nSELECT 'a  b'")
                == "lsd1:2232a332489a28b601cec1982dca14be18c56fc55cd3e2678eaf7b1eb27a1de3")
    }

    @Test func seesNoCommentsBlanksOrEnds() {
        let one = digest("CREATE TABLE a (b int DEFAULT 'x;  y'); DROP TABLE c;")
        for same in [
            "CREATE TABLE a(b int DEFAULT 'x;  y');DROP TABLE c",
            "-- first\nCREATE\tTABLE a (\r\n  b int /* why */ DEFAULT 'x;  y'\r\n);\n\nDROP TABLE c;;\n",
            "/* a /* nested */ one */ CREATE TABLE a (b int DEFAULT 'x;  y')\nGO\nDROP TABLE c\nGO\n",
        ] {
            #expect(digest(same) == one, "\(same)")
        }
    }

    @Test func seesEverythingElse() {
        let scripts = [
            "SELECT 'a b'", "SELECT 'a  b'", "SELECT 'A b'", "select 'a b'", "SELECT \"a b\"",
            "SELECT $$a b$$", "SELECT $x$a b$x$", "SELECT 'a', 'b'", "SELECT 1",
            "SELECT 1; SELECT 1",
            "SELECT 1 SELECT 1", "SELECT a", "SELECT a /*! b */", "SELECT a # 1", "SELECT a # 2",
            "\\echo a", "\\echo b", "# a", "# b", "", "COPY a FROM stdin;\n1\n\\.\n",
            "COPY a FROM stdin;\n2\n\\.\n", "SELECT '", "SELECT ''", "SELECT E'\\'--'",
            "SELECT a[1]", "SELECT [a]", "SELECT 1.5", "SELECT 1 .5",
        ]
        #expect(Set(scripts.map(digest)).count == scripts.count)
    }

    @Test func readsAnything() {
        var generator = SeededGenerator()
        let seed = generator.seed
        let parts = [
            "'", "\"", "`", "[", "]", "$$", "$a$", "/*", "*/", "/*!", "--", "\n", "#", "\\", ";",
            "GO", "DELIMITER ", "COPY ", "FROM stdin", "CREATE ", "TABLE ", "TRIGGER ", "BEGIN ",
            "END ", "CASE ", "(", ")", ".", ",", "a", "1e", "E'", "DO ", "WITH ", "ON ", "RENAME ",
            "GRANT ", "UPDATE ", "IF ", "\u{0}", "é", " ",
        ]
        for _ in 0..<3000 {
            let count = Int.random(in: 0...60, using: &generator)
            var bytes: [UInt8] = []
            for _ in 0..<count {
                if Int.random(in: 0..<20, using: &generator) == 0 {
                    bytes.append(UInt8.random(in: 0...255, using: &generator))
                } else if let part = parts.randomElement(using: &generator) {
                    bytes.append(contentsOf: part.utf8)
                }
            }
            let script = SQLScript(bytes)
            let ends = script.statements.joined().map(\.range)
            // Tokens follow each other and lie within the script.
            let inOrder = zip(ends, ends.dropFirst()).allSatisfy { $0.upperBound <= $1.lowerBound }
            #expect(
                inOrder && ends.allSatisfy { !$0.isEmpty && $0.upperBound <= bytes.count },
                "seed \(seed)")
            _ = (script.objects, script.textDigest())
        }
    }

    /// What once took time that grew with the square of the length.
    @Test func readsLongScriptsOfOpenEndsInOneGo() {
        for part in [
            "/* ", "$a$ ", "[a ", "'", "COPY a FROM stdin;", "# ", "(", "\\ ", "WITH a AS (DELETE ",
        ] {
            let script = SQLScript(Array(String(repeating: part, count: 40_000).utf8))
            #expect(script.textDigest() != .zero && script.objects.count < 2)
        }
    }
}
