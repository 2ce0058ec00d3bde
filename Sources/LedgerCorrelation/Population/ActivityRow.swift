import LedgerCore

/// What one person or service did in one place in a period: events of one type, counted.
public struct ActivityRow: Sendable {
    /// The id; nil for those of whom nobody said who did it.
    public let actor: String?
    public let type: EventType
    public let service: String?
    public let environment: String?
    /// `human`, `service` or `agent`, as the last of them says.
    public fileprivate(set) var kind: String?
    public fileprivate(set) var count = 0
    /// Of deployments, those that failed.
    public fileprivate(set) var failedCount = 0
    /// Of deployments, those that nothing but a person started.
    public fileprivate(set) var manualCount = 0
    public fileprivate(set) var first: Timestamp
    public fileprivate(set) var last: Timestamp
}

/// Counts who did what.
public struct Activity: Sendable {
    private struct Key: Hashable {
        let actor: ExactText?
        let type: EventType
        let service: ExactText?
        let environment: ExactText?
    }

    private var found: [Key: ActivityRow] = [:]

    public init() {}

    public mutating func add(_ row: HistoryRow) {
        // What the ledger itself records, it does for whom it authenticated.
        let actor =
            row.person("actor")
            ?? (EventType.own.contains(row.type)
                ? row.privateString(EventSchema.principalName) ?? row.principal["id"]?.string : nil)
        let target = row.target
        let key = Key(
            actor: actor.map(ExactText.init), type: row.type,
            service: target.service.map(ExactText.init),
            environment: target.environment.map(ExactText.init))
        var counted =
            found[key]
            ?? ActivityRow(
                actor: actor, type: row.type, service: target.service,
                environment: target.environment, first: row.at, last: row.at)
        counted.count += 1
        if row.status == .failed { counted.failedCount += 1 }
        if row.type == .deployment, row.string("trigger", "kind") == "manual" {
            counted.manualCount += 1
        }
        counted.first = min(counted.first, row.at)
        counted.last = max(counted.last, row.at)
        counted.kind = row.privateString("actor", "kind") ?? counted.kind
        found[key] = counted
    }

    /// By actor, type, service and environment; those whom nobody named come first.
    public var rows: [ActivityRow] {
        func key(_ row: ActivityRow) -> [ExactText] {
            [row.actor, row.type.rawValue, row.service, row.environment].map {
                ExactText($0 ?? "")
            }
        }
        return found.values.sorted { key($0).lexicographicallyPrecedes(key($1)) }
    }
}
