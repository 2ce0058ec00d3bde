import LedgerCore

/// How a change is undone: as somebody said it, or as it was found beside the change.
public struct RollbackPlan: Sendable, Equatable {
    /// The script that undoes it.
    public struct Script: Sendable, Equatable {
        /// `sha256:…` of its bytes.
        public let digest: String
        /// In bytes; nil where the ledger has the digest alone.
        public let size: Int64?
        /// The entry that brought it.
        public let index: Int64

        public init(digest: String, size: Int64?, index: Int64) {
            self.digest = digest
            self.size = size
            self.index = index
        }
    }

    /// That undoing it was tried.
    public struct Test: Sendable, Equatable {
        public let environment: String
        /// The entry that shows it: a revert, or somebody's word.
        public let index: Int64
        /// Of a revert, the deployment that it undid.
        public let undone: Int64?

        public init(environment: String, index: Int64, undone: Int64?) {
            self.environment = environment
            self.index = index
            self.undone = undone
        }
    }

    /// Where it holds: everywhere, if no more than the service is named.
    public let target: Target
    public let strategy: RollbackStrategy
    public internal(set) var script: Script?
    public let restorePoint: String?
    /// Until when the restore point is kept.
    public let restorePointExpires: Timestamp?
    public let reason: String?
    /// The entry that says it.
    public let index: Int64
    /// It came along with a merge or was found with a script; nobody said it.
    public let isInferred: Bool
    /// One for each environment, by their entries.
    public internal(set) var tests: [Test]

    public init(
        target: Target, strategy: RollbackStrategy, script: Script? = nil,
        restorePoint: String? = nil, restorePointExpires: Timestamp? = nil, reason: String? = nil,
        index: Int64, isInferred: Bool, tests: [Test] = []
    ) {
        self.target = target
        self.strategy = strategy
        self.script = script
        self.restorePoint = restorePoint
        self.restorePointExpires = restorePointExpires
        self.reason = reason
        self.index = index
        self.isInferred = isInferred
        self.tests = tests
    }

    public var isEverywhere: Bool { target.memberCount <= 1 }

    public func isExpired(at now: Timestamp) -> Bool {
        strategy == .restorePoint && (restorePointExpires.map { $0 < now } ?? false)
    }

    /// Whether both would do the same.
    public func isAlike(_ other: RollbackPlan) -> Bool {
        strategy == other.strategy && script?.digest == other.script?.digest
            && restorePoint == other.restorePoint
            && restorePointExpires == other.restorePointExpires
    }

    /// Whether it speaks of a target, or of what that is a part of.
    func holds(on other: Target) -> Bool { target == other || target.fits(other) }
}

extension RollbackPlan {
    /// What a merge, a plan or a deployment says; nil if it says nothing of undoing it.
    public init?(_ row: HistoryRow) {
        let digest = row.string("rollback", "script_digest")
        let stated = row.string("rollback", "strategy").flatMap(RollbackStrategy.init(rawValue:))
        guard let strategy = stated ?? (digest == nil ? nil : .reversible) else { return nil }
        let isMerge = row.type == .merge
        self.init(
            // A merge is for every target.
            target: isMerge ? Target(service: row.target.service) : row.target,
            strategy: strategy,
            script: digest.map {
                Script(digest: $0, size: row.integer("rollback", "script_size"), index: row.index)
            },
            restorePoint: row.string("rollback", "restore_point"),
            restorePointExpires: row.time("rollback", "restore_point_expires"),
            reason: row.type == .rollbackPlan ? row.privateString("reason") : nil,
            index: row.index,
            isInferred: row.members[["rollback", "inferred"]]?.bool ?? isMerge,
            tests: (row.members[["rollback", "tested_in"]]?.array ?? []).compactMap(\.string).map {
                Test(environment: $0, index: row.index, undone: nil)
            })
    }

    /// As far as a deployment's outline tells it.
    init?(_ deployment: Deployment) {
        self.init(target: deployment.target, deployment.strategy, deployment.index)
    }

    init?(target: Target, _ strategy: String?, _ index: Int64) {
        guard let strategy = strategy.flatMap(RollbackStrategy.init(rawValue:)) else { return nil }
        self.init(target: target, strategy: strategy, index: index, isInferred: false)
    }
}
