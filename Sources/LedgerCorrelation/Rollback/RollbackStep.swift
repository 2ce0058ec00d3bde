import LedgerCore

/// A change that has to be undone on one target.
public struct RollbackStep: Sendable, Equatable {
    /// Why it can't simply be undone.
    public enum Obstacle: String, Sendable, CaseIterable {
        /// Nobody said how.
        case noPlan = "no-plan"
        /// Somebody said that it can't be undone.
        case irreversible
        /// It is mended by another change, not undone.
        case forwardFix = "forward-fix"
        /// Its restore point is kept no longer.
        case restorePointExpired = "restore-point-expired"
        /// It needs a restore point, and none is named.
        case noRestorePoint = "no-restore-point"
        /// Its last attempt failed, hasn't ended, or nobody knows how: it isn't known what is there.
        case unclear
        /// It was taken as applied without being run: it isn't known what is there.
        case notRun = "not-run"
        /// It was there before the time to go back to, and ran again since.
        case thereBefore = "there-before"
    }

    /// The version of a change that ran before.
    public struct Version: Sendable, Equatable {
        /// The deployment that brought it.
        public let index: Int64
        /// `sha256:…` of its script.
        public let digest: String?

        public init(index: Int64, digest: String?) {
            self.index = index
            self.digest = digest
        }
    }

    public let target: Target
    /// Its place among the target's steps: 1 is the first to be done.
    public let number: Int
    public let change: String
    public let name: String?
    /// Not what was asked for, but what ran after it.
    public let isInTheWay: Bool
    /// Where it stands by its last deployment there.
    public let state: ChangeState
    public let index: Int64
    public let at: Timestamp
    /// `sha256:…` of that deployment's script.
    public let digest: String?
    /// The version that is to run again instead of undoing the change.
    public let before: Version?
    public let plan: RollbackPlan?
    public let obstacle: Obstacle?

    public var service: String { target.service ?? "" }

    public init(
        target: Target, number: Int, change: String, name: String?, isInTheWay: Bool,
        state: ChangeState, index: Int64, at: Timestamp, digest: String?, before: Version?,
        plan: RollbackPlan?, obstacle: Obstacle?
    ) {
        self.target = target
        self.number = number
        self.change = change
        self.name = name
        self.isInTheWay = isInTheWay
        self.state = state
        self.index = index
        self.at = at
        self.digest = digest
        self.before = before
        self.plan = plan
        self.obstacle = obstacle
    }

    /// Whether undoing it could have been tried, and was tried nowhere.
    public var isUntested: Bool {
        guard obstacle == nil, before == nil, let plan else { return false }
        return plan.strategy != .expandContract && plan.tests.isEmpty
    }
}

extension RollbackStep.Obstacle {
    /// Of a change that is there, and of which no version before is to run again.
    init?(_ plan: RollbackPlan?, at now: Timestamp) {
        guard let plan else {
            self = .noPlan
            return
        }
        switch plan.strategy {
        case .irreversible: self = .irreversible
        case .forwardFix: self = .forwardFix
        case .restorePoint where plan.restorePoint == nil: self = .noRestorePoint
        case .restorePoint where plan.isExpired(at: now): self = .restorePointExpired
        case .reversible, .restorePoint, .expandContract: return nil
        }
    }
}
