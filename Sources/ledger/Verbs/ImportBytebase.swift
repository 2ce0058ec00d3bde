import ArgumentParser
import LedgerCore
import LedgerIngest
import LedgerOperations

struct ImportBytebase: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bytebase",
        abstract: "Take in Bytebase's changelogs, revisions and audit logs.",
        discussion: """
            From what its API lists, page after page. Changelogs and revisions become deployments; of \
            the audit log, statements by hand do, and verdicts on the issues of changelogs in the \
            same file become reviews. Databases are told apart by the targets of ledger.yaml, with \
            addresses like instances/prod/databases/orders.

              curl -H "Authorization: Bearer $TOKEN" "$BYTEBASE/v1/instances/prod/\\
            databases/orders/changelogs?pageSize=1000&view=CHANGELOG_VIEW_FULL" |
                ledger import bytebase - --service orders --env prod
              ledger import bytebase pages.ndjson
            """)

    @Argument(help: "The file, or - for standard input.") var file: String
    @OptionGroup(title: "Where") var target: TargetFlags
    @OptionGroup var ledger: LedgerOptions

    func run() async throws {
        let targets = try targets(try Configuration.current())
        let bytes = try TextFile.bytes(file, limit: ReportOptions.byteLimit)
        let made = try TakenReport.reading(file) { () throws(LedgerError) in
            try BytebaseImport(bytes, target: targets)
        }
        try await TakenReport.record(
            made.events, source: "import bytebase", made.remarks, in: ledger)
    }

    /// The one that the flags name, for all or for `--database` alone; else that of ledger.yaml.
    private func targets(
        _ configuration: Configuration
    ) throws(LedgerError) -> (String) -> Target? {
        guard let given = try target.givenTarget(configuration) else {
            return { configuration.target(at: $0) }
        }
        return { given($0.split(separator: "/").last.map(String.init)) }
    }
}
