import LedgerCore

/// How far one change has come in one environment.
public struct Cell: Sendable {
    /// Of the known targets, how many stand in a state by their last deployment.
    public var counts: [RecordedState: Int] = [:]
    /// Targets without a deployment of it, on which a later baseline speaks for it.
    public var coveredCount = 0
    /// The deployments by which it was applied.
    public var applied: Progress.Applied?
    /// The last deployment on each target, by place in the environment's targets, where they were
    /// looked at one by one.
    public var last: [Int: Deployment] = [:]
    /// The targets that a baseline speaks for, likewise.
    public var covered: Set<Int> = []
    /// Deployments on names that fit several targets: they count nowhere.
    public var ambiguous: [Deployment] = []

    /// When it was applied first, also if it was run again since; as far as the deployments were
    /// looked at one by one, else as the last on each target says.
    var firstAt: Int64? { [firstEver, applied?.firstAt].compactMap(\.self).min() }
    /// The first of all deployments by which it was applied.
    public var firstEver: Int64?

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

    /// Adds the last deployment on a target.
    mutating func add(_ deployment: Deployment, at place: Int) {
        last[place] = deployment
        counts[deployment.state, default: 0] += 1
        guard deployment.state == .applied else { return }
        if applied?.add(deployment) == nil { applied = Progress.Applied(deployment) }
    }
}

/// Whether two digests are known and differ.
func differ(_ left: String?, _ right: String?) -> Bool {
    guard let left, let right else { return false }
    return !left.hasSameBytes(as: right)
}
