import LedgerCrypto

/// One entry as it lies in a store, byte for byte. The pointers are valid only during the call
/// that hands it over.
public struct StoredBytes {
    public let index: Int64
    /// Nil if a row tells of an entry that isn't there.
    public let leaf: UnsafeRawBufferPointer?
    public let hash: UnsafeRawBufferPointer?
    public let body: UnsafeRawBufferPointer?
    /// What is left of the body of an archived entry, and the entry that names the archive.
    public let carried: (bytes: UnsafeRawBufferPointer, archive: Int64)?
    /// The disclosures that have a place of their own, in the order of `StoredBytes.names`.
    public let disclosures: [UnsafeRawBufferPointer?]
    /// The canonical JSON array of the other disclosures.
    public let otherDisclosures: UnsafeRawBufferPointer?

    public static let names = EventSchema.privateNames + [EventSchema.principalName]

    public init(
        index: Int64, leaf: UnsafeRawBufferPointer?, hash: UnsafeRawBufferPointer?,
        body: UnsafeRawBufferPointer?,
        carried: (bytes: UnsafeRawBufferPointer, archive: Int64)? = nil,
        disclosures: [UnsafeRawBufferPointer?],
        otherDisclosures: UnsafeRawBufferPointer?
    ) {
        self.index = index
        self.leaf = leaf
        self.hash = hash
        self.body = body
        self.carried = carried
        self.disclosures = disclosures
        self.otherDisclosures = otherDisclosures
    }
}

/// What verification reads: stored bytes, and nothing that was derived from them.
public protocol StoredBytesReader: Sendable {
    /// The log's name as the ledger's settings have it; nil if they have none.
    var log: String? { get }

    /// One more than the largest index for which anything is stored, but not more than what so
    /// large a ledger can hold: a row may claim any index, and nobody should walk up to it.
    func indexBound() throws(LedgerError) -> Int64

    /// Hands over, in order, everything that is stored for the indexes of a range; an index for
    /// which nothing is stored is passed over. Any number of threads may read, each with a reader
    /// of its own.
    func forEach(
        in range: ClosedRange<Int64>, _ body: (StoredBytes) throws -> Void
    ) throws(LedgerError)

    /// The digests under which attachments are stored.
    func attachmentDigests() throws(LedgerError) -> Set<Digest>

    /// Hands over every attachment: the digest under which it is stored, and its bytes.
    func forEachAttachment(
        _ body: (Digest?, UnsafeRawBufferPointer) throws -> Void
    ) throws(LedgerError)
}
