import ArgumentParser
import LedgerCore
import LedgerIngest
import LedgerOperations

/// `ledger import sqlfluff` and its siblings: what a tool printed that checks scripts.
struct ImportCheck<Report: CheckReport>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        let name = Report.name
        let example =
            Report.kind == "test"
            ? """
              ledger import \(name) report.xml --service orders
              ledger import \(name) report.xml --change orders:V42__add_index
            """
            : """
              \(Report.command) | \\
                ledger import \(name) - --service orders
              ledger import \(name) report --checked migrations/V3__c.sql
            """
        return CommandConfiguration(
            commandName: name,
            abstract: "Take in what \(name) \(Report.kind == "test" ? "reports" : "found").",
            discussion: """
                Each change that it names gets a review of kind \(Report.kind), passed or failed. \
                The same report again records nothing new.

                \(example)
                """)
    }

    @OptionGroup var report: ReportOptions

    @Option(help: "The change that all of it is about, such as orders:V42__add_index.")
    var change: String?

    @Option(
        help: ArgumentHelp(
            "A script that was checked, for tools that only name those with problems; repeatable.",
            valueName: "path"))
    var checked: [String] = []

    @Option(help: "When it ran, such as 2026-11-01T03:10:00Z, if the report doesn't say.")
    var time: String?

    @OptionGroup var ledger: LedgerOptions

    func run() async throws {
        let configuration = try Configuration.current()
        let context = CheckContext(
            scripts: try report.scripts(configuration), change: try named(configuration),
            checked: try Setting.values(checked, "--checked"), time: try moment())
        let bytes = try report.bytes()
        let made = try report.reading { () throws(LedgerError) in
            try CheckImport(Report.self, of: bytes, context)
        }
        try await TakenReport.record(
            made.events, source: "import " + Report.name, made.remarks, in: ledger)
    }

    private func moment() throws(LedgerError) -> Timestamp? {
        guard let text = try Setting.value(time, "--time") else { return nil }
        if let time = Timestamp(rfc3339: text) { return time }
        throw LedgerError(
            .usage, "--time \(VisibleName.of(text)) is no time with an offset",
            advice: "write it as 2026-11-01T03:10:00Z")
    }

    private func named(
        _ configuration: Configuration
    ) throws(LedgerError) -> (service: String, name: ChangeName)? {
        guard let text = try Setting.value(change, "--change") else { return nil }
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        let isNamed = parts.count == 2 && !parts[0].contains("/")
        let service = isNamed ? parts[0] : try configuration.service(report.service)
        let names = try ChangeNames(configuration, service: service)
        return (service, names.change(named: isNamed ? parts[1] : text))
    }
}
