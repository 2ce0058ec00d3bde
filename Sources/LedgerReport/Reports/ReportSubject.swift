import LedgerCore
import LedgerCorrelation

/// What the rows of a report are about.
public enum ReportSubject: String, Sendable, CaseIterable {
    /// A change in an environment.
    case changes
    /// An event; a deployment with its start and its end is one.
    case events
    /// Something wrong that the entries show.
    case findings
    /// How far the changes of an environment can be undone.
    case coverage
    /// A change on a target.
    case state
    /// A token.
    case tokens
    /// What somebody did in one place.
    case activity
    /// A month of a service.
    case adHoc = "ad-hoc"
    /// One thing that was looked at in the ledger itself.
    case checks

    /// What there is to show of them.
    public var fields: [RecordField] {
        switch self {
        case .changes: ReportFields.changes.map(\.field)
        case .events: ReportFields.events.map(\.field)
        case .findings: ReportFields.findings.map(\.field)
        case .coverage: ReportFields.coverage.map(\.field)
        case .state: ReportFields.state.map(\.field)
        case .tokens: ReportFields.tokens.map(\.field)
        case .activity: ReportFields.activity.map(\.field)
        case .adHoc: ReportFields.adHoc.map(\.field)
        case .checks: ReportFields.checks.map(\.field)
        }
    }

    /// The filters of `ledger query`, by the names of its parameters, that narrow them.
    public var filters: Set<String> {
        let places: Set = ["env", "service", "tenant", "region", "cluster"]
        let times: Set = ["since", "until", "period"]
        let events: Set = places.union(times).union([
            "database", "change", "actor", "status", "operation", "trigger", "ticket", "digest",
            "object", "text", "recorded",
        ])
        return switch self {
        case .changes, .activity: events
        case .events: events.union(["type"])
        case .findings, .coverage: ["env", "service"]
        case .state: places.union(["until"])
        case .tokens: times
        case .adHoc: times.union(["env", "service"])
        case .checks: []
        }
    }

    /// Whether rows may be ordered by any field: there are not so many that they can't be held.
    public var isSortable: Bool { self != .events }
}
