import LedgerCore

/// A time in which nothing is to be deployed.
public struct Freeze: Sendable, Equatable {
    /// The entry that declares it.
    public let index: Int64
    /// Of one service, environment or tenant, as far as they are named.
    public let target: Target
    public let from: Timestamp?
    /// Exclusive.
    public let until: Timestamp?
    public let reason: String?

    public init(
        index: Int64, target: Target, from: Timestamp?, until: Timestamp?, reason: String?
    ) {
        self.index = index
        self.target = target
        self.from = from
        self.until = until
        self.reason = reason
    }

    public func isOver(at now: Timestamp) -> Bool { until.map { $0 <= now } ?? false }

    /// Whether it holds for a target, or for a part of what is named, at a moment.
    public func holds(for other: Target, at now: Timestamp) -> Bool {
        (from.map { $0 <= now } ?? true) && !isOver(at: now)
            && [
                (target.service, other.service), (target.environment, other.environment),
                (target.tenant, other.tenant), (target.region, other.region),
                (target.cluster, other.cluster),
            ].allSatisfy { mine, theirs in
                guard let mine, let theirs else { return true }
                return mine.hasSameBytes(as: theirs)
            }
    }
}
