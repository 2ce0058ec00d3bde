import GRDB
import LedgerCore

/// The table `progress`: how far each change has come in each environment.
///
/// Only the last deployment on a target counts. When one takes the place of another, the target
/// leaves one row of the table and comes to another.
final class ProgressProjection {
    private struct Key: Hashable {
        let service: [UInt8]
        let environment: [UInt8]
        let change: [UInt8]
        let state: RecordedState
    }

    private struct Row {
        var targetCount: Int64 = 0
        /// Of the state `applied` alone.
        var applied: Progress.Applied?
        var isInTable = false
        var isDirty = false
        /// What went away stood at a bound: the rest has to be looked at.
        var isStale = false

        mutating func add(_ deployment: Deployment) {
            targetCount += 1
            guard deployment.state == .applied else { return }
            if applied?.add(deployment) == nil { applied = Progress.Applied(deployment) }
        }

        mutating func remove(_ deployment: Deployment) {
            targetCount -= 1
            guard let applied else { return }
            isStale =
                isStale || applied.isMixed || deployment.at == applied.firstAt
                || deployment.index == applied.last
                || deployment.durationMilliseconds == applied.longestMilliseconds
        }
    }

    // At most `limit` rows are remembered, some 20 MB; what is dirty is written first.
    private static let limit = 65_536
    private var rows: [Key: Row] = [:]
    private let select: RawStatement
    private let replace: RawStatement
    private let delete: RawStatement
    private let lastOfAny: RawStatement
    private let lastNotSkipped: RawStatement
    private let all: RawStatement

