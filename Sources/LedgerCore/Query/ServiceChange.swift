/// A change of a service, with what was merged of it.
public struct ServiceChange: Sendable, Equatable {
    public let service: String
    public let id: String
    public let name: String?
    /// The rollback strategy of its last plan.
    public let strategy: String?
    public let isRepeatable: Bool
    public var merge: Merge?
    /// The ids that it has besides, as links say.
    public var otherIDs: [String] = []

    public struct Merge: Sendable, Equatable {
        /// When it was merged first.
        public var firstAt: Int64
        /// The entry of the merge that brought it last.
        public var last: Int64
        /// `sha256:…` of the script that it brought.
        public var digest: String?
        /// When that merge was.
        public var lastAt: Int64
        /// It took the script out of Git.
        public var isDeletion: Bool

        public init(
            firstAt: Int64, last: Int64, digest: String?, lastAt: Int64, isDeletion: Bool = false
        ) {
            self.lastAt = lastAt
            self.isDeletion = isDeletion
            self.firstAt = firstAt
            self.last = last
            self.digest = digest
        }
    }

    public init(
        service: String, id: String, name: String?, strategy: String?, isRepeatable: Bool,
        merge: Merge?
    ) {
        self.service = service
        self.id = id
        self.name = name
        self.strategy = strategy
        self.isRepeatable = isRepeatable
        self.merge = merge
    }
}

/// A moment to look back from.
public struct AsOf: Sendable, Equatable {
    /// What happened until then, this millisecond included.
    public var at: Int64?
    /// What the ledger knew with this entry as its last.
    public var index: Int64?

    public init(at: Int64? = nil, index: Int64? = nil) {
        self.at = at
        self.index = index
    }

    public static let now = AsOf()

    public var isNow: Bool { at == nil && index == nil }
}

/// How many targets of a service were heard from in an environment, by the shape of their names.
public struct HeardTargets: Sendable {
    public let service: String
    public let environment: String
    public let shape: Target.Shape
    public let targetCount: Int64
    /// The days, of those since 1970, on which the last entry of each was recorded: the first and
    /// the last of them.
    public let days: ClosedRange<Int64>

    public init(
        service: String, environment: String, shape: Target.Shape, targetCount: Int64,
        days: ClosedRange<Int64>
    ) {
        self.service = service
        self.environment = environment
        self.shape = shape
        self.targetCount = targetCount
        self.days = days
    }
}

/// What a `target` event says: that a target is there, or no more.
public struct TargetDeclaration: Sendable {
    public let target: Target
    public let isAdded: Bool
    /// The entry.
    public let index: Int64
    /// `host/database`.
    public let address: String?

    public init(target: Target, isAdded: Bool, index: Int64, address: String?) {
        self.target = target
        self.isAdded = isAdded
        self.index = index
        self.address = address
    }
}
