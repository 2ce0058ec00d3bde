import LedgerCore
import LedgerCrypto

/// What a tool's own table and the ledger say of one target, held against each other: which changes
/// are there.
public struct ToolReconciliation {
    /// A change on which they differ.
    public struct Difference: Sendable, Equatable {
        public let change: String
        /// `flyway_schema_history/3`; nil if the table has no row of it.
        public let row: String?
        /// The last entry that speaks of it; nil if there is none.
        public let entry: Int64?
        /// `missing`: there by the table, and not by the ledger. `extra`: the other way round.
        public let isMissing: Bool
    }

    private struct Standing {
        var isThere: Bool
        var index: Int64
    }

    private let table: ToolTable
    private var known: [String: Standing] = [:]
    private var rows: [String: (name: String, isThere: Bool)] = [:]
    private let hasher = SHA256()
    private(set) var rowCount: Int64 = 0

    public init(_ table: ToolTable) {
        self.table = table
        hasher.start()
    }

    /// What is to be read of the ledger, for `add`.
    public static func query(of table: ToolTable) -> EntryQuery {
        var query = KnownRows.query(of: table)
        query.types = [.deployment]
        query.timeBasis = .happened
        return query
    }

    /// Takes the target's deployments, oldest first.
    public mutating func add(_ row: HistoryRow) {
        guard row.target == table.target, row.status == .succeeded,
            let change = row.string("change", "id")
        else { return }
        known[change] = Standing(isThere: row.operation != .revert, index: row.index)
    }

    /// Takes the table's rows.
    public mutating func add(_ row: ToolRow) throws(LedgerError) {
        guard let record = try table.history.record(row, table.reading) else { return }
        row.bytes.withUnsafeBytes { hasher.update($0) }
        rowCount += 1
        guard record.status == .succeeded else { return }
        // What was repaired is there or not as it was before.
        if record.operation == .repair { return }
        rows[GitText.name(record.change.id)] = (
            table.row(record.key), record.operation != .revert
        )
    }

    /// In the order of the changes' ids.
    public var differences: [Difference] {
        var found = rows.compactMap { change, row -> Difference? in
            let standing = known[change]
            if row.isThere == (standing?.isThere ?? false) { return nil }
            return Difference(
                change: change, row: row.name, entry: standing?.index, isMissing: row.isThere)
        }
        // Rows that say only where a database stands can't tell what was there before.
        if table.history.removal != .moves {
            found += known.filter { $0.value.isThere && rows[$0.key] == nil }.map {
                Difference(change: $0.key, row: nil, entry: $0.value.index, isMissing: false)
            }
        }
        return found.sorted { ExactText($0.change) < ExactText($1.change) }
    }

    /// That it was done, to be recorded; called once.
    public func event(
        _ differences: [Difference], at now: Timestamp
    ) throws(LedgerError) -> Event {
        let missing = differences.count { $0.isMissing }
        var event = table.target.json
        event.set(table.database, at: "database")
        event.set("snapshot", at: "type")
        event.set(now.utc, at: "time")
        event.set("import", at: "trigger", "kind")
        event.set(table.history.name, at: "trigger", "tool")
        event.set(Attachment.text(of: hasher.finish()), at: "snapshot", "digest")
        event.set(table.reading.table, at: "snapshot", "table")
        event.set(.integer(rowCount), at: "snapshot", "rows")
        event.set(.integer(Int64(missing)), at: "snapshot", "missing")
        event.set(.integer(Int64(differences.count - missing)), at: "snapshot", "extra")
        return try EventReader.event(from: event)
    }
}
