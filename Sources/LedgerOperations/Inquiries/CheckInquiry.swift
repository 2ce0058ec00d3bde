import LedgerCore
import LedgerCorrelation
import LedgerCrypto
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
        for name in services { _ = try view.known(name, as: .service) }
        for name in environments { _ = try view.known(name, as: .environment) }
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
        JSONObject([
            "acknowledged": .integer(Int64(acknowledgedCount)),
            "rows": .array(findings.map { .object(Finding.definition.object(of: $0)) }), "v": 1,
        ])
    }

    public init?(json: JSONObject) {
        guard let rows = json["rows"]?.array, let count = json["acknowledged"]?.integer else {
            return nil
        }
        findings = rows.compactMap { $0.object.flatMap(Finding.init(json:)) }
        acknowledgedCount = Int(count)
        if findings.count != rows.count { return nil }
    }
}

/// Looks for what is wrong, service by service.
struct FindingSearch {
    let now: Timestamp
    private let view: LocalView
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
        loader = try HistoryLoader(view.reader, services: services, asOf: .now)
    }

    /// The most severe first.
    func findings() throws(LedgerError) -> [Finding] {
        let facts = try ServiceFacts(view, services: services)
        var found: [Finding] = []
        for history in try loader.histories(needsTargets: false) {
            var findings = try findings(in: history, facts)
            if !findings.isEmpty, !history.hasTargets {
                // By the counts there may be something: now every target is looked at.
                guard let whole = try loader.history(of: history.service) else { continue }
                findings = try self.findings(in: whole, facts)
            }
            found += findings
        }
        // Stable: within one severity, by service and in the order of the rules.
        return Finding.Severity.allCases.reversed().flatMap { severity in
            found.filter { $0.severity == severity }
        }
    }

    private func findings(
        in history: ServiceHistory, _ facts: ServiceFacts
    ) throws(LedgerError) -> [Finding] {
        let scope = RuleScope(
            history, facts: history.changes.map { facts[$0] }, environments: environments, now: now,
            policy: policy
        ) { (index) throws(LedgerError) in
            try view.reader.row(at: index).map(view.role.seen)
        }
        return try FindingRules.findings(in: scope)
    }
}

/// The merges, reviews and plans of changes.
struct ServiceFacts {
    private struct Key: Hashable {
        let service: ExactText
        let change: ExactText
    }

    private var facts: [Key: ChangeFacts] = [:]

    init(_ view: LocalView, services: [String]) throws(LedgerError) {
        var facts: [Key: ChangeFacts] = [:]
        // A review of a pull request is one of every change that it brought.
        var requests: [ExactText: Set<Key>] = [:]
        var loose: [HistoryRow] = []
        try view.reader.forEachFact(
            [.merge, .review, .rollbackPlan], of: services, asOf: .now
        ) { row in
            let row = view.role.seen(row)
            let request = row.string("links", "pull_request").map(ExactText.init)
            guard let service = row.target.service, let change = row.changeID else {
                if row.type == .review, request != nil { loose.append(row) }
                return
            }
            let key = Key(service: ExactText(service), change: ExactText(change))
            switch row.type {
            case .merge:
                facts[key, default: .init()].merges.append(row)
                if let request { requests[request, default: []].insert(key) }
            case .review: facts[key, default: .init()].reviews.append(row)
            default: facts[key, default: .init()].plans.append(row)
            }
        }
        for review in loose {
            guard let request = review.string("links", "pull_request").map(ExactText.init) else {
                continue
            }
            for key in requests[request] ?? [] {
                facts[key]?.reviews.append(review)
            }
        }
        self.facts = facts.mapValues(\.sorted)
    }

    subscript(change: ServiceChange) -> ChangeFacts {
        facts[Key(service: ExactText(change.service), change: ExactText(change.id))]
            ?? ChangeFacts()
    }
}

extension HistoryRow {
    /// The id of the change that it names, or that its only `about` names.
    fileprivate var changeID: String? {
        if let id = string("change", "id") { return id }
        guard let about = members["about"]?.array, about.count == 1,
            let text = about[0].object?["change"]?.string, let colon = text.firstIndex(of: ":")
        else { return nil }
        return String(text[text.index(after: colon)...])
    }
}

extension LocalView {
    /// The policy that was applied last.
    func policy() throws(LedgerError) -> Policy {
        var digest: String?
        try reader.forEachFact([.policy], of: [], asOf: .now) {
            digest = $0.string("policy", "digest")
        }
        guard let digest, let key = Digest(hex: Array(digest.utf8.dropFirst("sha256:".utf8.count)))
        else { return Policy() }
        guard let bytes = try reader.attachment(key) else {
            throw LedgerError(
                .notFound, "the policy in force, \(digest), is not in the ledger",
                advice: "apply it again: ledger config apply")
        }
        let json: JSON
        do {
            json = try JSONReader.read(bytes)
        } catch {
            throw LedgerError(.usage, "the policy in force is no JSON: \(error)")
        }
        return try Policy(json: json)
    }

    /// The ids of findings that are kept quiet at a moment.
    func acknowledged(at now: Timestamp) throws(LedgerError) -> Set<ExactText> {
        var quiet: Set<ExactText> = []
        try reader.forEachFact([.acknowledgement], of: [], asOf: .now) { row in
            let isOver = row.time("until").map { $0 <= now } ?? false
            for item in row.members["about"]?.array ?? [] {
                guard let id = item.object?["finding"]?.string.map(ExactText.init) else { continue }
                // The last word counts.
                if isOver { quiet.remove(id) } else { quiet.insert(id) }
            }
        }
        return quiet
    }
}
