import LedgerCrypto

/// An entry as it lies in a store.
public struct StoredEntry: Sendable {
    public let index: Int64
    public let leaf: [UInt8]
    public let hash: Digest
    /// Nil once it is archived.
    public let body: [UInt8]?
    /// Those that are still there.
    public let disclosures: [Disclosure]
    /// The entry that names the archive in which the body is.
    public let archivedBy: Int64?

    public init(
        index: Int64, leaf: [UInt8], hash: Digest, body: [UInt8]?, disclosures: [Disclosure],
        archivedBy: Int64? = nil
    ) {
        self.index = index
        self.leaf = leaf
        self.hash = hash
        self.body = body
        self.disclosures = disclosures
        self.archivedBy = archivedBy
    }
}
