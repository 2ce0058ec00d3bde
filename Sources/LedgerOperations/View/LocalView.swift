import LedgerCore
import LedgerCrypto
import LedgerReport
import LedgerStore

/// A ledger's file as it stood at one moment, as somebody with a role may see it.
public struct LocalView: LedgerView {
    let reader: SQLiteEntryReader
    let role: Role
    private let clock: Clock

    /// - Parameter role: who may read the file itself sees everything.
    public init(
        path: String, as role: Role = .admin, clock: Clock = .system
    ) throws(LedgerError) {
        reader = try SQLiteEntryReader(path: path)
        self.role = role
        self.clock = clock
    }

    var now: Timestamp { Timestamp(milliseconds: clock.now()) }

    var path: String { reader.path }

    func close() throws(LedgerError) { try reader.close() }

    public func head() throws(LedgerError) -> Head { try reader.head() }

    public func summary() throws(LedgerError) -> LedgerSummary { try reader.summary() }

    public func entry(at index: Int64) throws(LedgerError) -> SeenEntry? {
        guard let entry = try reader.entry(at: index) else { return nil }
        return try told(entry)
    }

    public func entry(withHash hash: Digest) throws(LedgerError) -> SeenEntry? {
        guard let entry = try reader.entry(withHash: hash) else { return nil }
        return try told(entry)
    }

    public func indexes(ofEvent id: String) throws(LedgerError) -> [Int64] {
        try reader.indexes(ofEvent: id)
    }

    public func forEachEntry(
        in range: Range<Int64>, isReversed: Bool, _ body: (SeenEntry) throws -> Bool
    ) throws(LedgerError) {
        try reader.forEachEntry(in: range, isReversed: isReversed) { try body(seen($0)) }
    }

    public func forEachRow(
        matching query: EntryQuery, _ body: (HistoryRow) throws -> Bool
    ) throws(LedgerError) {
        try check(query)
        try reader.forEachRow(matching: withAliases(query)) { try body(role.seen($0)) }
    }

    func forEachRecordedRow(
        in range: ClosedRange<Int64>, matching query: EntryQuery,
        _ body: (HistoryRow) throws -> Bool
    ) throws(LedgerError) {
        try check(query)
        try reader.forEachRecordedRow(in: range, matching: withAliases(query)) {
            try body(role.seen($0))
        }
    }

    public func forEachFoldedRow(
        matching query: EntryQuery, _ body: (FoldedRow) throws -> Void
    ) throws(LedgerError) -> Bool {
        try check(query)
        let query = try withAliases(query)
        var folding = Folding(query, targets: try reader.targets(matching: query)) { group, give in
            try reader.forEachOutcome(matching: group.narrowing(query)) {
                give(Folding.Member($0))
                return true
            }
        }
        // The limit counts folded rows.
        var rows = query
        rows.limit = nil
        try reader.forEachOutline(matching: rows) { outline in
            try folding.take(
                outline, whole: { try reader.row(at: outline.index).map(role.seen) }, body)
        }
        return folding.isCut
    }

    public func writeRows(
        matching query: EntryQuery, as format: RecordFormat, to output: BufferedOutput
    ) throws(LedgerError) {
        var writer = RecordWriter(format, of: QueryRow.definition, to: output)
        try forEachRow(matching: query) {
            try writer.write($0)
            return true
        }
        do {
            try writer.finish()
        } catch {
            throw LedgerError(wrapping: error)
        }
    }

    public func changes(
        named name: String, service: String?, limit: Int
    ) throws(LedgerError) -> [KnownChange] {
        try reader.changes(named: name, service: service, limit: limit)
    }

    public func story(of change: KnownChange) throws(LedgerError) -> [HistoryRow] {
        var rows: [HistoryRow] = []
        for id in try otherIDs(of: change) + [change.id] {
            rows += try reader.story(
                of: KnownChange(service: change.service, id: id, name: nil, strategy: nil))
        }
        return rows.sorted { ($0.at, $0.index) < ($1.at, $1.index) }.map(role.seen)
    }

    public func lastMerges(
        source: String, ref: String
    ) throws(LedgerError) -> [(service: String, commit: String)] {
        try reader.lastMerges(source: source, ref: ref)
    }

    public func targets(matching query: EntryQuery) throws(LedgerError) -> [KnownTarget] {
        try reader.targets(matching: query)
    }

    public func knownNames(of member: KnownNames) throws(LedgerError) -> [String] {
        try reader.knownNames(of: member)
    }

    public func tokens() throws(LedgerError) -> [IssuedToken] {
        IssuedToken.all(in: try reader.tokenEntries()).values
            .sorted { ($0.created, $0.id) < ($1.created, $1.id) }
    }

    public func attachment(_ digest: Digest) throws(LedgerError) -> [UInt8]? {
        guard role.seesEverything else {
            throw LedgerError(
                .notAllowed, "attachments need the role auditor or admin, and this is \(role)")
        }
        return try reader.attachment(digest)
    }

    /// With what later entries say of it.
    private func told(_ entry: StoredEntry) throws(LedgerError) -> SeenEntry {
        seen(
            entry, correctedBy: try reader.correction(of: entry.index),
            erasures: try reader.erasures(of: entry.index))
    }

    private func seen(
        _ entry: StoredEntry, correctedBy: Int64? = nil, erasures: [ErasedMember] = []
    ) -> SeenEntry {
        let (visible, hidden) = role.split(entry.disclosures)
        guard !hidden.isEmpty else {
            return SeenEntry(entry, correctedBy: correctedBy, erasures: erasures)
        }
        return SeenEntry(
            StoredEntry(
                index: entry.index, leaf: entry.leaf, hash: entry.hash, body: entry.body,
                disclosures: visible, archivedBy: entry.archivedBy),
            correctedBy: correctedBy, hidden: hidden.map(\.name), erasures: erasures)
    }

    /// Who asks for a person asks for what that person did under any name.
    private func withAliases(_ query: EntryQuery) throws(LedgerError) -> EntryQuery {
        if query.actors.isEmpty { return query }
        let persons = try persons()
        var query = query
        query.actors = Set(query.actors.flatMap { persons.ids(of: $0) + [$0] }.map(ExactText.init))
            .sorted().map(\.text)
        return query
    }

    /// What can't be seen can't be asked for either: the answer would tell it.
    ///
    /// - Throws: `notAllowed`.
    public func check(_ query: EntryQuery) throws(LedgerError) {
        guard query.text != nil, !role.seesEverything else { return }
        throw LedgerError(
            .notAllowed,
            "a search for text looks into reasons, errors and commands, and these need the role "
                + "auditor or admin; this is \(role)",
            advice: "leave text out")
    }
}
