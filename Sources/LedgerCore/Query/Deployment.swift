/// Where a change stands on a target, as the last deployment there says.
public enum RecordedState: String, Sendable, CaseIterable {
    case applied
    case failed
    /// It began, and no end was heard of.
    case started
    case unknown
    case reverted
    /// It was taken as applied without being run.
    case marked
    /// The same, with every change before it.
    case baseline
    case skipped

    /// Whether the change is there.
    public var isDone: Bool {
        switch self {
        case .applied, .marked, .baseline: true
        case .failed, .started, .unknown, .reverted, .skipped: false
        }
    }

    /// Nil for a deployment that says nothing of it: a repair mends a tool's own table.
    public init?(_ operation: DeploymentOperation, _ status: DeploymentStatus) {
        switch (operation, status) {
        case (.repair, _): return nil
        case (_, .started): self = .started
        case (_, .failed): self = .failed
        case (_, .skipped): self = .skipped
        case (_, .unknown): self = .unknown
        case (.apply, .succeeded): self = .applied
        case (.revert, .succeeded): self = .reverted
        case (.mark, .succeeded): self = .marked
        case (.baseline, .succeeded): self = .baseline
        }
    }
}

/// A deployment with what places it: one attempt to execute, or revert, a change on a target.
public struct Deployment: Sendable {
    public let index: Int64
    /// When it happened; when it was recorded, if that is not known.
    public let at: Int64
    public let target: Target
    /// The change's id.
    public var change: String
    public let state: RecordedState
    /// `sha256:…` of the script.
    public var digest: String?
    public let durationMilliseconds: Int64?
    /// How to undo it, as far as it says so itself.
    public let strategy: String?

    public init(
        index: Int64, at: Int64, target: Target, change: String, state: RecordedState,
        digest: String?, durationMilliseconds: Int64?, strategy: String? = nil
    ) {
        self.index = index
        self.at = at
        self.target = target
        self.change = change
        self.state = state
        self.digest = digest
        self.durationMilliseconds = durationMilliseconds
        self.strategy = strategy
    }

    /// Whether it says later than another where the change stands: what was skipped changes
    /// nothing.
    public func supersedes(_ other: Deployment) -> Bool {
        let ranks = (state == .skipped ? 0 : 1, other.state == .skipped ? 0 : 1)
        return (ranks.0, at, index) > (ranks.1, other.at, other.index)
    }
}

/// How far a change has come in an environment: the targets on which it stands in one state.
public struct Progress: Sendable, Equatable {
    public let service: String
    public let environment: String
    public let change: String
    public let state: RecordedState
    public var targetCount: Int64
    /// Of `applied` alone, if there are any: all deployments by which it ever came there.
    public var applied: Applied?

    public struct Applied: Sendable, Equatable {
        public var firstAt: Int64
        public var lastAt: Int64
        /// The entry of the last, by time and then by index.
        public var last: Int64
        public var digest: String?
        public var longestMilliseconds: Int64?
        /// The targets may not all have the script of the last.
        public var isMixed: Bool
        /// How to undo the last, as far as it says so itself.
        public var strategy: String?

        public init(
            firstAt: Int64, lastAt: Int64, last: Int64, digest: String?,
            longestMilliseconds: Int64?, isMixed: Bool, strategy: String? = nil
        ) {
            self.firstAt = firstAt
            self.lastAt = lastAt
            self.last = last
            self.digest = digest
            self.longestMilliseconds = longestMilliseconds
            self.isMixed = isMixed
            self.strategy = strategy
        }

        /// By one deployment.
        public init(_ deployment: Deployment) {
            self.init(
                firstAt: deployment.at, lastAt: deployment.at, last: deployment.index,
                digest: deployment.digest, longestMilliseconds: deployment.durationMilliseconds,
                isMixed: false, strategy: deployment.strategy)
        }

        /// And by another one. Which script the targets have is not looked at.
        public mutating func add(_ deployment: Deployment) {
            firstAt = min(firstAt, deployment.at)
            if (deployment.at, deployment.index) > (lastAt, last) {
                (lastAt, last) = (deployment.at, deployment.index)
                digest = deployment.digest
                strategy = deployment.strategy
            }
            if let duration = deployment.durationMilliseconds {
                longestMilliseconds = max(longestMilliseconds ?? 0, duration)
            }
        }
    }

    public init(
        service: String, environment: String, change: String, state: RecordedState,
        targetCount: Int64, applied: Applied? = nil
    ) {
        self.service = service
        self.environment = environment
        self.change = change
        self.state = state
        self.targetCount = targetCount
        self.applied = applied
    }
}
