import ArgumentParser
import LedgerClient
import LedgerCore
import LedgerIngest
import LedgerOperations

/// `ledger import flyway` and its siblings: the history that a tool keeps in each database.
struct ImportHistory<History: ToolHistory>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        let name = History.name
        return CommandConfiguration(
            commandName: name,
            abstract: "Take in \(History.tables[0]), \(name)'s own history.",
            discussion: """
                Each row becomes a deployment, once: it can run on a schedule. What the table \
                doesn't say stays unknown. A row that is not as it was read before is told, and \
                becomes a finding.

                  ledger import \(name) --service orders --env dev \\
                    --database-file app.db
                  ledger import \(name) --service orders --env prod \\
                    --url postgres://app@db1/orders
                  psql --csv -c 'TABLE \(History.tables[0])' | \\
                    ledger import \(name) --service orders --env prod --dump -
                  ledger import \(name) --targets 'orders/prod/*'
                """)
    }

    @OptionGroup var place: TableOptions
    @Option(
        help: ArgumentHelp(
            "Where the scripts lie: those whose checksums fit are attached, others are told.",
            valueName: "folder"))
    var scripts: String?

    @OptionGroup var ledger: LedgerOptions

    func run() async throws {
        let configuration = try Configuration.current()
        let sources = try place.sources(configuration, of: History.self)
        var failure: LedgerError?
        for source in sources {
            do {
                try await take(source)
            } catch let error as LedgerError where sources.count > 1 {
                Terminal.note("\(source.target.text): \(error.message)")
                failure = failure ?? error
            }
        }
        if failure != nil { throw ExitCode(1) }
    }

    private func take(_ source: TableSource) async throws {
        let folder = try scripts.map { (path) throws(LedgerError) in
            try ScriptFolder(path: path, tool: History.tool)
        }
        let (reading, table) = try place.open(source, History.self)
        var known = KnownRows(of: table)
        try await ledger.view().forEachRow(matching: KnownRows.query(of: table)) { row in
            known.add(row)
            return true
        }
        let progress = ProgressBox("rows")
        defer { progress.end() }
        let rows = RowBatches(reading, ToolImport(table, known: known, scripts: folder)) {
            progress.show($0)
        }
        var tally = Tally()
        do {
            try await ledger.withWriter { ledger in
                try await ledger.recordAll(
                    source: table.source, next: { () throws(LedgerError) in try rows.next() }
                ) { for receipt in $0 { tally.add(receipt) } }
            }
        } catch let error as LedgerError {
            throw LedgerError(
                error.code, error.message + ". Nothing of \(source.target.text) was recorded",
                advice: error.advice, cause: error.cause)
        }
        progress.end()
        for remark in rows.remarks { Terminal.note("\(source.target.text): \(remark)") }
        if let last = tally.last { Output.receipt(last) }
        Terminal.note(
            "\(source.target.text): \(Number.grouped(Int64(rows.rowCount))) \(rows.rowCount == 1 ? "row" : "rows") "
                + "in \(reading.table), \(Number.grouped(tally.newCount)) recorded")
    }
}

/// The events of a table, in batches; used by one thread at a time.
final class RowBatches: @unchecked Sendable {
    private static let batchCount = 512

    private let table: OpenTable
    private var reading: ToolImport
    private let told: (Int64) -> Void
    private var rest: [Event]?
    private(set) var remarks: [String] = []

    init(_ table: OpenTable, _ reading: ToolImport, told: @escaping (Int64) -> Void) {
        self.table = table
        self.reading = reading
        self.told = told
    }

    var rowCount: Int { reading.rowCount }

    func next() throws(LedgerError) -> EventBatch? {
        var batch: EventBatch = []
        while rest == nil, batch.count < Self.batchCount {
            guard let row = try table.next() else {
                try finish()
                break
            }
            if let event = try reading.event(of: row) { batch.append((row.number, event)) }
            told(Int64(row.number))
        }
        while batch.count < Self.batchCount, let event = rest?.first {
            rest?.removeFirst()
            batch.append((reading.rowCount, event))
        }
        return batch.isEmpty && rest != nil ? nil : batch
    }

    private func finish() throws(LedgerError) {
        rest = try reading.finish()
        remarks += reading.remarks
    }
}
