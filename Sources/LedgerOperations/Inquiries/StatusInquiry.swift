import LedgerCore
import LedgerCorrelation
import LedgerReport

/// `ledger status`: where every change stands.
public struct StatusInquiry: Inquiry {
    public static let route = "status"
    public static let known = ["service", "env", "by", "tenants", "at", "as-known-at"]

    public var question = StatusQuestion()
    /// As it was deployed then.
    public var at: Timestamp?
    /// As the ledger knew it then.
    public var asKnownAt: Timestamp?

    public init() {}

    public init(parameters: [Question.Parameter]) throws(LedgerError) {
        let reader = ParameterReader(parameters)
        question.services = reader.all("service")
        question.environment = try reader.one("env")
        question.grouping = try reader.word("by")
        question.isUnfolded = try reader.truth("tenants")
        at = try reader.time("at")
        asKnownAt = try reader.time("as-known-at")
    }

    public var parameters: [Question.Parameter] {
        var parameters: [Question.Parameter] = question.services.map { ("service", $0) }
        if let environment = question.environment { parameters.append(("env", environment)) }
        if let grouping = question.grouping { parameters.append(("by", grouping.rawValue)) }
        if question.isUnfolded { parameters.append(("tenants", "true")) }
        if let at { parameters.append(("at", at.utc)) }
        if let asKnownAt { parameters.append(("as-known-at", asKnownAt.utc)) }
        return parameters
    }

    public func reply(of view: LocalView) throws(LedgerError) -> Status {
        if question.grouping != nil, question.environment == nil {
            throw LedgerError(.usage, "by divides an environment", advice: "say which: env")
        }
        try view.check(question.services, [question.environment].compactMap(\.self))
        let histories = try view.histories(
            of: question.services, asOf: try view.asOf(at, knownAt: asKnownAt),
            needsTargets: question.needsTargets)
        return Status(question, of: histories)
    }
}

/// `{"rows":[…],"v":1,"view":"board"}`.
extension Status: Answer {
    public var json: JSONObject {
        let (view, list) =
            switch self {
            case .board(let rows): ("board", Rows(rows).json)
            case .changes(let rows): ("changes", Rows(rows).json)
            case .targets(let rows): ("targets", Rows(rows).json)
            case .places(let rows): ("places", Rows(rows).json)
            }
        return list.merging(JSONObject(["view": .string(view)]))
    }

    public init?(json: JSONObject) {
        let status: Status? =
            switch json["view"]?.string {
            case "board": Rows(json: json).map { .board($0.rows) }
            case "changes": Rows(json: json).map { .changes($0.rows) }
            case "targets": Rows(json: json).map { .targets($0.rows) }
            case "places": Rows(json: json).map { .places($0.rows) }
            default: nil
            }
        guard let status else { return nil }
        self = status
    }
}
