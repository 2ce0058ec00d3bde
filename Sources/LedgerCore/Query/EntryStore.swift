import LedgerCrypto

/// Gives entries back, as of one moment: a reader sees no write that ends after it began.
public protocol EntryReader: Sendable {
    var log: String { get }

    func head() throws(LedgerError) -> Head
    func entry(at index: Int64) throws(LedgerError) -> StoredEntry?
    func entry(withHash hash: Digest) throws(LedgerError) -> StoredEntry?
    /// The entries of events with this id, whatever their source.
    func indexes(ofEvent id: String) throws(LedgerError) -> [Int64]

    /// The last correction of what an entry says; nil if there is none.
    func correction(of index: Int64) throws(LedgerError) -> Int64?

    /// What of an entry was erased, and by which entries.
    func erasures(of index: Int64) throws(LedgerError) -> [ErasedMember]

    /// Hands over the entries of a range in order, until `body` returns false.
    func forEachEntry(
        in range: Range<Int64>, isReversed: Bool, _ body: (StoredEntry) throws -> Bool
    ) throws(LedgerError)

    /// Hands over the rows that match, in order, until `body` returns false. Memory does not grow
    /// with their number.
    func forEachRow(
        matching query: EntryQuery, _ body: (HistoryRow) throws -> Bool
    ) throws(LedgerError)

    /// Hands over the row of each matching event whose index is in a range, by index, until `body`
    /// returns false: also that of a deployment's start whose end is known. The query's order,
    /// limit and `after` mean nothing here.
    func forEachRecordedRow(
        in range: ClosedRange<Int64>, matching query: EntryQuery,
        _ body: (HistoryRow) throws -> Bool
    ) throws(LedgerError)

    /// As `forEachRow`, with no more of each row than its outline: some ten times as fast.
    func forEachOutline(
        matching query: EntryQuery, _ body: (RowOutline) throws -> Bool
    ) throws(LedgerError)

    /// As `forEachOutline`, with actors and durations, and in any order.
    func forEachOutcome(
        matching query: EntryQuery, _ body: (RowOutcome) throws -> Bool
    ) throws(LedgerError)

    /// The row of an index that an outline gave; nil if there is none.
    func row(at index: Int64) throws(LedgerError) -> HistoryRow?

    /// The changes with this id, this name, or one that begins so, in all or in one service. An
    /// exact match stands alone.
    func changes(
        named name: String, service: String?, limit: Int
    ) throws(LedgerError) -> [KnownChange]

    /// The changes of these services, or of all, with their merges as of a moment; without an order.
    func serviceChanges(
        of services: [String], asOf: AsOf
    ) throws(LedgerError) -> [ServiceChange]

    /// The changes that came with merges of a service and have the script of one of these, as far
    /// as it was known at a moment.
    func scriptMatches(
        of changes: [String], in service: String, asOf: AsOf
    ) throws(LedgerError) -> [ScriptMatch]

    /// The changes that came with a merge of a service and whose script is that of several others in
    /// a row; the match is of the last of those.
    ///
    /// - Parameter groups: each some changes, in their order.
    func squashMatches(
        of groups: [[String]], in service: String, asOf: AsOf
    ) throws(LedgerError) -> [ScriptMatch]

    /// How far the changes of these services, or of all, have come by now.
    func progress(of services: [String]) throws(LedgerError) -> [Progress]

    /// Hands over, in any order, the deployments of these services, or of all, by which it can be
    /// told where changes stand as of a moment.
    func forEachDeployment(
        of services: [String], asOf: AsOf, _ body: (Deployment) throws -> Void
    ) throws(LedgerError)

    /// The reverts that succeeded, of these services or of all, in the order in which they happened.
    func reverts(of services: [String]) throws(LedgerError) -> [Revert]

    /// How many targets were heard from, as far as the entries' own words go: corrections are not
    /// looked at.
    func heardTargets(of services: [String]) throws(LedgerError) -> [HeardTargets]

    /// The environments in which something was corrected, of these services or of all: before and
    /// after.
    func correctedPlaces(of services: [String]) throws(LedgerError) -> Set<Target>

    /// The events of some types, not deployments, of these services or of all, as the ledger knew
    /// them at a moment; by index.
    func forEachFact(
        _ types: [EventType], of services: [String], asOf: AsOf,
        _ body: (HistoryRow) throws -> Void
    ) throws(LedgerError)

