import Foundation
import LedgerCore
import TestSupport
import Testing

/// The linters themselves, and what the ledger keeps of what they say.
@Suite(.enabled(if: RealTool.folder != nil, "make test-tools installs the tools"))
struct RealToolLintTests {
    private static let scripts = [
        "V1__good": "SELECT 1;\n",
        "V2__index": "CREATE INDEX by_a\n  ON t (a);\nselect  a,b from t\n;\n",
        "V3__broken": "CREATE TABLE FROM WHERE;\n",
        "V4__column": "ALTER TABLE t ADD COLUMN c integer NOT NULL;\n",
        "V5__good": "SELECT\n    a,\n    b\nFROM t;\n",
    ]

    private func folder() throws -> Workshop {
        let shop = try Workshop(try #require(RealTool.all.first))
        try shop.file(
            "ledger.yaml", "services: {shop: {paths: [migrations/**], tool: flyway}}\n")
        for (name, sql) in Self.scripts { try shop.file("migrations/\(name).sql", sql) }
        return shop
    }

    @Test func sqlfluffsWordStands() throws {
        let shop = try folder()
        let command = ["sqlfluff", "lint", "--dialect", "postgres", "--nocolor", "migrations"]
        // What it says to people: a line for each file that fails, and one for each violation.
        var said: [String: [String]] = [:]
        var script = ""
        for line in try shop.execute(command).standardOutput.split(separator: "\n") {
            if line.hasPrefix("== [") {
                script = String(line.dropFirst(4).prefix { $0 != "]" })
            } else if line.hasPrefix("L:") {
                let parts = line.split(separator: "|").map {
                    $0.trimmingCharacters(in: .whitespaces)
                }
                let number = parts[0].dropFirst(2).trimmingCharacters(in: .whitespaces)
                said[script, default: []].append("line \(number): \(parts[2]): ")
            }
        }
        #expect(said.count == 2 && said["migrations/V3__broken.sql"]?.count == 1, "\(said)")
        let report = try shop.execute(command + ["--format", "json"])
        #expect(report.status == 1)
        let input = Data(report.standardOutput.utf8)
        try shop.ledger.run("import", "sqlfluff", "-", input: input).expect(0, "5 recorded")
        try expect(said, in: shop, of: "sqlfluff")
        try shop.ledger.run("import", "sqlfluff", "-", input: input).expect(0, "0 recorded")
    }

    @Test func squawksWordStands() throws {
        let shop = try folder()
        let names = Self.scripts.keys.sorted().map { "migrations/\($0).sql" }
        // What it says to people: `warning[RULE]: …` and ` ╭▸ PATH:LINE:COLUMN`.
        let text = try shop.execute(["squawk"] + names).standardOutput.replacing(
            #/\u{1B}(\[[0-9;]*m|\]8;;[^\u{1B}]*\u{1B}\\)/#, with: "")
        var said: [String: [String]] = [:]
        var rule = ""
        for line in text.split(separator: "\n") {
            if let title = line.firstMatch(of: #/^(?:warning|error)\[([a-z-]+)\]: /#) {
                rule = String(title.1)
            } else if let place = line.firstMatch(of: #/╭▸ (.*):([0-9]+):[0-9]+$/#) {
                said[String(place.1), default: []].append("line \(place.2): \(rule): ")
            }
        }
        let count = said.values.reduce(0) { $0 + $1.count }
        #expect(
            text.contains("Found \(count) issues in \(said.count) files (checked 5 source files)"),
            "\(text)")
        let report = try shop.execute(["squawk", "--reporter", "json"] + names)
        #expect(report.status == 1)
        let input = Data(report.standardOutput.utf8)
        let flags = ["import", "squawk", "-"] + names.flatMap { ["--checked", $0] }
        try shop.ledger.run(flags, input: input).expect(0, "5 recorded")
        try expect(said, in: shop, of: "squawk")
        try shop.ledger.run(flags, input: input).expect(0, "0 recorded")
    }

    /// That of each script there is a review with the problems that the tool told, and no others.
    private func expect(
        _ said: [String: [String]], in shop: Workshop, of tool: String
    ) throws {
        let lines = try shop.ledger.output("log", "-o", "ndjson").split(separator: "\n")
        #expect(lines.count == Self.scripts.count)
        for line in lines {
            let entry = try #require(try JSONReader.read(Array(line.utf8)).object)
            let event = try #require(entry["event"]?.object)
            let path = try #require(event[["git", "path"]]?.string)
            let problems = said[path] ?? []
            let kept = (entry[["private", "message"]]?.string ?? "").split(separator: "\n").map(
                String.init)
            #expect(kept.count == problems.count, "\(path): \(kept)")
            for (problem, words) in zip(problems.sorted(), kept.sorted()) {
                #expect(words.hasPrefix(problem), "\(path)")
            }
            let decision = event[["review", "decision"]]?.string
            #expect(decision == (problems.isEmpty ? "passed" : "failed"), "\(path)")
            #expect(event[["review", "check"]]?.string?.hasPrefix(tool) == true)
        }
    }
}
