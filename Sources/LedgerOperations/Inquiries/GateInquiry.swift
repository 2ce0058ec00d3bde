import LedgerCore
import LedgerCorrelation
import LedgerReport

/// `ledger gate`: whether a change may go to an environment now.
public struct GateInquiry: Inquiry {
    public static let route = "gate"
    public static let known = ["change", "service", "env", "tenant", "digest"]
    /// A pipeline that records asks before it deploys.
    public static let isOpenToWriters = true

    /// An id or a name, `orders:V42`, or without the service.
    public var change: String
    public var service: String?
    public var environment: String
    public var tenant: String?
    /// `sha256:…` of the script that is about to run.
    public var digest: String?

    public init(change: String, environment: String) {
        self.change = change
        self.environment = environment
    }

    public init(parameters: [Question.Parameter]) throws(LedgerError) {
        let reader = ParameterReader(parameters)
        guard let change = try reader.one("change"), let environment = try reader.one("env") else {
            throw LedgerError(.usage, "a gate needs change and env")
        }
        self.init(change: change, environment: environment)
        service = try reader.one("service")
        tenant = try reader.one("tenant")
        digest = try reader.one("digest")
    }

    public var parameters: [Question.Parameter] {
        var parameters: [Question.Parameter] = [("change", change), ("env", environment)]
        if let service { parameters.append(("service", service)) }
        if let tenant { parameters.append(("tenant", tenant)) }
        if let digest { parameters.append(("digest", digest)) }
        return parameters
    }

    public func reply(of view: LocalView) async throws(LedgerError) -> GateVerdict {
        let known = try await knownChange(view)
        let loader = try HistoryLoader(view.reader, services: [known.service], asOf: .now)
        let history =
            tenant == nil
            ? try loader.histories(needsTargets: false).first
            : try loader.history(of: known.service)
        guard let history, let change = history.change(withID: known.id) else {
            throw LedgerError(
                .notFound, "of \(known.service):\(known.id) no merge and no deployment is known",
                advice: "ledger import git brings merges")
        }
        guard let place = history.environment(named: environment) else {
            throw LedgerError(
                .notFound, "\(known.service) has no environment \(VisibleName.of(environment))",
                advice: Suggestion.advice(
                    for: environment, among: history.environments.map(\.name)))
        }
        // The verdict says whether the right people have approved, and names nobody.
        let facts = try ServiceFacts(view, services: [known.service], as: .admin)
        let scope = RuleScope(
            history, facts: history.changes.map { facts[$0] }, environments: [environment],
            now: view.now, policy: try view.policy(),
            evidence: LocalEvidence(view, as: .admin))
        return try Gate(
            scope, change: change, environment: place, tenant: tenant, digest: digest
        ).verdict(try view.freezes())
    }

    private func knownChange(_ view: LocalView) async throws(LedgerError) -> KnownChange {
        let reference =
            service.map { ChangeReference(service: $0, name: change) } ?? ChangeReference(change)
        let found = try await reference.changes(in: view)
        guard found.count == 1, let known = found.first else {
            throw LedgerError(
                .ambiguous, "\(VisibleName.of(change)) is a change of several services",
                advice: found.prefix(8).map { "\($0.service):\($0.id)" }.joined(separator: ", "))
        }
        return known
    }
}

extension GateVerdict: Answer {
    public var json: JSONObject {
        JSONObject([
            "change": .string(change), "environment": .string(environment),
            "name": name.map(JSON.string), "open": .bool(isOpen),
            "reasons": .array(
                reasons.map { reason in
                    [
                        "advice": .string(reason.advice), "code": .string(reason.code),
                        "detail": .string(reason.detail),
                        "entries": .array(reason.entries.map(JSON.integer)),
                    ]
                }), "service": .string(service), "state": .string(state.rawValue),
            "tenant": tenant.map(JSON.string), "v": 1,
        ])
    }

    public init?(json: JSONObject) {
        guard let service = json["service"]?.string, let change = json["change"]?.string,
            let environment = json["environment"]?.string,
            let state = json["state"]?.string.flatMap(ChangeState.init(rawValue:)),
            let items = json["reasons"]?.array
        else { return nil }
        let reasons = items.compactMap { item -> GateReason? in
            guard let reason = item.object, let code = reason["code"]?.string,
                let detail = reason["detail"]?.string, let advice = reason["advice"]?.string
            else { return nil }
            return GateReason(
                code: code, detail: detail, advice: advice,
                entries: reason["entries"]?.array?.compactMap(\.integer) ?? [])
        }
        guard reasons.count == items.count else { return nil }
        self.init(
            service: service, change: change, name: json["name"]?.string, environment: environment,
            tenant: json["tenant"]?.string, state: state, reasons: reasons)
    }
}

/// `ledger freeze list`: when nothing is to be deployed.
public struct FreezeInquiry: Inquiry {
    public static let route = "freezes"
    public static let known: [String] = []

    public init() {}

    public init(parameters: [Question.Parameter]) throws(LedgerError) {}

    public var parameters: [Question.Parameter] { [] }

    /// Those that hold, or are to come.
    public func reply(of view: LocalView) throws(LedgerError) -> Rows<Freeze> {
        Rows(try view.freezes().filter { !$0.isOver(at: view.now) })
    }
}
