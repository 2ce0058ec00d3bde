import LedgerCore
import LedgerCorrelation
import LedgerReport

/// `ledger rollback coverage`: which changes can be undone.
public struct CoverageInquiry: Inquiry {
    public static let route = "rollback-coverage"
    public static let known = ["service", "env"]

    public var services: [String] = []
    public var environments: [String] = []

    public init() {}

    public init(parameters: [Question.Parameter]) throws(LedgerError) {
        let reader = ParameterReader(parameters)
        services = reader.all("service")
        environments = reader.all("env")
    }

    public var parameters: [Question.Parameter] {
        services.map { ("service", $0) } + environments.map { ("env", $0) }
    }

    public func reply(of view: LocalView) throws(LedgerError) -> Rows<CoverageRow> {
        try view.check(services, environments)
        // It tells whether there is a reason, and not what it is.
        let facts = try ServiceFacts(view, services: services, as: .admin)
        let loader = try HistoryLoader(view.reader, services: services, asOf: .now)
        var rows: [CoverageRow] = []
        for counted in try loader.histories(needsTargets: false) {
            var history = counted
            var plans = history.changes.map { RollbackPlans(facts[$0]) }
            if history.needsTargets(for: plans),
                let whole = try loader.history(of: history.service)
            {
                history = whole
                plans = history.changes.map { RollbackPlans(facts[$0]) }
            }
            rows += CoverageRow.rows(of: history, plans)
        }
        let asked = Set(environments.map(ExactText.init))
        return Rows(
            rows.filter { asked.isEmpty || asked.contains(ExactText($0.environment)) })
    }
}
