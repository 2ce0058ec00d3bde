/// How wide each column of a table is on a terminal.
struct TableLayout {
    struct Column {
        /// What its header and cells would take.
        let natural: Int
        /// The width that it is cut to at least; nil is never cut.
        let minimum: Int?
        /// Goes when cutting it is not enough.
        let isOptional: Bool
        /// The lowest gives way first.
        let importance: Int
    }

    static let gap = 2
    // One long name must not push out other columns: beyond this all are cut before any goes.
    private static let ample = 32

    private let columns: [Column]
    /// Nil for a column that is not shown.
    private(set) var widths: [Int?]

    /// All columns at their natural width.
    init(_ columns: [Column]) {
        self.columns = columns
        widths = columns.map(\.natural)
    }

    /// Columns that fit in `available`, as far as they can be cut or left out.
    init(_ columns: [Column], within available: Int) {
        self.init(columns)
        let order = columns.indices.sorted { columns[$0].importance < columns[$1].importance }
        for index in order { cut(index, to: Self.ample, within: available) }
        for index in order {
            cut(index, to: 0, within: available)
            if columns[index].isOptional, total > available { widths[index] = nil }
        }
        for index in order.reversed() { restore(index, within: available) }
    }

    private var total: Int {
        let shown = widths.compactMap(\.self)
        return shown.reduce(0, +) + Self.gap * max(0, shown.count - 1)
    }

    private mutating func cut(_ index: Int, to limit: Int, within available: Int) {
        guard let width = widths[index], let minimum = columns[index].minimum else { return }
        widths[index] = min(width, max(minimum, limit, width - max(0, total - available)))
    }

    /// Gives a column what others that went have left.
    private mutating func restore(_ index: Int, within available: Int) {
        let column = columns[index]
        let isGone = widths[index] == nil
        let room = available - total - (isGone ? Self.gap : 0)
        let needed = isGone ? min(column.minimum ?? column.natural, column.natural) : 1
        if room < needed { return }
        widths[index] = min(column.natural, (widths[index] ?? 0) + room)
    }
}
