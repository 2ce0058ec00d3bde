/// A table for eyes: columns as wide as what stands in them, and no wider than the terminal.
///
/// What doesn't fit is cut with …, or left out, the least important column first. What would steer
/// a terminal shows as a sign (VisibleText.swift). Without a width nothing is cut.
struct TextTable {
    struct Column: Sendable {
        let header: String
        var isRightAligned = false
        /// Its end tells more than its beginning.
        var isCutAtStart = false
        /// The columns that it keeps while others have more; nil is never cut.
        var minimumWidth: Int?
        /// The lowest is cut first.
        let importance: Int
        /// Goes when cutting is not enough.
        var isOptional = false
    }

    struct Cell: Sendable, Equatable {
        var text: String
        var tone = Tone.plain

        init(_ text: String?, _ tone: Tone = .plain) {
            self.text = VisibleText.line(text ?? "")
            self.tone = tone
        }
    }

    private struct Row {
        let cells: [Cell]
        /// Texts that follow the row, indented and wrapped.
        let below: [String]
    }

    /// The rows that are held back to find out how wide the columns must be; later ones get the
    /// same widths.
    static let rowsMeasured = 1000

    private static let gap = String(repeating: " ", count: TableLayout.gap)

    private let columns: [Column]
    private let appearance: Appearance
    private let output: BufferedOutput
    // More rows may come long after the first ones are shown.
    private let isFollowed: Bool
    // At most `rowsMeasured`, until `widths` is set.
    private var held: [Row] = []
    // The width of each column, nil for one that is not shown.
    private var widths: [Int?]?

    init(
        _ columns: [Column], appearance: Appearance, output: BufferedOutput,
        isFollowed: Bool = false
    ) {
        self.isFollowed = isFollowed
        self.columns = columns
        self.appearance = appearance
        self.output = output
    }

    mutating func add(_ cells: [Cell], below: [String] = []) throws {
        let row = Row(cells: cells, below: below)
        if let widths { return try write(row, widths) }
        held.append(row)
        if held.count == Self.rowsMeasured { try writeHeld(areAll: false) }
    }

    /// Writes what was held back. A table without rows is nothing at all. Of one that is followed,
    /// more rows may be added afterwards.
    mutating func finish() throws {
        if widths == nil, !held.isEmpty { try writeHeld(areAll: !isFollowed) }
        try output.flush()
    }

    private mutating func writeHeld(areAll: Bool) throws {
        let widths = fittedWidths(areAll: areAll)
        self.widths = widths
        let header = columns.map { Cell($0.header, .heading) }
        try write(Row(cells: header, below: []), widths)
        for row in held { try write(row, widths) }
        held = []
    }

    private func write(_ row: Row, _ widths: [Int?]) throws {
        var line = ""
        var pending = ""
        for (index, cell) in row.cells.enumerated() {
            guard let width = widths[index] else { continue }
            let text = cut(cell.text, to: width, columns[index])
            let padding = String(repeating: " ", count: max(0, width - DisplayWidth.of(text)))
            let isRight = columns[index].isRightAligned
            if isRight { pending += padding }
            if !text.isEmpty {
                line += pending + appearance.painted(text, cell.tone)
                pending = ""
            }
            pending += (isRight ? "" : padding) + Self.gap
        }
        try output.write(line + "\n")
        for text in row.below {
            let width = appearance.width.map { $0 - 2 * Self.gap.count }
            for line in WrappedText.lines(text, width: width) {
                try output.write(line.isEmpty ? "\n" : Self.gap + Self.gap + line + "\n")
            }
        }
    }

    private func cut(_ text: String, to width: Int, _ column: Column) -> String {
        if appearance.width == nil { return text }
        return column.isCutAtStart
            ? DisplayWidth.cutStart(of: text, to: width) : DisplayWidth.cut(text, to: width)
    }

    // MARK: Widths

    private func fittedWidths(areAll: Bool) -> [Int?] {
        let measured = columns.enumerated().map { index, column in
            let widest = held.lazy.map { DisplayWidth.of($0.cells[index].text) }.max() ?? 0
            let needed = max(widest, DisplayWidth.of(column.header))
            // Room for what comes later.
            return isFollowed ? max(needed + 1, (column.minimumWidth ?? 0) * 2) : needed
        }
        // A column without a value says nothing, but only if no value can follow.
        let shown = columns.indices.filter { index in
            let isEmpty = areAll && held.allSatisfy { $0.cells[index].text.isEmpty }
            return !(isEmpty && columns[index].isOptional)
        }
        let layout = shown.map { index in
            TableLayout.Column(
                natural: measured[index], minimum: columns[index].minimumWidth,
                isOptional: columns[index].isOptional, importance: columns[index].importance)
        }
        let fitted = appearance.width.map { TableLayout(layout, within: $0) } ?? TableLayout(layout)
        var widths = [Int?](repeating: nil, count: columns.count)
        for (index, width) in zip(shown, fitted.widths) { widths[index] = width }
        return widths
    }
}
