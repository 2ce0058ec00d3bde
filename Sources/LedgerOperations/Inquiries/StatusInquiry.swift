import LedgerCore
import LedgerCorrelation
import LedgerReport

/// `ledger status`: where every change stands.
public struct StatusInquiry: Inquiry {
    public static let route = "status"
    public static let known = ["service", "env", "by", "tenants", "at", "as-known-at"]

    public var services: [String] = []
    public var environment: String?
    public var grouping: StatusQuestion.Grouping?
    public var isUnfolded = false
    /// As it was deployed then.
    public var at: Timestamp?
    /// As the ledger knew it then.
    public var asKnownAt: Timestamp?

    public init() {}

    public init(parameters: [Question.Parameter]) throws(LedgerError) {
        let reader = ParameterReader(parameters)
        services = reader.all("service")
        environment = try reader.one("env")
        grouping = try reader.word("by")
        isUnfolded = try reader.truth("tenants")
        at = try reader.time("at")
        asKnownAt = try reader.time("as-known-at")
    }

    public var parameters: [Question.Parameter] {
        var parameters: [Question.Parameter] = services.map { ("service", $0) }
        if let environment { parameters.append(("env", environment)) }
        if let grouping { parameters.append(("by", grouping.rawValue)) }
        if isUnfolded { parameters.append(("tenants", "true")) }
        if let at { parameters.append(("at", at.utc)) }
        if let asKnownAt { parameters.append(("as-known-at", asKnownAt.utc)) }
        return parameters
    }

    public func reply(of view: LocalView) throws(LedgerError) -> Status {
        if grouping != nil, environment == nil {
            throw LedgerError(.usage, "by divides an environment", advice: "say which: env")
        }
        var question = StatusQuestion()
        for service in services {
            question.services.append(try view.known(service, as: .service))
        }
        if let environment {
            question.environment = try view.known(environment, as: .environment)
        }
        question.grouping = grouping
        question.isUnfolded = isUnfolded
        question.asOf = try view.asOf(at, knownAt: asKnownAt)
        let histories = try view.histories(
            of: question.services, asOf: question.asOf, needsTargets: question.needsTargets)
        return Status(question, of: histories)
    }
}

/// `{"rows":[…],"v":1,"view":"board"}`.
extension Status: Answer {
    public var json: JSONObject {
        let (view, rows): (String, [JSONObject]) =
            switch self {
            case .board(let rows): ("board", rows.map(BoardRow.definition.object))
            case .changes(let rows): ("changes", rows.map(ChangeRow.definition.object))
            case .targets(let rows): ("targets", rows.map(TargetRow.definition.object))
            case .places(let rows): ("places", rows.map(PlaceRow.definition.object))
            }
        return JSONObject([
            "rows": .array(rows.map(JSON.object)), "v": 1, "view": .string(view),
        ])
    }

    public init?(json: JSONObject) {
        guard let rows = json["rows"]?.array?.compactMap(\.object) else { return nil }
        func read<Row>(_ make: (JSONObject) -> Row?) -> [Row]? {
            let made = rows.compactMap(make)
            return made.count == rows.count ? made : nil
        }
        let status: Status? =
            switch json["view"]?.string {
            case "board": read(BoardRow.init(json:)).map(Status.board)
            case "changes": read(ChangeRow.init(json:)).map(Status.changes)
            case "targets": read(TargetRow.init(json:)).map(Status.targets)
            case "places": read(PlaceRow.init(json:)).map(Status.places)
            default: nil
            }
        guard let status else { return nil }
        self = status
    }
}
