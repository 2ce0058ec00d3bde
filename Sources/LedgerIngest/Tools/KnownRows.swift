import LedgerCore

/// The rows of one table as the ledger knows them: from the deployments that were read from it, and
/// from the rewrites that were seen since.
public struct KnownRows: Sendable {
    /// What of a row must not change.
    struct State: Sendable, Equatable {
        let change: String
        /// `apply succeeded`.
        let outcome: String
        let checksum: String?
        /// A command was seen to repair or only mark it: its row may say no more than that it was
        /// applied.
        private let isSeenAsApplied: Bool

        init(_ record: ToolRecord) {
            change = GitText.name(record.change.id)
            outcome = "\(record.operation.rawValue) \(record.status.rawValue)"
            checksum = record.checksum.line(200)
            isSeenAsApplied = false
        }

        init(_ row: HistoryRow) {
            change = row.string("change", "id") ?? ""
            outcome =
                "\(row.operation.rawValue) \((row.status ?? .unknown).rawValue)"
            checksum = row.string("change", "tool_digest")
            let isImported = row.string("source")?.hasPrefix("import ") ?? false
            isSeenAsApplied =
                !isImported && (row.operation == .repair || row.operation == .mark)
                && row.status == .succeeded
        }

        /// As the members of a deployment say it.
        init(_ deployment: JSONObject) {
            func text(_ path: String...) -> String { deployment[path]?.string ?? "" }
            change = text("change", "id")
            outcome = "\(text("deployment", "operation")) \(text("deployment", "status"))"
            checksum = deployment[["change", "tool_digest"]]?.string
            isSeenAsApplied = false
        }

        private init(change: String, outcome: String, checksum: String?, isSeenAsApplied: Bool) {
            self.change = change
            self.outcome = outcome
            self.checksum = checksum
            self.isSeenAsApplied = isSeenAsApplied
        }

        /// Whether it has ended, well or not.
        var isOver: Bool {
            [.succeeded, .failed].contains { (status: DeploymentStatus) in
                outcome.hasSuffix(" " + status.rawValue)
            }
        }

        /// For people.
        var text: String {
            "change \(change), \(outcome)" + (checksum.map { ", checksum \($0)" } ?? "")
        }

        func with(_ member: String?, _ value: String?) -> State {
            State(
                change: member == "change" ? value ?? change : change,
                outcome: member == "outcome" ? value ?? outcome : outcome,
                checksum: member == "checksum" ? value : checksum,
                isSeenAsApplied: isSeenAsApplied && member != "outcome")
        }

        /// Another checksum of another kind, `9:…` after `8:…`, is no other content.
        func agrees(with other: State) -> Bool {
            guard change == other.change, outcome == other.outcome else { return false }
            guard let checksum, let otherChecksum = other.checksum else {
                return checksum == other.checksum
            }
            return checksum == otherChecksum || Self.kind(checksum) != Self.kind(otherChecksum)
        }

        private static let applied =
            "\(DeploymentOperation.apply.rawValue) \(DeploymentStatus.succeeded.rawValue)"

        /// As a row shows it that says `other`.
        fileprivate func shown(as other: State) -> State {
            isSeenAsApplied && other.outcome == Self.applied
                ? with("outcome", Self.applied) : self
        }

        private static func kind(_ checksum: String) -> Substring? {
            checksum.firstIndex(of: ":").map { checksum[..<$0] }
        }
    }

    enum Comparison {
        /// With how many rows of this key were there before.
        case new(Int)
        case same
        case changed(State, Int)
    }

    private struct Row {
        var state: State
        var ordinal: Int
        var isThere = true
        var isSeen = false
    }

    private let target: Target
    private let isMoving: Bool
    private let table: String
    private var rows: [String: Row] = [:]
    // Changes that were reverted, with the entry that says so.
    private var reverts: [String: Int64] = [:]
    private var indexes: [String: Int64] = [:]
    private(set) var lastIndex: Int64 = -1

    public init(of table: ToolTable) {
        target = table.target
        isMoving = table.history.removal == .moves
        self.table = table.reading.table
    }

    /// What is to be read of the ledger, for `add`.
    public static func query(of table: ToolTable) -> EntryQuery {
        var query = EntryQuery()
        query.services = [table.target.service].compactMap(\.self)
        query.environments = [table.target.environment].compactMap(\.self)
        query.tenants = [table.target.tenant].compactMap(\.self)
        query.regions = [table.target.region].compactMap(\.self)
        query.clusters = [table.target.cluster].compactMap(\.self)
        query.types = [.deployment, .snapshot]
        query.timeBasis = .recorded
        query.isReversed = true
        return query
    }

