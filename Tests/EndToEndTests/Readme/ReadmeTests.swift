import Foundation
import LedgerCore
import LedgerIngest
import LedgerReport
import TestSupport
import Testing

/// The README is what it says: its commands run, its tables are whole.
///
/// `LEDGER_WRITE_DOCS=1 swift test --filter ReadmeTests` writes into it what is not as it is now.
@Suite(.serialized) struct ReadmeTests {
    private static let writes = ProcessInfo.processInfo.environment["LEDGER_WRITE_DOCS"] == "1"

    @Test func everyCommandPrintsWhatTheReadmeSays() throws {
        var readme = try Readme()
        let results = try ReadmeSession().run(readme.steps)
        try #require(results.count > 20)
        for (number, result) in results.enumerated().reversed() {
            let command = result.command
            if result.status != 0 {
                let next = number + 1 < results.count ? results[number + 1].command.text : ""
                #expect(next == "echo $?", "README.md:\(command.line): exits with \(result.status)")
            }
            if Printed.matches(result.printed, command.printed) { continue }
            if Self.writes {
                readme.lines.replaceSubrange(command.output, with: result.printed)
            } else {
                let (expected, printed) = (command.printed, result.printed)
                Issue.record(
                    """
                    README.md:\(command.line): $ \(command.text)
                    says:
                    \(expected.map(Printed.normal).joined(separator: "\n"))
                    prints:
                    \(printed.map(Printed.normal).joined(separator: "\n"))
                    """)
            }
        }
        if Self.writes { try readme.write() }
    }

    @Test func theTableOfMembersIsThatOfTheReader() throws {
        var readme = try Readme()
        let begin = try #require(readme.lines.firstIndex { $0.hasPrefix(EventReference.begin) })
        let end = try #require(readme.lines.firstIndex(of: EventReference.end))
        if Self.writes {
            readme.lines.replaceSubrange(begin + 1..<end, with: EventReference.lines)
            return try readme.write()
        }
        #expect(Array(readme.lines[begin + 1..<end]) == EventReference.lines)
    }

    @Test func theTableOfRulesIsThatOfTheRules() throws {
        var readme = try Readme()
        let begin = try #require(readme.lines.firstIndex { $0.hasPrefix("<!-- rules:") })
        let end = try #require(readme.lines.firstIndex(of: "<!-- /rules -->"))
        let made = ("\n" + RuleTable.markdown).components(separatedBy: "\n")
        if Self.writes {
            readme.lines.replaceSubrange(begin + 1..<end, with: made)
            return try readme.write()
        }
        #expect(Array(readme.lines[begin + 1..<end]) == made)
    }

    @Test func theTableOfToolsIsThatOfTheAdapters() throws {
        var readme = try Readme()
        let begin = try #require(readme.lines.firstIndex { $0.hasPrefix("<!-- tools:") })
        let end = try #require(readme.lines.firstIndex(of: "<!-- /tools -->"))
        let made =
            [
                "", "| tool | table | who | when | outcome | content | rollback |",
                "| --- | --- | --- | --- | --- | --- | --- |",
            ]
            + ToolHistories.all.map { history in
                let knows = history.knowledge
                return "| \(history.name) | `\(history.tables[0])` | \(knows.who) | "
                    + "\(knows.when) | \(knows.outcome) | \(knows.content) | \(knows.rollback) |"
            } + [""]
        if Self.writes {
            readme.lines.replaceSubrange(begin + 1..<end, with: made)
            return try readme.write()
        }
        #expect(Array(readme.lines[begin + 1..<end]) == made)
    }

