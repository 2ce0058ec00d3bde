import ArgumentParser
import LedgerCore
import LedgerReport

struct Info: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info",
        abstract: "Show the ledger's name, size and span of time.",
        discussion: """
              ledger info
              ledger info --ledger changes.db -o json
            """)

    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup var ledger: LedgerOptions

    func run() async throws {
        let summary = try await ledger.view().summary()
        switch output.recordFormat {
        case nil: try SummaryReport.writeText(summary, output.appearance, to: output.output)
        case .json: try SummaryReport.writeJSON(summary, to: output.output)
        case let format?:
            var writer = RecordWriter(format, of: SummaryReport.definition, to: output.output)
            try writer.write(summary)
            try writer.finish()
        }
    }
}
