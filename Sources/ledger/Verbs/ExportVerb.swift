import ArgumentParser
import LedgerCore
import LedgerOperations
import LedgerReport

struct ExportVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Evidence for auditors: a report with a cover sheet.",
        discussion: """
            Makes a folder with the report's rows, how they were chosen, and a cover sheet that \
            says what there is to know about them. Every time in it is UTC. Making it is an entry \
            of the ledger itself. The folder appears whole or not at all.

              ledger export --list
              ledger export change-population --period 2026-Q4 --env prod \\
                --out q4
              ledger export deployments --since 30d --format ndjson --out -
              ledger export verify q4 --ledger ledger.db
            """,
        subcommands: [ExportMake.self, ExportVerify.self], defaultSubcommand: ExportMake.self)
}

struct ExportMake: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "make",
        abstract: "Make a report: what ledger export REPORT does.",
        discussion: """
            In CSV (RFC 4180, UTF-8, with a header), a list in a cell is JSON, and text that a \
            spreadsheet would take for a formula has a ' in front.

              ledger export make change-population --period 2026-Q4 --out q4
              ledger export make --definition ours.yaml --env prod --out ours
            """)

    @Flag(help: "Show which reports there are.") var list = false
    @OptionGroup var options: ExportOptions

    func validate() throws {
        if !list { try options.check() }
    }

    func run() async throws {
        if list { return try ReportList.show(WrittenDefinition.all()) }
        try await options.run(sample: nil)
    }
}

/// `ledger export --list`.
enum ReportList {
    static func show(_ all: [WrittenDefinition]) throws {
        let width = all.map(\.definition.name.utf8.count).max() ?? 0
        for definition in all.map(\.definition) {
            let name = definition.name.padding(toLength: width)
            try Output.line("\(name)  \(definition.title)")
            try Output.line(
                String(repeating: " ", count: width) + "  " + definition.answers)
            try Output.line(
                String(repeating: " ", count: width) + "  "
                    + definition.serves.joined(separator: ", "))
        }
    }
}

extension String {
    fileprivate func padding(toLength length: Int) -> String {
        self + String(repeating: " ", count: max(0, length - utf8.count))
    }
}
