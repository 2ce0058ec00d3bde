import Foundation
import TestSupport
import Testing

/// Habits of the code that no compiler holds.
@Suite struct HabitTests {
    struct Place: CustomStringConvertible {
        let path: String
        let line: Int
        let text: String
        var description: String { "\(path):\(line): \(text)" }
    }

    private func lines(matching pattern: String) throws -> [Place] {
        let expression = try NSRegularExpression(pattern: pattern)
        return try SourceTree.swiftFiles().flatMap { file in
            file.tokens.code.filter { expression.matches($0.text) }.map {
                Place(path: file.path, line: $0.line, text: $0.text)
            }
        }
    }

    @Test func nothingTriesOrUnwrapsByForceOrGivesUp() throws {
        // A `!` after a name, a bracket or a quote, and before nothing that makes it `!=`.
        for pattern in [#"\btry!"#, #"\bas!"#, #"[\w)\]"]!(?!=)"#, #"\bfatalError\b"#] {
            let found = try lines(matching: pattern)
            #expect(found.isEmpty, "\(found)")
        }
    }

    @Test func noPointerOfALibraryCrossesAModule() throws {
        let found = try lines(matching: #"\b(public|open|package)\b.*\bOpaquePointer\b"#)
        #expect(found.isEmpty, "\(found)")
    }

    @Test func sqlStandsOnlyInTheSchemaAndTheStore() throws {
        // Short as they are, the SQL in examples of commands, such as `PRAGMA x`, is not meant.
        let sql = try NSRegularExpression(
            pattern:
                #"(?s)\bSELECT\b.*\bFROM\b|\bINSERT\b.*\bINTO\b|\bCREATE\s+(TABLE|INDEX|VIEW|TRIGGER)\b"#
                + #"|\bUPDATE\b.*\bSET\b|\bDELETE\s+FROM\b|\bPRAGMA\s+\w{2,}"#)
        var inStore = 0
        for file in try SourceTree.swiftFiles() {
            for string in file.tokens.strings where sql.matches(string.text) {
                if file.path.hasPrefix("Sources/LedgerStore/") {
                    inStore += 1
                } else {
                    Issue.record("\(file.path):\(string.line): \(string.text)")
                }
            }
        }
        // Else the search itself is broken.
        #expect(inStore > 10)
    }

    @Test func filesAreShortEnoughToRead() throws {
        for file in try SourceTree.swiftFiles() where file.lines.count > 420 {
            Issue.record("\(file.path) has \(file.lines.count) lines")
        }
    }

    @Test func theTopLevelHoldsWhatItShouldAndNoMore() throws {
        let git = try Shell.execute("git", ["ls-files", "-z"], folder: SourceTree.root.path)
        // Not so in an archive without the repository.
        guard git.status == 0 else { return }
        let names = git.standardOutput.split(separator: "\0").map {
            String($0.prefix { $0 != "/" })
        }
        let shown = Set(names.filter { !$0.hasPrefix(".") })
        #expect(
            shown == [
                "Package.swift", "README.md", "Makefile", "Sources", "Tests", "schema", "exports",
            ])
    }

    @Test func codeStringsAndCommentsAreToldApart() {
        let tokens = SwiftTokens(
            ##"""
            let a = "SELECT \(name("x")) FROM" // b!
            /* c! /* d! */ e! */ let f = #"\( " \#(g)"#
            let h = """
                i!
                """
            j!
            """##)
        #expect(
            tokens.code.map(\.text) == ["let a = \"\" ", " let f = \"\"", "let h = \"\"", "j!"])
        #expect(tokens.code.map(\.line) == [1, 2, 3, 6])
        #expect(tokens.strings.contains { $0.text.hasPrefix("SELECT name()") })
        #expect(tokens.strings.contains { $0.text == "x" })
        #expect(tokens.strings.contains { $0.text.contains("i!") })
    }
}

extension NSRegularExpression {
    fileprivate func matches(_ text: String) -> Bool {
        firstMatch(in: text, range: NSRange(text.startIndex..., in: text)) != nil
    }
}