    /// The declarations of targets, likewise.
    func forEachTargetDeclaration(
        of services: [String], asOf: AsOf, _ body: (TargetDeclaration) throws -> Void
    ) throws(LedgerError)

    /// The digests, `sha256:…`, of the scripts that touch an object: `orders` or `shop.orders`.
    func digests(touching object: String) throws(LedgerError) -> Set<ExactText>

    /// Entries of a service in an environment, or in none, whose time since a moment is further
    /// than this from when they were recorded; the newest first, and no more than show it.
    func untimely(
        _ kind: Untimely.Kind, service: String, environment: String?, beyond milliseconds: Int64,
        since: Int64
    ) throws(LedgerError) -> [Untimely]

    /// Deployments before which others are missing, by their own number; not where the number is
    /// that of a pipeline's run, which may have failed before it came to a database.
    func loneAttempts(
        service: String, environment: String
    ) throws(LedgerError) -> [LoneAttempt]

    /// Whether any deployment names the database to which it connected, with its host.
    var hasConnections: Bool { get throws(LedgerError) }

    /// Deployments that connected to a database, and name other environments than these: of each
    /// place some.
    func connections(
        to address: DatabaseAddress, exceptFrom environments: Set<ExactText>
    ) throws(LedgerError) -> [Connection]

    /// The last entry that was recorded by this time; -1 if there is none.
    func index(recordedBy time: Int64) throws(LedgerError) -> Int64

    /// Every event that speaks of a change, oldest first.
    func story(of change: KnownChange) throws(LedgerError) -> [HistoryRow]

    /// The last merge that was recorded of each service, from one source and for one Git ref; the
    /// last recorded stands last.
    func lastMerges(
        source: String, ref: String
    ) throws(LedgerError) -> [(service: String, commit: String)]

    /// The entries by which tokens were created and revoked, in order.
    func tokenEntries() throws(LedgerError) -> [StoredEntry]

    func targets(matching query: EntryQuery) throws(LedgerError) -> [KnownTarget]
    /// The values that a member has been given so far: for "did you mean".
    func knownNames(of member: KnownNames) throws(LedgerError) -> [String]

    func attachment(_ digest: Digest) throws(LedgerError) -> [UInt8]?
    func summary() throws(LedgerError) -> LedgerSummary
}

public enum KnownNames: String, Sendable {
    case service, environment, tenant, region, cluster
    /// Those that scripts touch, with and without their schema.
    case object
}

/// Holds entries in order. The one who writes has the whole ledger to itself for that time, among
/// all threads and processes.
public protocol EntryStore: Sendable {
    var log: String { get }

    /// Runs `body` as the only writer. What it appended is durable when this returns, all of it or,
    /// if it throws, none.
    func write<Result: Sendable>(
        _ body: (any EntryWriter) throws -> Result
    ) throws(LedgerError) -> Result
}

/// What the sequencer may ask of a store while it alone writes.
public protocol EntryWriter {
    func head() throws -> Head
    /// When the last entry was recorded.
    func lastTime() throws -> Int64?
    /// Entries with this identity, oldest first; usually none or one. The caller compares: the
    /// store may look at a part of the digest only.
    func entries(withIdentity identity: Digest) throws -> [StoredEntry]
    /// The stream's last entry: its index within the stream and its hash; nil for a new stream.
    func streamHead(_ id: Digest) throws -> Head?
    /// Adds one entry after the head, with everything that is derived from it.
    func append(_ submission: Submission, leaf: Leaf, leafBytes: [UInt8], hash: Digest) throws

    func entry(at index: Int64) throws -> StoredEntry?
    /// The entries of events of this type, in order.
    func entries(of type: EventType) throws -> [StoredEntry]
    /// What of an entry was erased, and by which entries.
    func erasures(of index: Int64) throws -> [ErasedMember]
    /// The other events of the same deployment.
    func siblings(of index: Int64) throws -> [Int64]
    /// Who names the bytes of these attachments, erased or not. Looks at every entry.
    func references(to digests: Set<Digest>) throws -> [Digest: [MemberReference]]
    /// Erases members of entries, and the bytes of attachments: the last entry must be the redaction
    /// that names them.
    func erase(_ members: [String], of indexes: [Int64], bytes digests: [Digest]) throws
}