    init(_ db: Database) throws {
        select = try RawStatement(
            db,
            """
            SELECT progress.targets, \(Self.appliedColumns)
            FROM progress LEFT JOIN event ON event.idx = progress.last
            WHERE progress.service = ? AND progress.environment = ? AND progress.change = ?
                AND state = ?
            """)
        replace = try RawStatement(
            db,
            """
            INSERT OR REPLACE INTO progress
            (service, environment, change, state, targets, first_at, last_at, last, longest_ms,
                is_mixed)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        delete = try RawStatement(
            db,
            """
            DELETE FROM progress
            WHERE service = ? AND environment = ? AND change = ? AND state = ?
            """)
        lastOfAny = try RawStatement(db, Self.lastSQL("1"))
        lastNotSkipped = try RawStatement(db, Self.lastSQL("status <> 'skipped'"))
        all = try RawStatement(
            db,
            """
            SELECT \(DeploymentReader.columns) FROM event
            WHERE change = ? AND service = ? AND environment = ? AND \(DeploymentReader.condition)
            """)
    }

    private static func lastSQL(_ condition: String) -> String {
        """
        SELECT \(DeploymentReader.columns) FROM event
        WHERE change = ? AND service = ? AND environment = ? AND tenant IS ? AND region IS ?
            AND cluster IS ? AND idx <> ? AND \(DeploymentReader.condition) AND \(condition)
        ORDER BY at DESC, idx DESC LIMIT 1
        """
    }

    /// Of a row of `progress`, joined with the event that `last` names.
    static let appliedColumns = "first_at, last_at, last, longest_ms, is_mixed, event.digest"

    /// - Parameter first: the place of the first of `appliedColumns`.
    static func applied(in row: RawStatement, from first: Int32) -> Progress.Applied? {
        if row.isNull(first) { return nil }
        return Progress.Applied(
            firstAt: row.integer(first), lastAt: row.integer(first + 1),
            last: row.integer(first + 2), digest: row.text(first + 5),
            longestMilliseconds: row.isNull(first + 3) ? nil : row.integer(first + 3),
            isMixed: row.integer(first + 4) != 0)
    }

    func forget() {
        rows.removeAll(keepingCapacity: true)
    }

    /// Takes what has become of the table `event`.
    func take(_ change: RowChange) throws {
        let went = change.went.flatMap(Self.deployment)
        let came = change.came.flatMap(Self.deployment)
        if let went, let came, went.target == came.target,
            went.change.hasSameBytes(as: came.change)
        {
            try move(went, came)
        } else {
            if let went { try move(went, nil) }
            if let came { try move(nil, came) }
        }
        // Not in the midst of an event: `refresh` reads what the whole of it has done.
        if rows.count >= Self.limit {
            try flush()
            forget()
        }
    }

    static func deployment(_ columns: EventColumns) -> Deployment? {
        guard columns.type == EventType.deployment.rawValue, let change = columns.change,
            columns.service != nil, columns.environment != nil,
            let status = columns.status.flatMap(DeploymentStatus.init(rawValue:)),
            let state = RecordedState(
                columns.operation.flatMap(DeploymentOperation.init(rawValue:)) ?? .apply, status)
        else { return nil }
        return Deployment(
            index: columns.index, at: columns.at,
            target: Target(
                service: columns.service, environment: columns.environment, tenant: columns.tenant,
                region: columns.region, cluster: columns.cluster),
            change: change, state: state, digest: columns.digest,
            durationMilliseconds: columns.durationMilliseconds)
    }

    /// On one target, `went` gives way to `came`.
    private func move(_ went: Deployment?, _ came: Deployment?) throws {
        guard let one = came ?? went else { return }
        let other = try last(on: one.target, of: one.change, besides: one.index)
        func later(_ left: Deployment?, _ right: Deployment?) -> Deployment? {
            guard let left, let right else { return left ?? right }
            return left.supersedes(right) ? left : right
        }
        let (before, after) = (later(other, went), later(other, came))
        if let before { try change(before) { $0.remove(before) } }
        if let after { try change(after) { $0.add(after) } }
    }

    private func last(
        on target: Target, of change: String, besides index: Int64
    ) throws -> Deployment? {
        guard let last = try first(lastOfAny, target, change, index) else { return nil }
        // What was skipped counts only where there is nothing else.
        if last.state != .skipped { return last }
        return try first(lastNotSkipped, target, change, index) ?? last
    }

    private func first(
        _ statement: RawStatement, _ target: Target, _ change: String, _ index: Int64
    ) throws -> Deployment? {
        statement.bind(change, at: 1)
        statement.bind(target.service, at: 2)
        statement.bind(target.environment, at: 3)
        statement.bind(target.tenant, at: 4)
        statement.bind(target.region, at: 5)
        statement.bind(target.cluster, at: 6)
        statement.bind(index, at: 7)
        defer { statement.reset() }
        return try statement.step() ? DeploymentReader.deployment(in: statement) : nil
    }

    private func change(_ deployment: Deployment, _ body: (inout Row) -> Void) throws {
        let key = Key(
            service: Array((deployment.target.service ?? "").utf8),
            environment: Array((deployment.target.environment ?? "").utf8),
            change: Array(deployment.change.utf8), state: deployment.state)
        if rows[key] == nil { rows[key] = try row(key) }
        // In place: a row is never copied.
        body(&rows[key, default: Row()])
        rows[key]?.isDirty = true
    }

    private func row(_ key: Key) throws -> Row {
        bind(key, to: select)
        defer { select.reset() }
        var row = Row()
        guard try select.step() else { return row }
        row.isInTable = true
        row.targetCount = select.integer(0)
        row.applied = Self.applied(in: select, from: 1)
        return row
    }

    private func bind(_ key: Key, to statement: RawStatement) {
        statement.bindText(key.service, at: 1)
        statement.bindText(key.environment, at: 2)
        statement.bindText(key.change, at: 3)
        statement.bind(key.state.rawValue, at: 4)
    }

    func flush() throws {
        // In the order of the table, so that neighbours are written together.
        let dirty = rows.filter(\.value.isDirty).map(\.key).sorted {
            for (left, right) in [
                ($0.service, $1.service), ($0.environment, $1.environment),
                ($0.change, $1.change),
            ] where left != right {
                return left.lexicographicallyPrecedes(right)
            }
            return $0.state.rawValue < $1.state.rawValue
        }
        for key in dirty {
            guard var row = rows[key] else { continue }
            if row.targetCount == 0 {
                if row.isInTable {
                    bind(key, to: delete)
                    try delete.run()
                }
                rows[key] = nil
                continue
            }
            if row.isStale { try refresh(&row, key) }
            try write(row, key)
            row.isInTable = true
            row.isDirty = false
            row.isStale = false
            rows[key] = row
        }
    }

    private func write(_ row: Row, _ key: Key) throws {
        bind(key, to: replace)
        replace.bind(row.targetCount, at: 5)
        replace.bind(row.applied?.firstAt, at: 6)
        replace.bind(row.applied?.lastAt, at: 7)
        replace.bind(row.applied?.last, at: 8)
        replace.bind(row.applied?.longestMilliseconds, at: 9)
        replace.bind(row.applied?.isMixed ?? false ? 1 : 0, at: 10)
        try replace.run()
    }

    /// Looks at all targets of the row again.
    private func refresh(_ row: inout Row, _ key: Key) throws {
        all.bindText(key.change, at: 1)
        all.bindText(key.service, at: 2)
        all.bindText(key.environment, at: 3)
        defer { all.reset() }
        var last: [Target: Deployment] = [:]
        while try all.step() {
            guard let deployment = DeploymentReader.deployment(in: all) else { continue }
            if let known = last[deployment.target], known.supersedes(deployment) { continue }
            last[deployment.target] = deployment
        }
        var fresh = Row()
        fresh.isInTable = row.isInTable
        for deployment in last.values.sorted(by: { ($0.at, $0.index) < ($1.at, $1.index) })
        where deployment.state == key.state { fresh.add(deployment) }
        row = fresh
    }
}
