import ArgumentParser
import LedgerClient
import LedgerCore
import LedgerIngest
import LedgerOperations
import LedgerReport

struct Reconcile: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile",
        abstract: "Hold a tool's own table against the ledger, both ways.",
        discussion: """
              ledger reconcile flyway --service orders --env prod \\
                --url postgres://app@db1/orders
              ledger reconcile alembic --targets 'orders/prod/*'
            """,
        subcommands: ToolHistories.all.filter { $0.tool != .none }.map { history($0) })

    private static func history<History: ToolHistory>(
        _ history: History.Type
    ) -> any ParsableCommand.Type {
        ReconcileHistory<History>.self
    }
}

struct ReconcileHistory<History: ToolHistory>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        let name = History.name
        return CommandConfiguration(
            commandName: name,
            abstract: "Hold \(History.tables[0]) against the ledger, both ways.",
            discussion: """
                Lists the changes that are there by the table and not by the ledger, and those \
                that are there by the ledger and have no row. What came out is recorded, and stands \
                on the covers of exports. Exits with 3 if they differ.

                  ledger reconcile \(name) --service orders --env dev \\
                    --database-file app.db
                  ledger reconcile \(name) --targets 'orders/prod/*'
                """)
    }

    @OptionGroup var place: TableOptions

    @Flag(help: "Leave the ledger as it is.") var noRecord = false

    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup var ledger: LedgerOptions

    func run() async throws {
        let configuration = try Configuration.current()
        var found: [ReconciledRow] = []
        for source in try place.sources(configuration, of: History.self) {
            found += try await reconcile(source)
        }
        if let format = output.recordFormat {
            try ReconciledRow.write(found, as: format, to: output.output)
        } else {
            try ReconciledTable.write(found, output.appearance, to: output.output)
        }
        if !found.isEmpty { throw ExitCode(3) }
    }

    private func reconcile(_ source: TableSource) async throws -> [ReconciledRow] {
        let (open, table) = try place.open(source, History.self)
        var reconciliation = ToolReconciliation(table)
        while let row = try open.next() { try reconciliation.add(row) }
        try await ledger.view().forEachRow(matching: ToolReconciliation.query(of: table)) { row in
            reconciliation.add(row)
            return true
        }
        let differences = reconciliation.differences
        if !noRecord {
            let event = try reconciliation.event(differences, at: Now.timestamp)
            try await ledger.withWriter { ledger in
                for receipt in try await ledger.record([event], source: table.source) {
                    if output.format == .table { Output.receipt(receipt) }
                }
            }
        }
        let missing = differences.count { $0.isMissing }
        Terminal.note(
            "\(source.target.text): \(missing) missing in the ledger, "
                + "\(differences.count - missing) without a row in \(open.table)")
        return differences.map {
            ReconciledRow(
                target: source.target, change: $0.change, row: $0.row, entry: $0.entry,
                isMissing: $0.isMissing)
        }
    }
}
