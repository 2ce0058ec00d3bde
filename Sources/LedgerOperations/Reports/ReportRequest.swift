import LedgerCore
import LedgerReport

/// A report, and what of it is asked for.
public struct ReportRequest: Sendable {
    public let written: WrittenDefinition
    /// In names that the ledger knows.
    public let query: EntryQuery

    public var definition: ReportDefinition { written.definition }

    /// - Throws: `usage` for a filter that means nothing for its rows.
    public init(_ written: WrittenDefinition, _ query: EntryQuery) throws(LedgerError) {
        self.written = written
        self.query = query
        let subject = written.definition.rows
        for (name, _) in query.parameters where !subject.filters.contains(name) {
            throw LedgerError(
                .usage,
                "\(written.definition.name) can't be narrowed by \(name)",
                advice: subject.filters.isEmpty
                    ? "it is about the whole ledger"
                    : "it can by " + subject.filters.sorted().joined(separator: ", "))
        }
    }
}
