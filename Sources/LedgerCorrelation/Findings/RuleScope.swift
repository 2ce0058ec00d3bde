import LedgerCore

/// What a rule looks at: one service as of now.
public struct RuleScope {
    public let history: ServiceHistory
    /// By the places of the changes.
    public let facts: [ChangeFacts]
    /// Likewise.
    let plans: [RollbackPlans]
    public let now: Int64
    public let policy: Policy
    // Which environments are asked for; all if none.
    private let asked: [String]
    let evidence: any Evidence

    public init(
        _ history: ServiceHistory, facts: [ChangeFacts], environments: [String], now: Timestamp,
        policy: Policy, evidence: any Evidence
    ) {
        self.history = history
        self.facts = facts
        plans = facts.map { RollbackPlans($0) }
        self.now = now.milliseconds
        self.policy = policy
        asked = environments
        self.evidence = evidence
    }

    /// The environments that a rule looks at, by their places.
    func environments(_ rule: Rule) -> [Int] {
        let last = history.path.steps.last ?? []
        return history.environments.indices.filter { place in
            let name = history.environments[place].name
            func isNamed(_ names: [String]) -> Bool {
                names.contains { $0.hasSameBytes(as: name) }
            }
            if !asked.isEmpty, !isNamed(asked) { return false }
            if let names = policy[rule].environments { return isNamed(names) }
            return !rule.isForTheLastStep || isNamed(last)
        }
    }

    /// How long something may be so.
    func patience(_ rule: Rule) -> Duration { policy[rule].after ?? rule.after ?? .zero }

    /// Whether a moment lies further back than the rule's patience.
    func isOver(_ rule: Rule, since time: Int64) -> Bool {
        now - time > patience(rule).milliseconds
    }

    func row(at index: Int64) throws(LedgerError) -> HistoryRow? { try evidence.row(at: index) }

    /// Whether what belongs to no environment is asked for too.
    func isEverywhere(_ rule: Rule) -> Bool {
        asked.isEmpty && policy[rule].environments == nil
    }

    /// The targets of an environment that stand in one of these states; none where only their
    /// number is known.
    func targets(_ change: Int, _ environment: Int, in states: Set<ChangeState>) -> [Int] {
        let targets = history.environments[environment].targets?.targets ?? []
        return targets.indices.filter {
            states.contains(history.state(change, environment, $0))
        }
    }

    func finding(
        _ rule: Rule, _ change: Int?, _ environment: Int?, targets: [Int] = [],
        entries: [Int64] = [], since: Int64?, _ detail: String
    ) -> Finding {
        let place = environment.map { history.environments[$0] }
        let known = place?.targets?.targets ?? []
        return Finding(
            code: rule.code, severity: policy[rule].severity ?? rule.severity,
            service: history.service, environment: place?.name,
            change: change.map { history.changes[$0].id },
            name: change.flatMap { history.changes[$0].name }, targets: targets.map { known[$0] },
            entries: Array(Set(entries).sorted().prefix(Finding.entryLimit)), detail: detail,
            advice: rule.advice, since: since.map { Timestamp(milliseconds: $0) })
    }
}

/// What was said of a change besides its deployments.
public struct ChangeFacts: Sendable {
    public var merges: [HistoryRow] = []
    public var reviews: [HistoryRow] = []
    public var plans: [HistoryRow] = []
    /// The reverts that succeeded.
    public var reverts: [Revert] = []

    public init() {}

    /// Each in the order in which it happened: sources report when they like.
    public var sorted: ChangeFacts {
        func isBefore(_ left: HistoryRow, _ right: HistoryRow) -> Bool {
            (left.at, left.index) < (right.at, right.index)
        }
        var facts = self
        facts.merges.sort(by: isBefore)
        facts.reviews.sort(by: isBefore)
        facts.plans.sort(by: isBefore)
        facts.reverts.sort {
            ($0.deployment.at, $0.deployment.index) < ($1.deployment.at, $1.deployment.index)
        }
        return facts
    }

    public func joined(with other: ChangeFacts) -> ChangeFacts {
        var facts = self
        facts.merges += other.merges
        facts.reviews += other.reviews
        facts.plans += other.plans
        facts.reverts += other.reverts
        return facts
    }

    /// What was said of the change with this script: a review that names another one is of that.
    func about(_ digest: String?) -> ChangeFacts {
        var facts = self
        facts.reviews.removeAll { differ($0.string("change", "digest"), digest) }
        return facts
    }

    /// The reviews of one kind that decide something, the last last.
    func reviews(_ kind: String, _ decisions: Set<String>) -> [HistoryRow] {
        reviews.filter {
            ($0.string("review", "kind") ?? "approval") == kind
                && decisions.contains($0.string("review", "decision") ?? "")
        }
    }

