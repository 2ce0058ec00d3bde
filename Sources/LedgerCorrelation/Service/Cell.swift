import LedgerCore

/// How far one change has come in one environment.
public struct Cell: Sendable {
    /// Of the known targets, how many stand in a state by their last deployment.
    public var counts: [RecordedState: Int] = [:]
    /// Targets without a deployment of it, on which a later baseline speaks for it.
    public var coveredCount = 0
    /// All deployments by which it was ever applied, if it is applied on some target.
    public var applied: Progress.Applied?
    /// The last deployment on each target, by place in the environment's targets, where they were
    /// looked at one by one.
    public var last: [Int: Deployment] = [:]
    /// The targets that a baseline speaks for, likewise.
    public var covered: Set<Int> = []
    /// The targets on which it was reverted, and never came to before, likewise.
    public var revertedUnseen: Set<Int> = []
    /// Deployments on names that fit several targets: they count nowhere.
    public var ambiguous: [Deployment] = []

    /// Targets that something is known of.
    var heardCount: Int { counts.values.reduce(coveredCount, +) }

    /// Targets on which its content is.
    public var doneCount: Int {
        (counts[.applied] ?? 0) + (counts[.marked] ?? 0) + (counts[.baseline] ?? 0) + coveredCount
    }

    mutating func add(_ progress: Progress) {
        counts[progress.state] = Int(progress.targetCount)
        if let applied = progress.applied { self.applied = applied }
    }

    /// Adds the last deployments on targets, and all by which it was ever applied.
    mutating func add(_ deployments: [Int: Deployment], applied: Progress.Applied?) {
        last = deployments
        for deployment in deployments.values { counts[deployment.state, default: 0] += 1 }
        let digests = deployments.values.filter { $0.state == .applied }.map(\.digest)
        if digests.isEmpty { return }
        self.applied = applied
        self.applied?.isMixed = !digests.allSatisfy { $0.hasSameBytes(as: applied?.digest) }
    }
}

/// Whether two digests are known and differ.
func differ(_ left: String?, _ right: String?) -> Bool {
    guard let left, let right else { return false }
    return !left.hasSameBytes(as: right)
}
