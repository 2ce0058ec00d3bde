import LedgerCore

// RollbackSteps.swift
//
// What has to be undone on each target, newest first. Nothing is executed.
//
//    undo C         what was applied there after C, since it may depend on C, and then C
//    back to TIME   what was applied there since
//
// The order is that of execution on the target, turned round; of what happened at the same time, the
// change that comes later in the service's own order goes first. An attempt that failed, has not
// ended, or of which nobody knows how it ended counts as one that may have left something. Of a
// repeatable change, the version that ran before runs again.

/// The changes that have to be undone to go back.
public struct RollbackSteps: Sendable, Equatable {
    public enum Goal: Sendable, Equatable {
        /// The id of a change.
        case undo(String)
        /// What ran then or later.
        case backTo(Timestamp)
    }

    /// Target by target, each from its first step on.
    public var steps: [RollbackStep]
    /// What a person has to know besides.
    public var notes: [String]

    public init(steps: [RollbackStep] = [], notes: [String] = []) {
        self.steps = steps
        self.notes = notes
    }
}

extension RollbackSteps {
    /// What is looked at: one service in one environment.
    public struct Source {
        public let history: ServiceHistory
        public let environment: Int
        /// All of the service in the environment.
        public let deployments: [Deployment]
        /// By the places of the changes.
        public let plans: [RollbackPlans]
        public let now: Timestamp
        /// Which targets are asked for; members that are given.
        public let isAsked: (Target) -> Bool
        /// Gives the row of a deployment, whole.
        public let row: (Int64) throws(LedgerError) -> HistoryRow?

        public init(
            history: ServiceHistory, environment: Int, deployments: [Deployment],
            plans: [RollbackPlans], now: Timestamp, isAsked: @escaping (Target) -> Bool,
            row: @escaping (Int64) throws(LedgerError) -> HistoryRow?
        ) {
            self.history = history
            self.environment = environment
            self.deployments = deployments
            self.plans = plans
            self.now = now
            self.isAsked = isAsked
            self.row = row
        }
    }

    /// - Parameter goal: the change is one of the history's.
    public init(_ goal: Goal, in source: Source) throws(LedgerError) {
        self.init()
        let history = source.history
        guard let known = history.environments[source.environment].targets else { return }
        var resolved: [Target: Int] = [:]
        var runs = [[Int: [Deployment]]](repeating: [:], count: known.targets.count)
        for deployment in source.deployments where deployment.state != .skipped {
            guard let change = history.change(withID: deployment.change) else { continue }
            if resolved[deployment.target] == nil,
                case .target(let target) = known.meaning(of: deployment.target)
            {
                resolved[deployment.target] = known.place(of: target)
            }
            guard let target = resolved[deployment.target] else { continue }
            runs[target][change, default: []].append(deployment)
        }
        var walks: [RollbackWalk] = []
        for (place, target) in known.targets.enumerated() where source.isAsked(target) {
            let walk = RollbackWalk(goal, source, target: target, place: place, runs: runs[place])
            steps += try walk.steps()
            walks.append(walk)
        }
        notes = walks.isEmpty ? [] : RollbackWalk.notes(goal, source, walks)
    }
}
