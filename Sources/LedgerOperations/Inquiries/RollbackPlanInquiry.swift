import LedgerCore
import LedgerCorrelation
import LedgerReport

/// `ledger rollback show`: how a change is undone, everywhere and where it is said otherwise.
public struct RollbackPlanInquiry: Inquiry {
    public static let route = "rollback-plan"
    public static let known = ["change", "service", "env", "tenant", "region", "cluster"]

    /// An id or a name, `orders:V42`, or without the service.
    public var change: String
    /// The service, if the change doesn't say it. With an environment, the plan on that target
    /// alone is asked for.
    public var target = Target()

    public init(change: String) {
        self.change = change
    }

    public init(parameters: [Question.Parameter]) throws(LedgerError) {
        let reader = ParameterReader(parameters)
        guard let change = try reader.one("change") else {
            throw LedgerError(.usage, "a rollback plan is one of a change: give change")
        }
        self.init(change: change)
        target = Target(
            service: try reader.one("service"), environment: try reader.one("env"),
            tenant: try reader.one("tenant"), region: try reader.one("region"),
            cluster: try reader.one("cluster"))
    }

    public var parameters: [Question.Parameter] {
        [
            ("change", change), ("service", target.service), ("env", target.environment),
            ("tenant", target.tenant), ("region", target.region), ("cluster", target.cluster),
        ].compactMap { name, value in value.map { (name, $0) } }
    }

    public func reply(of view: LocalView) async throws(LedgerError) -> RollbackPlanReply {
        if target.environment == nil,
            target.tenant != nil || target.region != nil || target.cluster != nil
        {
            throw LedgerError(.usage, "a target has an environment", advice: "say which: env")
        }
        try view.check([], [target.environment].compactMap(\.self))
        try view.check([target.tenant].compactMap(\.self), .tenant)
        try view.check([target.region].compactMap(\.self), .region)
        try view.check([target.cluster].compactMap(\.self), .cluster)
        let reference =
            target.service.map { ChangeReference(service: $0, name: change) }
            ?? ChangeReference(change)
        let known = try await reference.change(in: view)
        let facts = try ServiceFacts(view, services: [known.service], as: view.role)
        let plans = RollbackPlans(facts[known])
        let applied = try view.story(of: known).filter {
            $0.type == .deployment && $0.operation == .apply && $0.status == .succeeded
        }
        var asked = target
        asked.service = known.service
        let rows =
            target.environment == nil
            ? plans.rows(applied)
            : [plans.row(on: asked, applied)].compactMap(\.self)
        return RollbackPlanReply(
            service: known.service, change: known.id, name: known.name, plans: rows)
    }
}

extension ServiceFacts {
    fileprivate subscript(change: KnownChange) -> ChangeFacts {
        self[
            ServiceChange(
                service: change.service, id: change.id, name: change.name, strategy: nil,
                isRepeatable: false, merge: nil)]
    }
}

/// `{"change":"42","name":"V42__add_index","rows":[…],"service":"orders","v":1}`.
public struct RollbackPlanReply: Answer {
    public let service: String
    /// Its id.
    public let change: String
    public let name: String?
    /// That for everywhere first; or that on the target that was asked for.
    public let plans: [RollbackPlan]

    init(service: String, change: String, name: String?, plans: [RollbackPlan]) {
        self.service = service
        self.change = change
        self.name = name
        self.plans = plans
    }

    public var json: JSONObject {
        Rows(plans).json.merging(
            JSONObject([
                "service": .string(service), "change": .string(change),
                "name": name.map(JSON.string),
            ]))
    }

    public init?(json: JSONObject) {
        guard let service = json["service"]?.string, let change = json["change"]?.string,
            let rows = Rows<RollbackPlan>(json: json)
        else { return nil }
        self.init(
            service: service, change: change, name: json["name"]?.string, plans: rows.rows)
    }
}