    /// Takes the rows of a target, in the order of their recording.
    public mutating func add(_ row: HistoryRow) {
        guard row.target == target else { return }
        lastIndex = max(lastIndex, row.index)
        if isMoving { return addMove(row) }
        guard row.string("deployment", "row").flatMap(key) != nil || row.type == .snapshot else {
            if row.operation == .revert, row.status == .succeeded,
                let change = row.string("change", "id")
            {
                reverts[change] = row.index
            }
            return
        }
        if row.type == .snapshot { return addRewrites(of: row) }
        guard let name = row.string("deployment", "row"), let key = key(name) else { return }
        indexes[key] = row.index
        if row.string("id")?.hasSuffix(":gone") ?? false {
            rows[key]?.isThere = false
            return
        }
        let ordinal = rows[key].map { $0.ordinal + 1 } ?? 0
        rows[key] = Row(state: State(row), ordinal: ordinal)
    }

    // Where rows say only where a database stands, whatever brought it there is the same. What failed
    // stood there only if a row said so.
    private mutating func addMove(_ row: HistoryRow) {
        let isToldByRow = row.string("deployment", "row") != nil
        guard row.type == .deployment,
            row.status == .succeeded || row.status == .failed && isToldByRow,
            let change = row.string("change", "id")
        else { return }
        if row.operation == .revert {
            rows[change]?.isThere = false
        } else {
            let ordinal = rows[change].map { $0.isThere ? $0.ordinal : $0.ordinal + 1 } ?? 0
            rows[change] = Row(state: State(row), ordinal: ordinal)
            indexes[change] = row.index
        }
    }

    private mutating func addRewrites(of row: HistoryRow) {
        guard row.string("snapshot", "table")?.hasSameBytes(as: table) ?? false else { return }
        for item in row.members[["snapshot", "rewritten"]]?.array ?? [] {
            guard let key = (item.object?["row"]?.string).flatMap(key),
                let member = item.object?["member"]?.string
            else { continue }
            if member == "row" {
                rows[key]?.isThere = false
            } else if let known = rows[key] {
                rows[key]?.state = known.state.with(member, item.object?["after"]?.string)
            }
        }
    }

    // `flyway_schema_history/3`, of this table.
    private func key(_ name: String) -> String? {
        let own = (table.split(separator: ".").last ?? "") + "/"
        return name.hasPrefix(own) ? String(name.dropFirst(own.count)) : nil
    }

    mutating func take(_ key: String, _ state: State) -> Comparison {
        guard var row = rows[key] else {
            rows[key] = Row(state: state, ordinal: 0, isSeen: true)
            return .new(0)
        }
        defer {
            row.isSeen = true
            rows[key] = row
        }
        if !row.isThere || isReverted(key, row) {
            row = Row(state: state, ordinal: row.ordinal + 1)
            return .new(row.ordinal)
        }
        let wasFailed = row.state.outcome.hasSuffix(DeploymentStatus.failed.rawValue)
        let isFailed = state.outcome.hasSuffix(DeploymentStatus.failed.rawValue)
        let before = row.state.shown(as: state)
        if isMoving ? wasFailed == isFailed : before.agrees(with: state) { return .same }
        row.state = state
        return .changed(before, row.ordinal + 1)
    }

    /// Whether the ledger has a deployment that reverted the row's change.
    private func isReverted(_ key: String, _ row: Row) -> Bool {
        (reverts[row.state.change] ?? -1) > (indexes[key] ?? .max)
    }

    /// Lets the table be read once more.
    mutating func forgetSeen() {
        for key in rows.keys { rows[key]?.isSeen = false }
    }

    /// Of a table that says where a database stands: the changes that came after that place, as the
    /// ledger knows them, the last one first.
    var movedBack: [(key: String, state: State, ordinal: Int)] {
        var place: Int64 = -1
        for (key, row) in rows where row.isSeen {
            // A place that is new lies behind all others.
            guard let index = indexes[key] else { return [] }
            place = max(place, index)
        }
        return rows.filter { key, row in
            row.isThere && !row.isSeen && indexes[key] ?? -1 > place
        }
        .sorted { (indexes[$0.key] ?? -1) > (indexes[$1.key] ?? -1) }
        .map { ($0.key, $0.value.state, $0.value.ordinal) }
    }

    /// The rows that are not there any more, but for those whose change was reverted by a deployment
    /// that the ledger has.
    var unseen: [(key: String, state: State, ordinal: Int)] {
        rows.filter { key, row in
            row.isThere && !row.isSeen && !isReverted(key, row)
        }
        .map { ($0.key, $0.value.state, $0.value.ordinal) }
        .sorted { $0.key < $1.key }
    }
}
