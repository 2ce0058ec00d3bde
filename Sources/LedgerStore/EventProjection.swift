import GRDB
import LedgerCore
import LedgerCrypto

/// What an event does to the rows that are `latest`.
struct RowChange {
    /// The row as it was before.
    var went: EventColumns?
    var came: EventColumns?
    /// What a correction has set right.
    var corrected: EventColumns?
}

/// The table `event`: one row per event, made for searching.
///
/// Of the events of one deployment only the last is `latest`; it inherits what it doesn't say
/// itself. A correction changes the row of the entry that it is about.
final class EventProjection {
    private let hasher = SHA256()
    private let insert: RawStatement
    private let tied: RawStatement
    private let body: RawStatement
    private let supersede: RawStatement
    private let one: RawStatement
    private let update: RawStatement

    private static let names = [
        "idx", "at", "time_known", "recorded", "type", "service", "environment", "tenant",
        "region", "cluster", "database", "change", "name", "digest", "ticket", "operation",
        "status", "trigger_kind", "strategy", "duration_ms", "deployment", "latest", "first",
        "corrected_by", "attempt",
    ]

    private static let list = names.joined(separator: ", ")
    /// The row of an index.
    static let rowSQL = "SELECT \(list) FROM event WHERE idx = ?"

    init(_ db: Database, readingFrom source: Database) throws {
        let list = Self.list
        let marks = Self.names.map { _ in "?" }.joined(separator: ", ")
        insert = try RawStatement(db, "INSERT INTO event (\(list)) VALUES (\(marks))")
        tied = try RawStatement(
            db, "SELECT \(list) FROM event WHERE deployment = ? AND latest ORDER BY idx DESC")
        body = try RawStatement(source, EntryRow.toldSQL)
        supersede = try RawStatement(db, "UPDATE event SET latest = 0 WHERE idx = ?")
        one = try RawStatement(db, Self.rowSQL)
        let sets = Self.names.dropFirst().map { "\($0) = ?" }.joined(separator: ", ")
        update = try RawStatement(db, "UPDATE event SET \(sets) WHERE idx = ?")
    }

    private struct Row {
        var columns: EventColumns
        var deployment: Int64?
        var isLatest = true
        var first: Int64?
        var correctedBy: Int64?
    }

    func add(_ columns: EventColumns, members: JSONObject) throws -> RowChange {
        var row = Row(columns: columns)
        row.deployment = columns.deploymentKey(hasher: hasher)
        var change: RowChange
        if let key = row.deployment, let earlier = try latest(key, of: columns) {
            change = try join(&row, with: earlier)
        } else {
            change = RowChange(came: columns)
        }
        try write(row, with: insert, isUpdate: false)
        if columns.type == EventType.correction.rawValue,
            let correction = try correct(by: columns.index, members)
        {
            change = correction
        }
        return change
    }

    // The start may arrive after the end, when a spool was sent late: the end stays the latest.
    private func join(_ row: inout Row, with earlier: Row) throws -> RowChange {
        let isStart = row.columns.status == DeploymentStatus.started.rawValue
        if isStart, earlier.columns.status != DeploymentStatus.started.rawValue {
            row.isLatest = false
            // Of two starts the first that came counts: answers show the members of that one.
            if earlier.first != nil { return RowChange() }
            var end = earlier
            end.first = row.columns.index
            end.columns.inherit(row.columns)
            try write(end, with: update, isUpdate: true)
            return RowChange(went: earlier.columns, came: end.columns)
        }
        row.first = earlier.first ?? earlier.columns.index
        row.columns.inherit(earlier.columns)
        supersede.bind(earlier.columns.index, at: 1)
        try supersede.run()
        return RowChange(went: earlier.columns, came: row.columns)
    }

    private func latest(_ key: Int64, of columns: EventColumns) throws -> Row? {
        tied.bind(key, at: 1)
        defer { tied.reset() }
        while try tied.step() {
            let row = Self.row(in: tied, stream: columns.stream)
            guard Self.canBelongTogether(row.columns, columns) else { continue }
            if try hasDeploymentID(columns.deploymentID, row.columns.index) { return row }
        }
        return nil
    }

    // Whoever uses an id twice must not hide what was recorded under it: two ends stay two rows,
    // and so do a start and an end that name different changes.
    private static func canBelongTogether(_ left: EventColumns, _ right: EventColumns) -> Bool {
        let started = DeploymentStatus.started.rawValue
        if left.status != started, right.status != started { return false }
        guard let first = left.change, let second = right.change else { return true }
        return first.hasSameBytes(as: second)
    }

    // The key is only 8 bytes: the ids themselves decide.
    private func hasDeploymentID(_ id: String?, _ index: Int64) throws -> Bool {
        body.bind(index, at: 1)
        defer { body.reset() }
        guard let id, try body.step(), let bytes = body.bytes(0),
            let stored = StoredBody(Array(bytes))?.event[["deployment", "id"]]?.string
        else { return false }
        return stored.hasSameBytes(as: id)
    }

