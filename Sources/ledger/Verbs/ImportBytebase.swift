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
            addresses like instances/prod/databases/orders. What is not as it was read before is told, \
            and becomes a finding.

              curl -H "Authorization: Bearer $TOKEN" "$BYTEBASE/v1/instances/prod/\\
            databases/orders/changelogs?pageSize=1000&view=CHANGELOG_VIEW_FULL" |
                ledger import bytebase - --service orders --env prod
              ledger import bytebase pages.ndjson
            """)

    @Argument(help: "The file, or - for standard input.") var file: String
    @OptionGroup(title: "Where") var target: TargetFlags
    @OptionGroup var ledger: LedgerOptions

    func run() async throws {
        let configuration = try Configuration.current()
        let given = try target.givenForAll(configuration)
        let targets = given.map { [$0.target] } ?? configuration.targets.map(\.target)
        var known = BytebaseKnown()
        let query = BytebaseKnown.query(services: targets.compactMap(\.service))
        try await ledger.view().forEachRow(matching: query) {
            known.add($0)
            return true
        }
        let bytes = try TextFile.bytes(file, limit: ReportOptions.byteLimit)
        let made = try TakenReport.reading(file) { () throws(LedgerError) in
            try BytebaseImport(bytes, known: known) { database in
                guard let given else { return configuration.target(at: database) }
                return given.target(of: database.split(separator: "/").last.map(String.init))
            }
        }
        try await TakenReport.record(
            made.events, source: "import bytebase", made.remarks, in: ledger)
    }
}
