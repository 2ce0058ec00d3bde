import LedgerCore
import LedgerOperations
import LedgerReport

/// An answer that goes on with what is recorded after it.
struct FollowedQuery {
    private let query: EntryQuery
    private let view: any LedgerView

    init(_ query: EntryQuery, _ view: any LedgerView) {
        self.query = query
        self.view = view
    }

    func run(_ output: OutputOptions, _ now: Timestamp) async throws {
        if let format = output.recordFormat {
            var writer = RecordWriter(format, of: QueryRow.definition, to: output.output)
            return try await forEachRow {
                try writer.write($0)
            } then: {
                try writer.flush()
            }
        }
        var table = DeploymentTable(output.appearance, to: output.output, isFollowed: true)
        try await forEachRow {
            try table.add(FoldedRow(row: $0))
        } then: {
            try table.finish()
        }
    }

    /// - Parameter then: called after the rows that are there, and after each that comes.
    private func forEachRow(
        _ give: (HistoryRow) throws -> Void, then show: () throws -> Void
    ) async throws {
        let head = try await view.head().index
        // A server answers as of now: what is recorded after its head was asked for comes again.
        var shown: Set<Int64> = []
        try await view.forEachRow(matching: query) { row in
            shown.formUnion([row.index, row.firstIndex ?? row.index].filter { $0 > head })
            try give(row)
            return true
        }
        try show()
        try await view.follow(matching: query, after: head) { row in
            if shown.remove(row.index) != nil { return true }
            try give(row)
            try show()
            return true
        }
    }
}