    private func correct(by index: Int64, _ members: JSONObject) throws -> RowChange? {
        guard let correction = members["correction"]?.object,
            let about = members["about"]?.array?.first?.object?["entry"]?.integer,
            var row = try self.row(about)
        else { return nil }
        let before = row.columns
        row.columns.take(correction)
        row.correctedBy = index
        try write(row, with: update, isUpdate: true)
        if row.isLatest {
            return RowChange(went: before, came: row.columns, corrected: row.columns)
        }
        // The start of a deployment stands behind the row of its end.
        guard let key = row.deployment else { return RowChange(corrected: row.columns) }
        tied.bind(key, at: 1)
        var end: Row?
        while try end == nil && tied.step() {
            let candidate = Self.row(in: tied, stream: row.columns.stream)
            if candidate.first == about { end = candidate }
        }
        tied.reset()
        guard var end else { return RowChange(corrected: row.columns) }
        let endBefore = end.columns
        end.columns.take(Self.withoutOutcome(correction))
        end.correctedBy = index
        try write(end, with: update, isUpdate: true)
        return RowChange(went: endBefore, came: end.columns, corrected: end.columns)
    }

    // What corrects a start says nothing about how and when the deployment ended.
    static func withoutOutcome(_ correction: JSONObject) -> JSONObject {
        var correction = correction
        correction["time"] = nil
        correction["deployment"] = nil
        return correction
    }

    private func row(_ index: Int64) throws -> Row? {
        one.bind(index, at: 1)
        defer { one.reset() }
        return try one.step() ? Self.row(in: one, stream: .zero) : nil
    }

    /// The columns of a row of `rowSQL`.
    static func columns(
        in statement: RawStatement, stream: Digest = .zero
    ) -> EventColumns {
        let leaf = Leaf(
            body: .zero, index: statement.integer(0), log: "", prev: .zero,
            stream: .init(id: stream, index: 0, prev: .zero), time: statement.integer(3))
        var columns = EventColumns(leaf: leaf, members: JSONObject())
        columns.at = statement.integer(1)
        columns.isTimeKnown = statement.integer(2) != 0
        columns.type = statement.text(4) ?? ""
        columns.service = statement.text(5)
        columns.environment = statement.text(6)
        columns.tenant = statement.text(7)
        columns.region = statement.text(8)
        columns.cluster = statement.text(9)
        columns.database = statement.text(10)
        columns.change = statement.text(11)
        columns.name = statement.text(12)
        columns.digest = statement.text(13)
        columns.ticket = statement.text(14)
        columns.operation = statement.text(15)
        columns.status = statement.text(16)
        columns.trigger = statement.text(17)
        columns.strategy = statement.text(18)
        columns.durationMilliseconds = statement.isNull(19) ? nil : statement.integer(19)
        columns.attempt = statement.isNull(24) ? nil : statement.integer(24)
        return columns
    }

    private static func row(in statement: RawStatement, stream: Digest) -> Row {
        var row = Row(columns: columns(in: statement, stream: stream))
        row.deployment = statement.isNull(20) ? nil : statement.integer(20)
        row.isLatest = statement.integer(21) != 0
        row.first = statement.isNull(22) ? nil : statement.integer(22)
        row.correctedBy = statement.isNull(23) ? nil : statement.integer(23)
        return row
    }

    private func write(_ row: Row, with statement: RawStatement, isUpdate: Bool) throws {
        let columns = row.columns
        // An update names the index last instead of first.
        let shift: Int32 = isUpdate ? -1 : 0
        statement.bind(columns.index, at: isUpdate ? Int32(Self.names.count) : 1)
        statement.bind(columns.at, at: 2 + shift)
        statement.bind(columns.isTimeKnown ? 1 : 0, at: 3 + shift)
        statement.bind(columns.recorded, at: 4 + shift)
        let texts = [
            columns.type, columns.service, columns.environment, columns.tenant, columns.region,
            columns.cluster, columns.database, columns.change, columns.name, columns.digest,
            columns.ticket, columns.operation, columns.status, columns.trigger, columns.strategy,
        ]
        for (place, text) in texts.enumerated() {
            statement.bind(text, at: Int32(place) + 5 + shift)
        }
        statement.bind(columns.durationMilliseconds, at: 20 + shift)
        statement.bind(row.deployment, at: 21 + shift)
        statement.bind(row.isLatest ? 1 : 0, at: 22 + shift)
        statement.bind(row.first, at: 23 + shift)
        statement.bind(row.correctedBy, at: 24 + shift)
        statement.bind(columns.attempt, at: 25 + shift)
        try statement.run()
    }
}
