/// What `ledger info` shows.
public struct LedgerSummary: Sendable {
    public var log: String
    public var head: Head
    public var streamCount: Int64
    public var firstRecorded: Timestamp?
    public var lastRecorded: Timestamp?
    public var byteCount: Int64
    public var attachmentCount: Int64
    public var attachmentByteCount: Int64

    public init(
        log: String, head: Head, streamCount: Int64, firstRecorded: Timestamp?,
        lastRecorded: Timestamp?, byteCount: Int64, attachmentCount: Int64,
        attachmentByteCount: Int64
    ) {
        self.log = log
        self.head = head
        self.streamCount = streamCount
        self.firstRecorded = firstRecorded
        self.lastRecorded = lastRecorded
        self.byteCount = byteCount
        self.attachmentCount = attachmentCount
        self.attachmentByteCount = attachmentByteCount
    }
}

/// A target that something was heard from, and when last.
public struct KnownTarget: Sendable {
    public let target: Target
    public let entryCount: Int64
    /// When the last of its entries was recorded.
    public let lastRecorded: Timestamp

    public init(target: Target, entryCount: Int64, lastRecorded: Timestamp) {
        self.target = target
        self.entryCount = entryCount
        self.lastRecorded = lastRecorded
    }
}

/// A change that the ledger knows.
public struct KnownChange: Sendable, Equatable {
    public let service: String
    public let id: String
    public let name: String?
    /// The rollback strategy of its last plan.
    public let strategy: String?

    public init(service: String, id: String, name: String?, strategy: String?) {
        self.service = service
        self.id = id
        self.name = name
        self.strategy = strategy
    }
}
