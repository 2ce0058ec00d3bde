/// An entry whose time is far from when it was recorded.
public struct Untimely: Sendable {
    public enum Kind: Sendable {
        /// It happened, by its source's clock, after it was recorded.
        case ahead
        /// A deployment, not an imported one, that was recorded long after it happened.
        case late
    }

    public let index: Int64
    public let at: Int64
    public let recorded: Int64

    public init(index: Int64, at: Int64, recorded: Int64) {
        self.index = index
        self.at = at
        self.recorded = recorded
    }
}

/// A deployment whose number says that there were others before, and not as many are known.
public struct LoneAttempt: Sendable {
    public let index: Int64
    public let at: Int64
    public let target: Target
    /// The change's id.
    public let change: String
    public let attempt: Int64
    /// How many of the change came before it on the target.
    public let earlierCount: Int64

    public init(
        index: Int64, at: Int64, target: Target, change: String, attempt: Int64,
        earlierCount: Int64
    ) {
        self.index = index
        self.at = at
        self.target = target
        self.change = change
        self.attempt = attempt
        self.earlierCount = earlierCount
    }
}

/// A deployment that names the database to which it connected.
public struct Connection: Sendable {
    public let index: Int64
    public let at: Int64
    public let target: Target
    public let address: DatabaseAddress

    public init(index: Int64, at: Int64, target: Target, address: DatabaseAddress) {
        self.index = index
        self.at = at
        self.target = target
        self.address = address
    }
}
