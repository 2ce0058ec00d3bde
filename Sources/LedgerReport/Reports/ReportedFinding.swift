import LedgerCore
import LedgerCorrelation

/// A finding, with what somebody has said of it.
public struct ReportedFinding: Sendable {
    public let finding: Finding
    /// The acknowledgement that keeps it quiet.
    public let acknowledgement: HistoryRow?

    public init(_ finding: Finding, acknowledgement: HistoryRow?) {
        self.finding = finding
        self.acknowledgement = acknowledgement
    }
}
