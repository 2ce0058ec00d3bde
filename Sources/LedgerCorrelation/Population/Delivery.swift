import LedgerCore

/// What happened to one change in one environment in a period, over all its targets. What is kept
/// does not grow with the deployments, but for their indexes.
public struct Delivery: Sendable {
    /// The earliest deployment, and the latest.
    public private(set) var first: HistoryRow
    public private(set) var last: HistoryRow
    /// The latest that applied the change, and the earliest.
    public private(set) var lastApplied: HistoryRow?
    public private(set) var firstAppliedAt: Timestamp?
    public private(set) var lastRevertedAt: Timestamp?
    public private(set) var attemptCount = 0
    public private(set) var isEmergency = false
    /// Of one deployment nobody said who did it.
    public private(set) var hasUnknownDeployer = false
    /// Every entry that tells of it, in the order of the deployments.
    public private(set) var entries: [Int64] = []
    private var texts: [Text: Set<ExactText>] = [:]

    /// What there may be several of.
    public enum Text: Sendable {
        case tenant, region, cluster, database, deployer, deployerKind, executedAs, run, digest
    }

    public init(_ row: HistoryRow) {
        first = row
        last = row
        add(row)
    }

    public mutating func add(_ row: HistoryRow) {
        attemptCount += 1
        func isBefore(_ left: HistoryRow, _ right: HistoryRow) -> Bool {
            (left.at, left.index) < (right.at, right.index)
        }
        if isBefore(row, first) { first = row }
        if isBefore(last, row) { last = row }
        let state = row.status.flatMap { RecordedState(row.operation, $0) }
        if state == .applied {
            firstAppliedAt = min(firstAppliedAt ?? row.at, row.at)
            if lastApplied.map({ isBefore($0, row) }) ?? true { lastApplied = row }
            if let digest = row.string("change", "digest") { add(.digest, digest) }
        }
        if state == .reverted { lastRevertedAt = max(lastRevertedAt ?? row.at, row.at) }
        if row.string("change", "class") == "emergency" { isEmergency = true }
        entries += [row.firstIndex, row.index].compactMap(\.self)
        add(.tenant, row.target.tenant)
        add(.region, row.target.region)
        add(.cluster, row.target.cluster)
        add(.database, row.string("database"))
        add(.deployer, row.person("actor"))
        if row.person("actor") == nil { hasUnknownDeployer = true }
        add(.deployerKind, row.privateString("actor", "kind"))
        add(.executedAs, row.privateString("executed_as"))
        add(.run, row.string("trigger", "run"))
    }

    private mutating func add(_ text: Text, _ value: String?) {
        guard let value else { return }
        texts[text, default: []].insert(ExactText(value))
    }

    /// All that were told, sorted.
    public func all(_ text: Text) -> [String] { (texts[text] ?? []).sorted().map(\.text) }

    /// The deployment that stands for all: the latest that applied the change, else the latest.
    public var decisive: HistoryRow { lastApplied ?? last }
}
