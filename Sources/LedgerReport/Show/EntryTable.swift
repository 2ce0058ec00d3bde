import LedgerCore

/// The table of `ledger log`: one line for each raw entry.
public struct EntryTable {
    private let local: LocalTime
    private var table: TextTable

    public init(_ appearance: Appearance, to output: BufferedOutput) {
        local = appearance.local
        table = TextTable(
            [
                .init(header: "INDEX", isRightAligned: true, importance: 9),
                .init(header: "HASH", importance: 2, isOptional: true),
                .init(header: "RECORDED", importance: 8),
                .init(header: "TYPE", importance: 7),
                .init(header: "WHERE", isCutAtStart: true, minimumWidth: 14, importance: 5),
                .init(header: "WHAT", minimumWidth: 12, importance: 6),
                .init(header: "OUTCOME", importance: 3, isOptional: true),
                .init(header: "WHO", minimumWidth: 8, importance: 4),
            ], appearance: appearance, output: output)
    }

    public mutating func add(_ entry: StoredEntry) throws {
        let shown = ShownEntry(entry)
        let row = shown.row
        let recorded = shown.leaf.map {
            local.compactText(of: Timestamp(milliseconds: $0.time))
        }
        let archive = entry.archivedBy.map { " by #\($0)" } ?? ""
        let missing = entry.body == nil ? "archived\(archive)" : "can't be read"
        try table.add([
            .init("#\(entry.index)"),
            .init(String(entry.hash.hex.prefix(12))),
            .init(recorded),
            row.map { .init($0.type.words) } ?? .init(missing, .doubtful),
            .init(row?.target.text),
            .init(row?.what),
            row?.rawOutcome ?? .init(""),
            .init(row?.who),
        ])
    }

    public mutating func finish() throws {
        try table.finish()
    }
}

extension HistoryRow {
    /// The outcome of one event: that a deployment started says nothing of its end.
    fileprivate var rawOutcome: TextTable.Cell {
        if type != .deployment && type != .review { return .init("") }
        return status == .started ? .init(operation.prefix + "started") : outcome
    }
}
