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

    public func reply(of view: LocalView) throws(LedgerError) -> CoverageReply {
        for name in services { _ = try view.known(name, as: .service) }
        for name in environments { _ = try view.known(name, as: .environment) }
        let facts = try ServiceFacts(view, services: services)
        let histories = try view.histories(of: services, asOf: .now, needsTargets: false)
        let rows = histories.flatMap { history in
            CoverageRow.rows(of: history, history.changes.map { facts[$0] })
        }
        let asked = Set(environments.map(ExactText.init))
        return CoverageReply(
            rows: rows.filter { asked.isEmpty || asked.contains(ExactText($0.environment)) })
    }
}

/// `{"rows":[…],"v":1}`.
public struct CoverageReply: Answer {
    public let rows: [CoverageRow]

    init(rows: [CoverageRow]) {
        self.rows = rows
    }

    public var json: JSONObject {
        JSONObject([
            "rows": .array(rows.map { .object(CoverageRow.definition.object(of: $0)) }), "v": 1,
        ])
    }

    public init?(json: JSONObject) {
        guard let rows = json["rows"]?.array else { return nil }
        self.rows = rows.compactMap { $0.object.flatMap(CoverageRow.init(json:)) }
        if self.rows.count != rows.count { return nil }
    }
}
