import LedgerCore

/// The table of `ledger query`. A time with ~ in front is that of recording, for lack of another;
/// a name in parentheses is whom the ledger authenticated, where the source names nobody; an index
/// with * was corrected by a later entry.
public struct DeploymentTable {
    private struct Column {
        let column: TextTable.Column
        let cell: @Sendable (FoldedRow, LocalTime) -> TextTable.Cell
    }

    private static let columns: [Column] = [
        Column(column: .init(header: "WHEN", importance: 9)) { .init($0.row.when($1)) },
        Column(column: .init(header: "WHERE", isCutAtStart: true, minimumWidth: 14, importance: 6))
        { row, _ in
            .init(row.place)
        },
        Column(column: .init(header: "WHAT", minimumWidth: 12, importance: 7)) { row, _ in
            .init(row.row.what)
        },
        Column(column: .init(header: "OUTCOME", minimumWidth: 9, importance: 8)) { row, _ in
            row.outcome
        },
        Column(
            column: .init(header: "TOOK", isRightAligned: true, importance: 3, isOptional: true)
        ) { row, _ in .init(row.duration) },
        Column(column: .init(header: "WHO", minimumWidth: 8, importance: 4)) { row, _ in
            .init(row.who)
        },
        Column(
            column: .init(header: "HOW", minimumWidth: 8, importance: 2, isOptional: true)
        ) { row, _ in .init(row.row.how) },
        Column(
            column: .init(header: "ROLLBACK", importance: 1, isOptional: true)
        ) { row, _ in .init(row.row.strategy) },
        Column(column: .init(header: "INDEX", isRightAligned: true, importance: 10)) { row, _ in
            .init(row.row.number)
        },
    ]

    private let local: LocalTime
    private var table: TextTable

    /// - Parameter isFollowed: more rows are added after it was finished.
    public init(_ appearance: Appearance, to output: BufferedOutput, isFollowed: Bool = false) {
        local = appearance.local
        table = TextTable(
            Self.columns.map(\.column), appearance: appearance, output: output,
            isFollowed: isFollowed)
    }

    public mutating func add(_ row: FoldedRow) throws {
        try table.add(Self.columns.map { $0.cell(row, local) })
    }

    public mutating func finish() throws {
        try table.finish()
    }
}
