import LedgerCrypto

/// The last entry: an index and the hash of that entry, which stands for all before it.
public struct Head: Sendable, Equatable {
    public let index: Int64
    public let hash: Digest

    public init(index: Int64, hash: Digest) {
        self.index = index
        self.hash = hash
    }

    /// The head of a ledger without entries.
    public static let empty = Head(index: -1, hash: .zero)

    public var entryCount: Int64 { index + 1 }

    /// `1234:9f2c…` with the whole hash.
    public var text: String { "\(index):\(hash.hex)" }

    /// Reads `text`; nil for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        // Int64 reads +5 and 007 too.
        guard parts.count == 2, let index = Int64(parts[0]), index >= 0, parts[0] == "\(index)",
            let hash = Digest(hex: parts[1].utf8)
        else { return nil }
        self.init(index: index, hash: hash)
    }
}

/// What the one who recorded an event gets back.
public struct Receipt: Sendable, Equatable {
    public let index: Int64
    public let hash: Digest
    /// When the ledger recorded it.
    public let time: Timestamp
    /// The event was there before, and this is its first receipt.
    public let isRepeat: Bool
    /// The event was there before and its body is archived: its content was not compared.
    public let isUncompared: Bool

    public init(
        index: Int64, hash: Digest, time: Timestamp, isRepeat: Bool = false,
        isUncompared: Bool = false
    ) {
        self.index = index
        self.hash = hash
        self.time = time
        self.isRepeat = isRepeat
        self.isUncompared = isUncompared
    }

    /// `ledger: #1234 9f2c…` with the whole hash: what is printed, and what `verify --receipts`
    /// finds in a job's log.
    public var text: String { "ledger: #\(index) \(hash.hex)" }
}
