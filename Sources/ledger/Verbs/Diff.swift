import ArgumentParser
import LedgerCore
import LedgerCorrelation
import LedgerOperations
import LedgerReport

struct Diff: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "What one environment or tenant has and another has not.",
        discussion: """
              ledger diff stage prod
              ledger diff prod/acme prod/globex --service orders
              ledger diff 'prod@{2 weeks ago}' prod

            Exits with 0 also if there are differences.
            """)

    @Argument(help: "prod, prod/acme, or prod@{yesterday}.") var left: String
    @Argument(help: "What it is compared with.") var right: String

    @Option(help: "Only of this service; repeatable.") var service: [String] = []

    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup var ledger: LedgerOptions

    func run() async throws {
        let configuration = try Configuration.current()
        let now = Now.timestamp
        let (leftPlace, leftAt) = try place(left, now, configuration)
        let (rightPlace, rightAt) = try place(right, now, configuration)
        var inquiry = DiffInquiry(left: leftPlace, right: rightPlace)
        inquiry.leftAt = leftAt
        inquiry.rightAt = rightAt
        inquiry.services = try Setting.values(service, "--service")
        let rows = try await ledger.view().reply(to: inquiry).rows
        if let format = output.recordFormat {
            return try DiffRow.write(rows, as: format, to: output.output)
        }
        try DiffReport.writeTable(
            rows, left: left, right: right, output.appearance, to: output.output)
        Terminal.note(DiffReport.closingLine(rows))
    }

    private func place(
        _ text: String, _ now: Timestamp, _ configuration: Configuration
    ) throws(LedgerError) -> (PlaceName, Timestamp?) {
        var name = text[...]
        var time: Timestamp?
        if text.hasSuffix("}"), let at = text.firstIndex(of: "@"),
            text[at...].dropFirst().first == "{"
        {
            name = text[..<at]
            time = try TimeBounds.past(
                String(text[at...].dropFirst(2).dropLast()), option: text, now: now,
                local: output.local)
        }
        let parts = name.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let resolved =
            ([configuration.environment(String(parts.first ?? ""))]
            + parts.dropFirst().map(String.init))
            .joined(separator: "/")
        guard let place = PlaceName(resolved) else {
            throw LedgerError(
                .usage, "\(VisibleName.of(text)) names no place",
                advice: "write it like prod, prod/acme or 'prod@{2 weeks ago}'")
        }
        return (place, time)
    }
}
