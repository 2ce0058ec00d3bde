/// A row's place in the order of a query.
public struct RowPosition: Sendable, Equatable {
    /// When it happened, or was recorded if that is not known.
    public let at: Timestamp
    public let index: Int64

    public init(of row: HistoryRow) {
        at = row.at
        index = row.index
    }

    /// `1767225600123.1234`: milliseconds since 1970, and the index.
    public var text: String { "\(at.milliseconds).\(index)" }

    public init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let milliseconds = Int64(parts[0]), let index = Int64(parts[1]),
            Timestamp.bounds.contains(milliseconds), index >= 0
        else { return nil }
        at = Timestamp(milliseconds: milliseconds)
        self.index = index
    }
}
