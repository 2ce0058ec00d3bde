import LedgerCore
import LedgerCorrelation
import LedgerReport

/// `ledger check`: what is wrong.
public struct CheckInquiry: Inquiry {
    public static let route = "findings"
    public static let known = ["service", "env", "severity", "rule"]

    public var services: [String] = []
    public var environments: [String] = []
    /// At least so severe.
    public var severity: Finding.Severity?
    /// The codes of rules; empty asks for all.
    public var rules: [String] = []

    public init() {}

    public init(parameters: [Question.Parameter]) throws(LedgerError) {
        let reader = ParameterReader(parameters)
        services = reader.all("service")
        environments = reader.all("env")
        severity = try reader.word("severity")
        rules = reader.all("rule")
    }

    public var parameters: [Question.Parameter] {
        services.map { ("service", $0) } + environments.map { ("env", $0) }
            + (severity.map { [("severity", $0.rawValue)] } ?? []) + rules.map { ("rule", $0) }
    }

    public func reply(of view: LocalView) throws(LedgerError) -> CheckReply {
        try view.check(services, environments)
        let codes = FindingRules.all.map { $0.rule.code }
        for code in rules where !codes.contains(code) {
            throw LedgerError(
                .usage, "there is no rule \(VisibleName.of(code))",
                advice: Suggestion.advice(for: code, among: codes))
        }
        var policy = try view.policy()
        if !rules.isEmpty {
            for code in codes where !rules.contains(code) {
                policy.settings[code, default: .init()].isOff = true
            }
        }
        let search = try FindingSearch(
            view, services: services, environments: environments, policy: policy)
        let all = try search.findings().filter { $0.severity >= severity ?? .note }
        let acknowledged = try view.acknowledged(at: search.now)
        let open = all.filter { !acknowledged.contains(ExactText($0.id)) }
        return CheckReply(findings: open, acknowledgedCount: all.count - open.count)
    }
}

/// `{"acknowledged":2,"rows":[…],"v":1}`.
public struct CheckReply: Answer {
    /// The most severe first.
    public let findings: [Finding]
    /// Those that an acknowledgement keeps quiet.
    public let acknowledgedCount: Int

    init(findings: [Finding], acknowledgedCount: Int) {
        self.findings = findings
        self.acknowledgedCount = acknowledgedCount
    }

    public var json: JSONObject {
        Rows(findings).json.merging(
            JSONObject(["acknowledged": .integer(Int64(acknowledgedCount))]))
    }

    public init?(json: JSONObject) {
        guard let rows = Rows<Finding>(json: json), let count = json["acknowledged"]?.integer
        else { return nil }
        findings = rows.rows
        acknowledgedCount = Int(count)
    }
}

/// Looks for what is wrong, service by service.
struct FindingSearch {
    let now: Timestamp
    private let view: LocalView
    private let evidence: LocalEvidence
    private let loader: HistoryLoader
    private let services: [String]
    private let environments: [String]
    private let policy: Policy

    init(
        _ view: LocalView, services: [String], environments: [String], policy: Policy
    ) throws(LedgerError) {
        self.view = view
        self.services = services
        self.environments = environments
        self.policy = policy
        now = view.now
        evidence = try LocalEvidence(view, as: view.role)
        loader = try HistoryLoader(view.reader, services: services, asOf: .now)
    }

    /// The most severe first.
    func findings() throws(LedgerError) -> [Finding] {
        let facts = try ServiceFacts(
            view, services: services, as: view.role, persons: evidence.persons)
        var found: [Finding] = []
        for history in try loader.histories(needsTargets: false) {
            let scope = scope(of: history, facts)
            var findings = try FindingRules.findings(in: scope)
            if !history.hasTargets, !findings.allSatisfy(scope.isToldByCounts) {
                // By the counts there may be something: now every target is looked at.
                guard let whole = try loader.history(of: history.service) else { continue }
                findings = try FindingRules.findings(in: self.scope(of: whole, facts))
            }
            found += findings
        }
        // Stable: within one severity, by service and in the order of the rules.
        return Finding.Severity.allCases.reversed().flatMap { severity in
            found.filter { $0.severity == severity }
        }
    }

    private func scope(of history: ServiceHistory, _ facts: ServiceFacts) -> RuleScope {
        RuleScope(
            history, facts: history.changes.map { facts[$0] }, environments: environments, now: now,
            policy: policy, evidence: evidence)
    }
}
