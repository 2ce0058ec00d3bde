import LedgerCore

/// What the ledger has of Bytebase's changelogs and revisions, as they were when they were last read.
public struct BytebaseKnown: Sendable {
    private var states: [String: KnownRows.State] = [:]
    private(set) var lastIndex: Int64 = -1

    public init() {}

    /// What is to be read of the ledger, for `add`.
    public static func query(services: [String]) -> EntryQuery {
        var query = EntryQuery()
        query.services = services
        query.types = [.deployment, .snapshot]
        query.timeBasis = .recorded
        query.isReversed = true
        return query
    }

    /// Takes rows in the order of their recording.
    public mutating func add(_ row: HistoryRow) {
        guard row.string("source")?.hasSameBytes(as: BytebaseImport.source) ?? false else { return }
        lastIndex = max(lastIndex, row.index)
        guard row.type == .deployment else {
            for item in row.members[["snapshot", "rewritten"]]?.array ?? [] {
                guard let name = item.object?["row"]?.string else { continue }
                states[name] = states[name]?.with(
                    item.object?["member"]?.string, item.object?["after"]?.string)
            }
            return
        }
        if let name = row.string("deployment", "id") { states[name] = KnownRows.State(row) }
    }

    /// The change that it was recorded as.
    func change(of name: String) -> String? { states[name]?.change }

    /// What is another one now of what was over before.
    func rewrites(of name: String, _ now: KnownRows.State) -> [Rewrite] {
        guard let before = states[name], before.isOver, !before.agrees(with: now) else { return [] }
        return Rewrite.all(of: name, before, now)
    }
}
