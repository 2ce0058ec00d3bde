import GRDB
import LedgerCore

/// The table `progress`: how far each change has come in each environment.
///
/// Only the last deployment on a target counts. When one takes the place of another, the target
/// leaves one row of the table and comes to another; nothing else is looked at, however often a
/// change runs. After a correction all deployments of its change there are looked at again.
final class ProgressProjection {
    private struct Key: Hashable {
        let service: [UInt8]
        let environment: [UInt8]
        let change: [UInt8]
        let state: RecordedState
    }

    private struct Row {
        var targetCount: Int64 = 0
        /// Of the state `applied` alone: all deployments that ever applied it.
        var applied: Progress.Applied?
        /// How many of the targets have the script of the last of these: of those that came since
        /// it is the last.
        var alikeCount: Int64 = 0
        var isInTable = false
        var isDirty = false

        private func isAlike(_ deployment: Deployment) -> Bool {
            deployment.state == .applied
                && deployment.digest.hasSameBytes(as: applied?.digest)
        }

        mutating func leave(_ deployment: Deployment) {
            targetCount -= 1
            if isAlike(deployment) { alikeCount = max(0, alikeCount - 1) }
        }

        mutating func come(_ deployment: Deployment) {
            targetCount += 1
            if isAlike(deployment) { alikeCount += 1 }
        }

        /// Takes in that the change was applied, whether or not this is the last on its target.
        mutating func note(_ deployment: Deployment) {
            let before = applied
            if applied?.add(deployment) == nil { applied = Progress.Applied(deployment) }
            let isSame = before.map { $0.digest.hasSameBytes(as: applied?.digest) } ?? false
            if !isSame { alikeCount = 0 }
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
            SELECT progress.targets, alike, \(Self.appliedColumns)
            FROM progress LEFT JOIN event ON event.idx = progress.last
            WHERE progress.service = ? AND progress.environment = ? AND progress.change = ?
                AND state = ?
            """)
        replace = try RawStatement(
            db,
            """
            INSERT OR REPLACE INTO progress
            (service, environment, change, state, targets, first_at, last_at, last, longest_ms,
                alike)
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
    static let appliedColumns = "first_at, last_at, last, longest_ms, event.digest, event.strategy"

    /// - Parameter first: the place of the first of `appliedColumns`.
    static func applied(in row: RawStatement, from first: Int32) -> Progress.Applied? {
        if row.isNull(first) { return nil }
        return Progress.Applied(
            firstAt: row.integer(first), lastAt: row.integer(first + 1),
            last: row.integer(first + 2), digest: row.text(first + 4),
            longestMilliseconds: row.isNull(first + 3) ? nil : row.integer(first + 3),
            isMixed: false, strategy: row.text(first + 5))
    }

    func forget() {
        rows.removeAll(keepingCapacity: true)
    }

    /// Takes what has become of the table `event`.
    func take(_ change: RowChange) throws {
        let went = change.went.flatMap(Self.deployment)
        let came = change.came.flatMap(Self.deployment)
        if change.went?.index == change.came?.index {
            // The same row says something else: it was corrected, or its start came late.
            if let went, let came, went.saysTheSame(as: came) { return }
            for deployment in [went, came].compactMap(\.self) { try countAnew(deployment) }
        } else if let went, let came, went.target == came.target,
            went.change.hasSameBytes(as: came.change)
        {
            try move(went, came)
        } else {
            // The start of a deployment may have been corrected to another place than its end.
            if let went { try countAnew(went) }
            if let came, !(went?.isOfSamePlace(as: came) ?? false) { try move(nil, came) }
        }
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
            durationMilliseconds: columns.durationMilliseconds, strategy: columns.strategy)
    }

    /// On one target, `went` gives way to `came`, or `came` is new.
    private func move(_ went: Deployment?, _ came: Deployment) throws {
        let other = try last(on: came.target, of: came.change, besides: came.index)
        func later(_ left: Deployment?, _ right: Deployment?) -> Deployment? {
            guard let left, let right else { return left ?? right }
            return left.supersedes(right) ? left : right
        }
        if let before = later(other, went) { try change(before) { $0.leave(before) } }
        let after = later(other, came)
        let isLast = after?.index == came.index
        if isLast || came.state == .applied {
            try change(came) { row in
                if came.state == .applied { row.note(came) }
                if isLast { row.come(came) }
            }
        }
        if let after, !isLast { try change(after) { $0.come(after) } }
    }

    /// Looks at all deployments of a change in the environment again.
    private func countAnew(_ one: Deployment) throws {
        all.bind(one.change, at: 1)
        all.bind(one.target.service, at: 2)
        all.bind(one.target.environment, at: 3)
        defer { all.reset() }
        var last: [Target: Deployment] = [:]
        var fresh: [RecordedState: Row] = [:]
        while try all.step() {
            guard let deployment = DeploymentReader.deployment(in: all) else { continue }
            if deployment.state == .applied { fresh[.applied, default: Row()].note(deployment) }
            if let known = last[deployment.target], known.supersedes(deployment) { continue }
            last[deployment.target] = deployment
        }
        fresh[.applied]?.alikeCount = 0
        for deployment in last.values { fresh[deployment.state, default: Row()].come(deployment) }
        for state in RecordedState.allCases {
            let key = Self.key(one, state)
            let isInTable = try rows[key]?.isInTable ?? row(key).isInTable
            var row = fresh[state] ?? Row()
            row.isInTable = isInTable
            row.isDirty = true
            rows[key] = row
        }
    }

    private static func key(_ deployment: Deployment, _ state: RecordedState) -> Key {
        Key(
            service: Array((deployment.target.service ?? "").utf8),
            environment: Array((deployment.target.environment ?? "").utf8),
            change: Array(deployment.change.utf8), state: state)
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
        let key = Self.key(deployment, deployment.state)
        if rows[key] == nil { rows[key] = try row(key) }
        // In place: a row is never copied.
        func changeRow(_ row: inout Row) {
            body(&row)
            row.isDirty = true
        }
        changeRow(&rows[key, default: Row()])
    }

    private func row(_ key: Key) throws -> Row {
        bind(key, to: select)
        defer { select.reset() }
        var row = Row()
        guard try select.step() else { return row }
        row.isInTable = true
        row.targetCount = select.integer(0)
        row.alikeCount = select.integer(1)
        row.applied = Self.applied(in: select, from: 2)
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
            // That it was ever applied is kept.
            if row.targetCount == 0, row.applied == nil {
                if row.isInTable {
                    bind(key, to: delete)
                    try delete.run()
                }
                rows[key] = nil
                continue
            }
            try write(row, key)
            row.isInTable = true
            row.isDirty = false
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
        replace.bind(row.alikeCount, at: 10)
        try replace.run()
    }
}

extension Deployment {
    /// Whether both are of one change in one environment.
    fileprivate func isOfSamePlace(as other: Deployment) -> Bool {
        change.hasSameBytes(as: other.change)
            && target.service.hasSameBytes(as: other.target.service)
            && target.environment.hasSameBytes(as: other.target.environment)
    }

    /// Whether it makes no difference to where a change stands.
    fileprivate func saysTheSame(as other: Deployment) -> Bool {
        at == other.at && target == other.target && change.hasSameBytes(as: other.change)
            && state == other.state && digest.hasSameBytes(as: other.digest)
            && durationMilliseconds == other.durationMilliseconds
    }
}
