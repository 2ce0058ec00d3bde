import LedgerCrypto

/// Entries whose bodies were taken out of the ledger together.
public struct ArchivedPart: Sendable, Equatable {
    /// The entry that says so.
    public let index: Int64
    public let archived: Timestamp
    public let first: Int64
    public let last: Int64
    /// When the last of them was recorded.
    public let lastRecorded: Timestamp
    public let entryCount: Int64
    /// SHA-256 of the archive's archive.json.
    public let digest: Digest
    /// They are in the ledger again.
    public let isRestored: Bool

    public init(
        index: Int64, archived: Timestamp, first: Int64, last: Int64, lastRecorded: Timestamp,
        entryCount: Int64, digest: Digest, isRestored: Bool
    ) {
        self.index = index
        self.archived = archived
        self.first = first
        self.last = last
        self.lastRecorded = lastRecorded
        self.entryCount = entryCount
        self.digest = digest
        self.isRestored = isRestored
    }
}
