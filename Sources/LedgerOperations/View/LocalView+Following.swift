import LedgerCore
import LedgerStore

extension LocalView {
    /// The rows of new events, and the index up to which all were looked at.
    public typealias NewRows = (rows: [HistoryRow], last: Int64)

    private static let blockCount = 200

    /// The next rows of matching events of a range, by index: at most some hundreds.
    public func newRows(
        in range: ClosedRange<Int64>, matching query: EntryQuery
    ) throws(LedgerError) -> NewRows {
        var rows: [HistoryRow] = []
        try forEachRecordedRow(in: range, matching: query) { row in
            rows.append(row)
            return rows.count < Self.blockCount
        }
        let isWhole = rows.count < Self.blockCount
        return (rows, isWhole ? range.upperBound : rows.last?.index ?? range.upperBound)
    }

    public func follow(
        matching query: EntryQuery, after index: Int64, _ body: (HistoryRow) throws -> Bool
    ) async throws(LedgerError) {
        try check(query)
        try close()
        let heads = HeadWatch(path: path)
        var index = index
        while true {
            switch try await heads.news(after: index, within: .seconds(3600)) {
            case .ended: return
            case .nothing: continue
            case .head(let head):
                // Opened for a moment only: the write-ahead log must not grow for our sake.
                let new = try LocalView(path: path, as: role)
                    .newRows(in: index + 1...head, matching: query)
                do {
                    for row in new.rows where try !body(row) { return }
                } catch {
                    throw LedgerError(wrapping: error)
                }
                index = new.last
            }
        }
    }
}