    var approvals: [HistoryRow] { reviews("approval", ["approved"]) }

    /// Who wrote the change, as far as each merge says it.
    var authors: [String?] { merges.map { $0.person("author") ?? $0.person("actor") } }

    /// Whether somebody else than these has approved it: whom nobody knows may be one of them.
    func isApproved(besides people: [String?]) -> Bool {
        !authors.contains(nil)
            && approvals.contains { review in
                review.person("actor").map { !people.contains($0) && !isAuthor($0) } ?? false
            }
    }

    /// By id, or by the name that Git gives.
    private func isAuthor(_ person: String) -> Bool {
        let names = merges.compactMap { $0.privateString("author", "name")?.lowercased() }
        return authors.contains(person) || names.contains(person.lowercased())
    }

    /// Approvals and rejections: the last decides. Where others have decided, the author's own word
    /// and that of somebody whom nobody knows count for nothing.
    var approvalDecisions: [HistoryRow] {
        let decisions = reviews("approval", ["approved", "rejected"])
        let others = decisions.filter { review in
            review.person("actor").map { !isAuthor($0) } ?? false
        }
        return others.isEmpty ? decisions : others
    }

    /// What a lint or a test has come to, the last last.
    func results(of kind: String) -> [HistoryRow] {
        reviews(kind, ["passed", "failed", "approved", "rejected"])
    }

    var isMergedAsEmergency: Bool {
        merges.contains { $0.string("change", "class") == "emergency" }
    }
}

extension RuleScope {
    /// Where a change was applied, in the environments that a rule looks at.
    func delivered(
        _ rule: Rule
    ) -> [(change: Int, environment: Int, applied: Progress.Applied)] {
        environments(rule).flatMap { environment in
            history.changes.indices.compactMap { change in
                history.cell(change, environment).applied.map { (change, environment, $0) }
            }
        }
    }

    /// What `body` finds of these.
    func delivered(
        _ rule: Rule,
        _ body: (Int, Int, Progress.Applied) throws(LedgerError) -> Finding?
    ) throws(LedgerError) -> [Finding] {
        var found: [Finding] = []
        for (change, environment, applied) in delivered(rule) {
            if let finding = try body(change, environment, applied) { found.append(finding) }
        }
        return found
    }

    /// Whether the names of targets would add nothing to what was found by their counts.
    public func isToldByCounts(_ finding: Finding) -> Bool {
        guard let type = FindingRules.all.first(where: { $0.rule.code == finding.code }),
            !type.rule.needsTargets
        else { return false }
        // Unless a target has a rollback plan of its own.
        let change = finding.change.flatMap(history.change(withID:))
        return change.map { plans[$0].places.isEmpty } ?? true
    }

    /// What a rule finds of how changes would be undone where they were applied.
    func planned(
        _ rule: Rule, _ detail: String, since: (RollbackPlan) -> Timestamp? = { _ in nil },
        where isFound: (_ change: Int, RollbackPlan?) -> Bool
    ) -> [Finding] {
        delivered(rule).compactMap { change, environment, applied in
            let places = plans[change].places(change, environment, in: history)
            let found = places.filter { isFound(change, $0.plan) }
            if found.isEmpty { return nil }
            // That it is so everywhere need not be said target by target.
            let targets = found.count < places.count ? found.compactMap(\.target) : []
            let plans = found.compactMap(\.plan)
            return finding(
                rule, change, environment, targets: targets,
                entries: plans.map(\.index) + [applied.last],
                since: plans.compactMap { since($0)?.milliseconds }.min() ?? applied.firstAt,
                detail)
        }
    }

    /// Whether lints are to be expected: some change was linted, or the policy speaks of it.
    var isLinting: Bool {
        policy.settings[LintMissing.rule.code] != nil
            || facts.contains { !$0.results(of: "lint").isEmpty }
    }

    /// Whether a change was called an emergency, when it was merged or when it ran last.
    func isEmergency(
        _ change: Int, _ applied: Progress.Applied
    ) throws(LedgerError) -> Bool {
        if facts[change].isMergedAsEmergency { return true }
        return try row(at: applied.last)?.string("change", "class") == "emergency"
    }
}

extension HistoryRow {
    /// Of a review: that it decides so.
    var isApproved: Bool { string("review", "decision") == "approved" }
    var isFailed: Bool { ["failed", "rejected"].contains(string("review", "decision") ?? "") }

    /// The id of a person; nil if it is not known, or not for this reader.
    func person(_ name: String) -> String? {
        privateString(name, "id").map { PersonNames.comparable($0).text }
    }
}

extension ServiceHistory {
    /// `V42__add_index`.
    func called(_ change: Int) -> String { changes[change].name ?? changes[change].id }
}
