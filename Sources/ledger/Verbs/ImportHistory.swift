import ArgumentParser
import Glibc
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

    @OptionGroup(title: "Where") var target: TargetFlags

    @Option(help: ArgumentHelp("A SQLite file.", valueName: "path")) var databaseFile: String?
    @Option(help: ArgumentHelp("A PostgreSQL database, for psql -d. [$LEDGER_DATABASE_URL]"))
    var url: String?
    @Option(
        help: ArgumentHelp(
            "A dump of the table: CSV with a header, JSON, NDJSON; - for standard input.",
            valueName: "path"))
    var dump: String?
    @Option(
        help: ArgumentHelp("Each of these targets of ledger.yaml.", valueName: "pattern"))
    var targets: String?
    @Option(help: "The table's name, if it has another one: app.history.") var table: String?
    @Option(
        help: ArgumentHelp(
            "Of times that don't say theirs: UTC, +02:00, Europe/Berlin. SQLite's are UTC.",
            valueName: "zone"))
    var timeZone: String?

    @OptionGroup var ledger: LedgerOptions

    func validate() throws {
        if [databaseFile, url, dump, targets].compactMap(\.self).count > 1 {
            throw ValidationError(
                "--database-file, --url, --dump and --targets exclude each other.")
        }
    }

    func run() async throws {
        let configuration = try Configuration.current()
        let sources = try sources(configuration)
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
        let zone = try timeZone.map { (name) throws(LedgerError) in
            ToolZone(secondsAhead: try NamedZone.secondsAhead(name))
        }
        let reading = try source.open(History.self, table: table)
        let table = ToolTable(
            History.self, of: source.target, database: source.database,
            reading: ToolReading(
                table: reading.table, zone: zone ?? (source.isSQLite ? .utc : .unknown)))
        var known = KnownRows(of: table)
        try await ledger.view().forEachRow(matching: KnownRows.query(of: table)) { row in
            known.add(row)
            return true
        }
        let progress = ProgressBox("rows")
        defer { progress.end() }
        let rows = RowBatches(reading, ToolImport(table, known: known)) { progress.show($0) }
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
            "\(source.target.text): \(Number.grouped(Int64(rows.rowCount))) rows in "
                + "\(reading.table), \(Number.grouped(tally.newCount)) recorded")
    }

    private func sources(_ configuration: Configuration) throws -> [TableSource] {
        if let targets {
            let pattern = TargetPattern(targets)
            let known = configuration.targets.filter { pattern.matches($0.target) }
            if known.isEmpty {
                throw LedgerError(
                    .notFound, "no target of ledger.yaml is \(VisibleName.of(targets))",
                    advice: "write SERVICE/ENVIRONMENT/TENANT, * for any")
            }
            return known.map { TableSource($0, in: configuration.folder ?? ".") }
        }
        var event = JSONObject()
        try target.fill(&event, configuration)
        let url = try Setting.value(url, "--url", "LEDGER_DATABASE_URL")
        let place: TableSource.Place
        if let file = try Setting.value(databaseFile, "--database-file") {
            place = .sqlite(file)
        } else if let dump = try Setting.value(dump, "--dump") {
            place = .dump(dump)
        } else if let url {
            place = .postgres(url)
        } else {
            throw LedgerError(
                .usage, "it is not said where \(History.tables[0]) is",
                advice: "name it with --database-file, --url, --dump or --targets")
        }
        var target = Target(of: event)
        if let known = TableSource.target(of: place, configuration) {
            target = Target(
                service: target.service ?? known.service,
                environment: target.environment ?? known.environment,
                tenant: target.tenant ?? known.tenant, region: target.region ?? known.region,
                cluster: target.cluster ?? known.cluster)
        }
        target.service = target.service ?? configuration.onlyService
        guard target.service != nil, target.environment != nil else {
            throw LedgerError(
                .usage, "it is not said of which service and environment this history is",
                advice:
                    "give --service and --env, or name the database under targets in ledger.yaml")
        }
        return [TableSource(target, event["database"]?.string, place)]
    }
}

