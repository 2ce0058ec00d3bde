import LedgerCore

/// A change that came before a moment, on all its targets, with what makes it suspect.
public struct Suspect: Sendable {
    /// Of its events, the newest; an `override` without a deployment stands for itself.
    public let row: HistoryRow
    /// Where it ran, sorted.
    public let targets: [Target]
    /// Those of them where the last attempt failed.
    public let failed: [Target]
    /// When it ended last before the moment; when it began, if it was under way then.
    public let at: Timestamp
    public let longestMilliseconds: Int64?
    public let attemptCount: Int
    /// Ascending.
    public let entries: [Int64]
    /// The weightiest first; never empty.
    public let suspicions: [Suspicion]

    public var points: Int { suspicions.reduce(0) { $0 + $1.points } }

    init(
        row: HistoryRow, targets: [Target], failed: [Target], at: Timestamp,
        longestMilliseconds: Int64?, attemptCount: Int, entries: [Int64], suspicions: [Suspicion]
    ) {
        self.row = row
        self.targets = targets
        self.failed = failed
        self.at = at
        self.longestMilliseconds = longestMilliseconds
        self.attemptCount = attemptCount
        self.entries = entries
        // Stable: of as many points in the order in which they were found.
        self.suspicions = suspicions.enumerated().sorted {
            ($1.element.points, $0.offset) < ($0.element.points, $1.offset)
        }.map(\.element)
    }

    /// Whether it comes before another: no two are alike, since each has entries of its own.
    public func isBefore(_ other: Suspect) -> Bool {
        (points, at, row.index) > (other.points, other.at, other.row.index)
    }
}
