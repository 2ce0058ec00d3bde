import Foundation
import TestSupport
import Testing

@Suite struct CommandHelpTests {
    static let verbs = [
        "", "init", "record", "record deployment", "record review", "record note",
        "record incident", "run", "import", "import events", "import git", "import flyway",
        "import golang-migrate", "reconcile", "reconcile flyway", "reconcile golang-migrate",
        "import sqlfluff", "import squawk", "import sqlcheck",
        "import junit",
        "import github", "import gitlab", "import ticket", "import pgaudit", "import mariadb-audit",
        "import bytebase",
        "import ddl-events",
        "hook", "hook postgres",
        "rollback",
        "rollback set", "rollback show", "rollback steps", "rollback coverage",
        "correct", "path", "path set", "target", "target add",
        "target retire",
        "config", "config apply",
        "query", "status", "diff", "check", "acknowledge", "gate",
        "freeze", "freeze add", "freeze list", "freeze lift", "why", "log", "show", "verify",
        "head", "export", "export make", "export verify", "sample", "link", "link list",
        "link assert",
        "link retract", "person", "person alias",
        "info",
        "spool",
        "spool list", "spool send", "spool drop", "reindex", "backup", "redact", "forget", "hold",
        "hold add", "hold list", "hold lift", "subject", "archive", "archive create",
        "archive restore", "archive list", "serve", "token",
        "token create", "token list", "token revoke",
    ]

    private static let helps = Result {
        try Dictionary(uniqueKeysWithValues: verbs.map { ($0, try printHelp($0)) })
    }

    private func help(_ verb: String) throws -> [String] {
        try #require(try Self.helps.get()[verb])
    }

    private static func printHelp(_ verb: String) throws -> [String] {
        let words = verb.split(separator: " ").map(String.init)
        let result = try Shell.execute(
            BuiltLedger.executable(), ["help"] + words, environment: ["COLUMNS": "80"])
        #expect(result.status == 0)
        return result.standardOutput.split(separator: "\n", omittingEmptySubsequences: false)
            .map(String.init)
    }

    @Test(arguments: verbs) func everyVerbShowsAnExampleThatFitsTheTerminal(verb: String) throws {
        let lines = try help(verb)
        let overview = try #require(lines.firstIndex { $0.hasPrefix("USAGE:") })
        let examples = lines[..<overview].indices.filter {
            lines[$0].hasPrefix("  ledger \(verb)")
        }
        #expect(!examples.isEmpty, "ledger help \(verb)")
        for line in lines[..<overview] {
            #expect(line.utf8.allSatisfy { $0 < 0x80 }, "manual pages would lose it: \(line)")
        }
        for example in examples where lines[example].hasSuffix("\\") == false {
            let next = lines[example + 1]
            #expect(next.isEmpty || next.hasPrefix("  "), "broken: \(lines[example]) / \(next)")
        }
    }

    @Test(arguments: verbs) func everyFlagSaysWhatItIs(verb: String) throws {
        let lines = try help(verb)
        for (number, line) in lines.enumerated() where line.hasPrefix("  -") {
            let next = number + 1 < lines.count ? lines[number + 1] : ""
            let says = line.contains(/(  |> )\S+( \S+)+$|  \S+$/)
            #expect(
                says || next.hasPrefix(String(repeating: " ", count: 26)),
                "ledger help \(verb): \(line)")
        }
    }

    @Test func theListOfVerbsIsWhole() throws {
        let lines = try help("")
        let start = try #require(lines.firstIndex(of: "SUBCOMMANDS:"))
        let listed = lines[(start + 1)...].prefix { !$0.isEmpty }.compactMap { line in
            line.hasPrefix("   ") ? nil : line.split(separator: " ").first.map(String.init)
        }
        #expect(Set(listed) == Set(Self.verbs.filter { !$0.isEmpty && !$0.contains(" ") }))
    }

    @Test func withoutArgumentsItShowsItsHelp() throws {
        let result = try Shell.execute(BuiltLedger.executable(), [])
        #expect(result.status == 0)
        #expect(result.standardOutput.contains("SUBCOMMANDS:"))
    }

    @Test func itsVersionIsANumber() throws {
        let result = try Shell.execute(BuiltLedger.executable(), ["--version"])
        #expect(result.standardOutput.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
    }

    @Test(arguments: ["bash", "zsh", "fish"]) func completionsAreMade(shell: String) throws {
        let folder = try TemporaryFolder()
        let result = try Shell.execute(
            BuiltLedger.executable(), ["--generate-completion-script", shell])
        #expect(result.status == 0)
        #expect(result.standardOutput.contains("require-record"))
        let path = try folder.write(result.standardOutput, to: "completions")
        if shell == "bash" {
            let checked = try Shell.execute("bash", ["-n", path])
            #expect(checked.status == 0, "\(checked.standardError)")
        }
    }

    @Test(arguments: [
        (["quer"], "Unexpected argument 'quer'"),
        (["query", "--envv", "x"], "Did you mean '--env'"),
        (["query", "-o", "xml"], "'table', 'json', 'ndjson' or 'csv'"),
        (["query", "--limit", "0"], "at least 1"), (["show"], "Missing expected argument"),
        (["show", "1", "-o", "csv"], "-o table and -o json"), (["run"], "after --"),
        (["run", "true"], "after --"), (["spool", "drop"], "--all"),
        (["correct", "0", "--env", "x"], "--reason"), (["correct", "x", "-m", "y"], "'<index>'"),
        (["log", "--from", "3", "--to", "1"], "--to"),
    ])
    func wrongFlagsAreUsage(arguments: [String], words: String) throws {
        try Shell.execute(BuiltLedger.executable(), arguments).expect(64, words, "Usage: ledger")
    }
}
