import LedgerCore
import LedgerCrypto
import LedgerReport

/// What can be read of a ledger, wherever it is.
///
/// A view of a file shows it as it stood when the view was opened; one of a server shows it as it
/// stands at each question. What the caller may not see is left out.
public protocol LedgerView: Sendable {
    func head() async throws(LedgerError) -> Head
    func summary() async throws(LedgerError) -> LedgerSummary

    func entry(at index: Int64) async throws(LedgerError) -> SeenEntry?
    func entry(withHash hash: Digest) async throws(LedgerError) -> SeenEntry?
    /// The entries of events with this id, whatever their source.
    func indexes(ofEvent id: String) async throws(LedgerError) -> [Int64]
    /// Hands over the entries of a range in order, until `body` returns false.
    func forEachEntry(
        in range: Range<Int64>, isReversed: Bool, _ body: (SeenEntry) throws -> Bool
    ) async throws(LedgerError)

    /// Hands over the rows that match, in order, until `body` returns false.
    func forEachRow(
        matching query: EntryQuery, _ body: (HistoryRow) throws -> Bool
    ) async throws(LedgerError)
    /// The same with the tenants of one change in one row; the query's limit counts folded rows.
    ///
    /// - Returns: true if there are more rows than the limit lets through.
    func forEachFoldedRow(
        matching query: EntryQuery, _ body: (FoldedRow) throws -> Void
    ) async throws(LedgerError) -> Bool
    /// Writes the rows that match as records for programs.
    func writeRows(
        matching query: EntryQuery, as format: RecordFormat, to output: BufferedOutput
    ) async throws(LedgerError)

    /// Hands over the rows of new events as they are recorded, by index, each once: those that are
    /// there after `index` already, then those that come, until `body` returns false or the task
    /// is cancelled.
    ///
    /// A deployment's start and its end are a row each. The query's order, limit and `after` mean
    /// nothing here. A view of a file lets go of its moment for it, and answers nothing else
    /// afterwards. One of a server reads `GET /v1/stream?after=INDEX` with the query's parameters
    /// (without `limit` and `reverse`): each event `entry` has a row in `data`; every `id`, also
    /// one without data, is where to go on by `Last-Event-ID` after the connection was lost.
    func follow(
        matching query: EntryQuery, after index: Int64, _ body: (HistoryRow) throws -> Bool
    ) async throws(LedgerError)

    /// The changes with this id, this name, or one that begins so, in all or in one service. An
    /// exact match stands alone.
    func changes(
        named name: String, service: String?, limit: Int
    ) async throws(LedgerError) -> [KnownChange]
    /// Every event that speaks of a change, under any of its names, oldest first.
    func story(of change: KnownChange) async throws(LedgerError) -> [HistoryRow]
    /// The last merge that was recorded of each service, from one source and for one Git ref; the
    /// last recorded stands last.
    func lastMerges(
        source: String, ref: String
    ) async throws(LedgerError) -> [(service: String, commit: String)]

    /// Answers what is asked with one value.
    func reply<Asked: Inquiry>(
        to inquiry: Asked
    ) async throws(LedgerError) -> Asked.Reply
    /// Whether changes may go to an environment now, many at once.
    func gate(_ question: GateQuestion) async throws(LedgerError) -> GateAnswer

    /// The targets within the query's names of targets.
    func targets(matching query: EntryQuery) async throws(LedgerError) -> [KnownTarget]
    /// The values that a member has been given so far: for "did you mean".
    func knownNames(of member: KnownNames) async throws(LedgerError) -> [String]
    /// Every token that was ever created, in the order of their creation.
    func tokens() async throws(LedgerError) -> [IssuedToken]
    func attachment(_ digest: Digest) async throws(LedgerError) -> [UInt8]?
}

/// An entry as one caller sees it.
public struct SeenEntry: Sendable {
    public let stored: StoredEntry
    /// The last correction of what it says.
    public let correctedBy: Int64?
    /// The private members that are there, but not for this caller to see.
    public let hidden: [String]
    /// What was erased of it.
    public let erasures: [ErasedMember]

    public init(
        _ stored: StoredEntry, correctedBy: Int64? = nil, hidden: [String] = [],
        erasures: [ErasedMember] = []
    ) {
        self.stored = stored
        self.correctedBy = correctedBy
        self.hidden = hidden
        self.erasures = erasures
    }

    public var shown: ShownEntry { ShownEntry(stored, hidden: hidden, erasures: erasures) }
}