/// Where a table is, and of which target it tells.
struct TableSource {
    enum Place {
        case sqlite(String)
        case postgres(String)
        case dump(String)
    }

    let target: Target
    let database: String?
    let place: Place

    init(_ target: Target, _ database: String?, _ place: Place) {
        self.target = target
        self.database = database
        self.place = place
    }

    /// A target of `ledger.yaml`: its address is a SQLite file that is there, or `host/database`.
    init(_ known: Configuration.KnownTarget, in folder: String) {
        let address = known.address
        let file = address.hasPrefix("/") ? address : "\(folder)/\(address)"
        let isFile = access(file, F_OK) == 0
        self.init(
            known.target, isFile ? nil : address.split(separator: "/").last.map(String.init),
            isFile ? .sqlite(file) : .postgres("postgresql://\(address)"))
    }

    var isSQLite: Bool {
        if case .sqlite = place { true } else { false }
    }

    static func target(of place: Place, _ configuration: Configuration) -> Target? {
        let connection = ConnectionTarget(configuration)
        return switch place {
        case .sqlite(let file): connection.target(of: ["sqlite3", file])
        case .postgres(let url): connection.target(of: ["psql", "-d", url])
        case .dump: nil
        }
    }

    /// - Throws: if the table can't be read, or is not the tool's.
    func open<History: ToolHistory>(
        _ history: History.Type, table: String?
    ) throws(LedgerError) -> OpenTable {
        let tables = table.map { [$0] } ?? History.tables
        let open: OpenTable
        switch place {
        case .dump(let path):
            open = OpenTable(try ToolDump(path: path), nil, table ?? History.tables[0])
        case .sqlite(let file):
            let folder = try TableFolder()
            let rows = try folder.rows(of: tables, inSQLite: file, orderedBy: History.order)
            open = OpenTable(try ToolDump(ofTableAt: rows), folder, tables[0])
        case .postgres(let url):
            let folder = try TableFolder()
            open = OpenTable(
                try PostgresTable.dump(
                    tables, at: url, orderedBy: History.order, in: folder.path),
                folder, tables[0])
        }
        try open.check(History.self)
        return open
    }
}

/// A table of which one row is read after the other, by one thread at a time.
final class OpenTable: @unchecked Sendable {
    private let dump: ToolDump
    // Where the rows lie until they are read.
    private let folder: TableFolder?
    let table: String

    init(_ dump: ToolDump, _ folder: TableFolder?, _ name: String) {
        table = dump.table ?? name
        self.dump = dump
        self.folder = folder
    }

    func next() throws(LedgerError) -> ToolRow? { try dump.next() }

    func check<History: ToolHistory>(_ history: History.Type) throws(LedgerError) {
        guard let columns = dump.columns else { return }
        let names = columns.map { $0.lowercased() }
        let missing = History.columns.filter { !names.contains($0) }
        if missing.isEmpty { return }
        throw LedgerError(
            .invalidEvent,
            "\(table) has no column \(missing.joined(separator: ", ")): it is no table of "
                + "\(History.name), or of a version that is not known",
            advice: "its columns are " + columns.prefix(20).joined(separator: ", "))
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

/// `orders/prod/*`: names of a target's parts, `*` for any.
struct TargetPattern {
    private let parts: [Substring]

    init(_ text: String) {
        parts = text.split(separator: "/", omittingEmptySubsequences: false)
    }

    func matches(_ target: Target) -> Bool {
        let names = [
            target.service, target.environment, target.tenant, target.region, target.cluster,
        ].compactMap(\.self)
        if names.count < parts.count { return false }
        return zip(parts, names).allSatisfy { part, name in
            part == "*" || String(part).hasSameBytes(as: name)
        }
    }
}
