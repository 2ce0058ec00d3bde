import Glibc
import LedgerCore
import LedgerIngest
import LedgerOperations

/// A tool's own table, of which one row is read after the other, by one thread at a time.
public final class OpenTable: @unchecked Sendable {
    /// The table's name.
    public let table: String
    private let dump: ToolDump

    /// A dump of it.
    ///
    /// - Throws: if it is not the tool's.
    public init(
        dump: ToolDump, of history: any ToolHistory.Type, named name: String
    ) throws(LedgerError) {
        (self.dump, table) = (dump, name)
        try check(history)
    }

    /// Reads it from a database.
    ///
    /// - Parameters:
    ///   - tables: the names that it may have.
    ///   - milliseconds: how long a server may take.
    /// - Throws: `notFound` if it is not there; if it can't be read, or is not the tool's.
    public init(
        of history: any ToolHistory.Type, named tables: [String], in database: ToolDatabase,
        milliseconds: Int64 = 600_000
    ) throws(LedgerError) {
        // Once its file is open it needs no name any more: whoever is killed leaves nothing behind.
        let folder = try PrivateFolder()
        defer { withExtendedLifetime(folder) {} }
        switch database {
        case .sqlite(let file):
            let rows = try folder.rows(of: tables, inSQLite: file, orderedBy: history.order)
            dump = try ToolDump(ofTableAt: rows)
        case .postgres(let url, let password):
            dump = try PostgresTable.dump(
                tables, at: url, password: password, orderedBy: history.order, in: folder.path,
                milliseconds: milliseconds)
        }
        table = dump.table ?? tables[0]
        try check(history)
    }

    /// The next row; nil at the end.
    public func next() throws(LedgerError) -> ToolRow? { try dump.next() }

    private func check(_ history: any ToolHistory.Type) throws(LedgerError) {
        guard let columns = dump.columns else { return }
        let names = columns.map { $0.lowercased() }
        let missing = history.columns.filter { !names.contains($0) }
        if missing.isEmpty { return }
        throw LedgerError(
            .invalidEvent,
            "\(table) has no column \(missing.joined(separator: ", ")): it is no table of "
                + "\(history.name), or of a version that is not known",
            advice: "its columns are " + columns.prefix(20).joined(separator: ", "))
    }
}

/// Reads a migration tool's table before its command and after, in each database that it may change.
struct ToolWatch {
    // A command must not wait long for what is only to be recorded: so long for one table, and for all
    // of them.
    private var milliseconds: Int64 { places.count > 1 ? 2000 : 5000 }
    private static let allMilliseconds: Int64 = 10_000

    private let command: ToolCommand
    // None if nobody knows its database: what it prints is all that tells then.
    private let places: [TargetDatabase]

    /// Nil if the command is no migration tool's.
    init?(_ request: RunRequest, _ surroundings: RunSurroundings) {
        guard request.change == nil,
            let command = Self.command(request, surroundings)
        else { return nil }
        self.command = command
        let known = request.toolDatabase ?? command.database
        let meant = request.targetDatabases.filter { known?.isSame(as: $0.database) ?? true }
        if meant.count > 1 {
            places = meant
        } else if let database = known ?? meant.first?.database {
            places = [TargetDatabase(target: request.target, database: database)]
        } else {
            places = []
        }
    }

    /// A tool's command, or, with `--tool`, one that calls a tool.
    private static func command(
        _ request: RunRequest, _ surroundings: RunSurroundings
    ) -> ToolCommand? {
        let variables = surroundings.variables
        if let own = ToolCommand(request.command, environment: variables, read: text) { return own }
        guard let tool = request.tool, request.file == nil,
            RecognizedCommand(command: request.command, environment: variables, userName: nil)
                .tool == nil
        else { return nil }
        return ToolCommand(calling: tool, environment: variables, read: text)
    }

    /// What stands in the tables now.
    ///
    /// - Returns: one for each target whose table could be read, and why not all could.
    func before() -> (tools: [ToolRun], notes: [String]) {
        let deadline = RunClock.monotonicMilliseconds() + Self.allMilliseconds
        if places.isEmpty || command.plansItself {
            return ([ToolRun(byOutputOf: command)], [])
        }
        var tools: [ToolRun] = []
        var reason: String?
        for place in places {
            if RunClock.monotonicMilliseconds() > deadline {
                reason = reason ?? "their tables took too long"
                break
            }
            do throws(LedgerError) {
                tools.append(try before(place))
            } catch {
                reason = reason ?? error.message
            }
        }
        guard let reason else { return (tools, []) }
        if places.count == 1 {
            return (
                [ToolRun(byOutputOf: command)], ["what ran is taken from what it prints: \(reason)"]
            )
        }
        return (
            tools,
            [
                "what ran is recorded change by change for \(tools.count) of \(places.count) "
                    + "targets: \(reason)"
            ]
        )
    }

    private func before(_ place: TargetDatabase) throws(LedgerError) -> ToolRun {
        let rows = try open(place.database)
        var command = command
        command.database = place.database
        let isSQLite = if case .sqlite = place.database { true } else { false }
        let table = ToolTable(
            command.history, of: place.target, database: nil,
            reading: ToolReading(
                table: rows?.table ?? newTable(isSQLite: isSQLite),
                zone: isSQLite ? .utc : .unknown))
        return try ToolRun(command, table, place: places.count > 1 ? place : nil) {
            () throws(LedgerError) in try rows?.next()
        }
    }

    /// What the table will be called that the command makes: PostgreSQL turns names into small letters.
    private func newTable(isSQLite: Bool) -> String {
        let small = isSQLite ? nil : command.tables.first { $0 == $0.lowercased() }
        return small ?? command.tables[0]
    }

    /// The rows now of what `before` gave.
    func after(_ tool: ToolRun) throws(LedgerError) -> ToolRows {
        guard let database = tool.command.database, !tool.isToldByOutput else { return { nil } }
        let rows = try open(database)
        return { () throws(LedgerError) in try rows?.next() }
    }

    /// Nil if there is no table, or no database, yet.
    private func open(_ database: ToolDatabase) throws(LedgerError) -> OpenTable? {
        if case .sqlite(let file) = database, access(file, F_OK) != 0 { return nil }
        do throws(LedgerError) {
            return try OpenTable(
                of: command.history, named: command.tables, in: database,
                milliseconds: milliseconds)
        } catch {
            if error.code == .notFound { return nil }
            throw error
        }
    }

    // Settings of tools are short.
    private static func text(_ path: String) -> String? {
        guard let bytes = try? TextFile.bytes(path, limit: 1 << 20) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
}
