import GRDB
import LedgerCore

/// An `EntryQuery` in the SQL of this store.
struct QuerySQL {
    private var conditions: [String] = []
    private(set) var arguments: [DatabaseValue] = []

    private static let actorColumns = ["private", "start"].map { "\($0).actor" }

    init(_ query: EntryQuery) {
        conditions.append("event.latest")
        addFilters(query)
        if let after = query.after { addStart(after, query) }
    }

    /// For the events of a range of indexes, each for itself.
    init(_ query: EntryQuery, in range: ClosedRange<Int64>) {
        conditions.append("event.idx BETWEEN ? AND ?")
        arguments += [range.lowerBound.databaseValue, range.upperBound.databaseValue]
        addFilters(query)
    }

    private mutating func addFilters(_ query: EntryQuery) {
        add("event.type", query.types.isEmpty ? ["deployment"] : query.types.map(\.rawValue))
        add("event.environment", query.environments)
        add("event.service", query.services)
        add("event.tenant", query.tenants)
        add("event.region", query.regions)
        add("event.cluster", query.clusters)
        add("event.database", query.databases)
        add("event.status", query.statuses.map(\.rawValue))
        add("event.operation", query.operations.map(\.rawValue))
        add("event.trigger_kind", query.triggers.map(\.rawValue))
        add("event.ticket", query.tickets)
        add("event.digest", query.digests)
        addAny(["event.change", "event.name"], query.changes)
        add("event.change", query.changeIDs)
        addAny(
            Self.actorColumns.flatMap {
                ["json_extract(\($0), '$[2].id')", "json_extract(\($0), '$[2].name')"]
            }, query.actors)
        addObjects(query.objects)
        addText(query.text)
        // SQLite knows nothing of the numbers: without the + it might walk a whole environment for
        // the few rows of a change.
        let unindexed = query.changeIDs.isEmpty ? "" : "+"
        let time = unindexed + (query.timeBasis == .happened ? "event.at" : "event.recorded")
        if let since = query.since { addBound("\(time) >= ?", since) }
        if let until = query.until { addBound("\(time) < ?", until) }
    }

    /// Rows of `HistoryRowReader.columns`, in order.
    func rows(_ query: EntryQuery) -> String {
        select(HistoryRowReader.columns, HistoryRowReader.source, query)
    }

    /// Rows of `HistoryRowReader.columns`, by index.
    func recordedRows() -> String {
        """
        SELECT \(HistoryRowReader.columns)
        \(HistoryRowReader.source)
        WHERE \(conditions.joined(separator: " AND "))
        ORDER BY event.idx
        """
    }

    /// Rows of `OutlineReader.columns`, in order.
    func outlines(_ query: EntryQuery) -> String {
        // A filter may look into private values.
        let source = query.actors.isEmpty && query.text == nil ? "FROM event" : OutlineReader.source
        return select(OutlineReader.columns, source, query)
    }

    /// Rows of `OutlineReader.columns` and `OutlineReader.outcomeColumns`, in any order.
    func outcomes() -> String {
        """
        SELECT \(OutlineReader.columns), \(OutlineReader.outcomeColumns) \(OutlineReader.source)
        WHERE \(conditions.joined(separator: " AND "))
        """
    }

    private func select(_ columns: String, _ source: String, _ query: EntryQuery) -> String {
        let direction = query.isReversed ? "ASC" : "DESC"
        let order =
            query.timeBasis == .happened
            ? "event.at \(direction), event.idx \(direction)" : "event.idx \(direction)"
        return """
            SELECT \(columns)
            \(source)
            WHERE \(conditions.joined(separator: " AND "))
            ORDER BY \(order) LIMIT \(query.limit ?? -1)
            """
    }

    private mutating func add(_ column: String, _ values: [String]) {
        addAny([column], values)
    }

    private mutating func addAny(_ columns: [String], _ values: [String]) {
        if values.isEmpty { return }
        let test =
            values.count == 1
            ? "= ?" : "IN (\(values.map { _ in "?" }.joined(separator: ", ")))"
        let alternatives = columns.map { "\($0) \(test)" }
        for _ in columns { arguments += values.map(\.databaseValue) }
        conditions.append(
            alternatives.count == 1
                ? alternatives[0] : "(\(alternatives.joined(separator: " OR ")))")
    }

    private mutating func addObjects(_ objects: [String]) {
        if objects.isEmpty { return }
        let touching = Self.digests(touching: objects)
        arguments += touching.arguments
        conditions.append("event.digest IN (\(touching.sql))")
    }

    /// The digests of the scripts that touch one of these objects.
    static func digests(
        touching objects: [String]
    ) -> (sql: String, arguments: [DatabaseValue]) {
        var alternatives: [String] = []
        var arguments: [DatabaseValue] = []
        for object in objects {
            alternatives.append("name = ?")
            arguments.append(object.databaseValue)
            // A script that names no schema may mean any.
            guard let dot = object.lastIndex(of: ".") else { continue }
            alternatives.append("name = ? AND schema IN (?, '')")
            arguments.append(String(object[object.index(after: dot)...]).databaseValue)
            arguments.append(String(object[..<dot]).databaseValue)
        }
        let names = alternatives.joined(separator: " OR ")
        return ("SELECT digest FROM touched WHERE \(names)", arguments)
    }

    private mutating func addText(_ text: String?) {
        guard let text else { return }
        let privateColumns = ["title", "message", "reason", "error", "command"].flatMap {
            ["json_extract(private.\($0), '$[2]')", "json_extract(start.\($0), '$[2]')"]
        }
        let columns = ["event.change", "event.name"] + privateColumns
        let alternatives = columns.map { "instr(lower(\($0)), ?) > 0" }
        arguments += columns.map { _ in text.lowercased().databaseValue }
        conditions.append("(\(alternatives.joined(separator: " OR ")))")
    }

    private mutating func addStart(_ after: RowPosition, _ query: EntryQuery) {
        let sign = query.isReversed ? ">" : "<"
        if query.timeBasis == .happened {
            conditions.append("(event.at, event.idx) \(sign) (?, ?)")
            arguments.append(after.at.milliseconds.databaseValue)
        } else {
            conditions.append("event.idx \(sign) ?")
        }
        arguments.append(after.index.databaseValue)
    }

    private mutating func addBound(_ condition: String, _ time: Timestamp) {
        conditions.append(condition)
        arguments.append(time.milliseconds.databaseValue)
    }
}