    /// What a pipeline's lines do, with the variables that the service sets.
    @Test func thePipelinesLinesRecord() throws {
        let readme = try Readme()
        let services: [String: [String: String]] = [
            "# GitHub Actions": [
                "GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "acme/orders", "GITHUB_RUN_ID": "7",
                "GITHUB_SERVER_URL": "https://github.com", "GITHUB_ACTOR": "anna",
            ],
            "# GitLab CI": [
                "GITLAB_CI": "true", "CI_JOB_URL": "https://gitlab.com/acme/orders/-/jobs/7",
                "GITLAB_USER_LOGIN": "anna",
            ],
        ]
        for (title, variables) in services {
            let block = try #require(
                readme.blocks.first { readme.lines[$0.range].first == title }, "\(title)")
            let lines = readme.lines[block.range].compactMap { line in
                line.range(of: "ledger run").map { String(line[$0.lowerBound...]) }
            }
            try #require(lines.count == 1, "\(title)")
            let texts = ["ledger init", lines[0], "ledger query -o json"]
            let commands = texts.map { Readme.Command(text: $0, output: 0..<0, printed: []) }
            let results = try ReadmeSession().run(
                commands.map(Readme.Step.command),
                variables: variables.merging(
                    ["LEDGER": "changes.db", "LEDGER_SERVICE": "orders", "LEDGER_ENV": "prod"]
                ) { $1 })
            #expect(results.map(\.status) == [0, 0, 0], "\(title): \(results.map(\.printed))")
            let answer = results[2].printed.joined()
            #expect(answer.contains("\"actor\":{\"id\":\"anna\""), "\(title): \(answer)")
            #expect(answer.contains("\"run\":\"https://git"), "\(title): \(answer)")
        }
    }

    @Test func everyErrorVariableAndKeyIsNamed() throws {
        let text = try Readme().text
        for code in LedgerError.Code.allCases {
            #expect(text.contains("`\(code.rawValue)`"), "\(code.rawValue)")
        }
        for name in try variables() {
            #expect(text.contains("`\(name)`"), "\(name)")
        }
        for key in ["ledger", "services", "aliases", "targets", "paths", "tool", "address"] {
            #expect(text.contains("`\(key)") || text.contains(".\(key)`"), "\(key)")
        }
    }

    @Test func everyLinkLeadsSomewhere() throws {
        let text = try Readme().text
        for part in text.components(separatedBy: "](").dropFirst() {
            let target = String(part.prefix { $0 != ")" })
            if target.hasPrefix("http") { continue }
            if target.hasPrefix("#") {
                let heading = "\n### \(target.dropFirst())\n"
                #expect(text.lowercased().contains(heading), "\(target)")
                continue
            }
            let path = Readme.package.appendingPathComponent(target).path
            #expect(FileManager.default.fileExists(atPath: path), "\(target)")
        }
    }

    @Test func wildcardsStandForWhatDiffersAndForNothingElse() {
        let hash = String(repeating: "0f", count: 32)
        #expect(Printed.matches(["ledger: #1 \(hash)"], ["ledger: #1 9f2c61ab"]))
        #expect(!Printed.matches(["ledger: #2 \(hash)"], ["ledger: #1 \(hash)"]))
        #expect(
            Printed.matches(["2026-11-24 09:11+00  a  13 ms"], ["2025-01-02 03:04+01    a  1.2 s"]))
        #expect(Printed.matches(["a", "b", "c", "d"], ["a", "…", "d"]))
        #expect(!Printed.matches(["a", "b"], ["a"]))
        #expect(Printed.matches(["Error: UNIQUE failed (19)"], ["…UNIQUE failed…"]))
        #expect(!Printed.matches(["Error: CHECK failed (19)"], ["…UNIQUE failed…"]))
    }

    /// The variables that the product reads.
    private func variables() throws -> Set<String> {
        let sources = Readme.package.appendingPathComponent("Sources")
        let names = FileManager.default.enumerator(atPath: sources.path)
        var found: Set<String> = ["LEDGER", "NO_COLOR"]
        while let name = names?.nextObject() as? String {
            guard name.hasSuffix(".swift") else { continue }
            let text = try String(
                contentsOf: sources.appendingPathComponent(name), encoding: .utf8)
            for part in text.components(separatedBy: "\"LEDGER_").dropFirst() {
                let rest = part.prefix { $0 != "\"" }
                if rest.allSatisfy({ $0.isUppercase || $0 == "_" }) {
                    found.insert("LEDGER_\(rest)")
                }
            }
        }
        try #require(found.count > 15)
        return found
    }
}
