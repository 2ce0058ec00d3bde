import LedgerCore

/// One change in one environment, with all that an auditor asks of it.
public struct PopulationRow: Sendable {
    public let change: ServiceChange
    public let environment: String
    public let delivery: Delivery
    /// What was said of the change with the script that was deployed.
    public let facts: ChangeFacts
    public let duties: SeparationOfDuties
    /// How many of the environment's targets stand in each state at the end of the period; empty if
    /// that is not known.
    public let states: [ChangeState: Int]
    public let plan: RollbackPlan?
    /// The environment where it was applied first.
    public let firstEnvironment: String?
    /// Whether the script is that of the nearest environment upstream; nil if that is not known.
    public let isSameAsUpstream: Bool?
    /// What somebody let pass: acknowledgements of findings about it, and overrides of the gate.
    public let exceptions: [HistoryRow]
    /// The objects that its script touches.
    public var objects: [String] = []
    /// That of the entry before `delivery.decisive`, in hexadecimal digits.
    public var previousHash: String?

    /// - Parameter facts: what was said of the change, with any script.
    public init(
        _ delivery: Delivery, _ change: Int, _ environment: Int, in history: ServiceHistory,
        facts: ChangeFacts, exceptions: [HistoryRow], counting targets: (Target) -> Bool
    ) {
        self.change = history.changes[change]
        self.delivery = delivery
        self.exceptions = exceptions
        let place = history.environments[environment]
        self.environment = place.name
        let digest = delivery.decisive.string("change", "digest")
        let facts = facts.about(digest)
        self.facts = facts
        duties = SeparationOfDuties(
            facts, deployers: delivery.hasUnknownDeployer ? [] : delivery.all(.deployer))
        var states: [ChangeState: Int] = [:]
        for (number, target) in (place.targets?.targets ?? []).enumerated() where targets(target) {
            states[history.state(change, environment, number), default: 0] += 1
        }
        self.states = states
        plan = RollbackPlans(facts).row(
            on: delivery.decisive.target, [delivery.lastApplied].compactMap(\.self))
        let came = history.environments.indices.compactMap { place in
            history.cell(change, place).applied.map { ($0.firstAt, place) }
        }
        firstEnvironment = came.min { $0 < $1 }.map { history.environments[$0.1].name }
        let before = history.upstream[environment].reversed().lazy
            .compactMap { history.cell(change, $0).applied?.digest }.first
        isSameAsUpstream = before.flatMap { before in digest.map(before.hasSameBytes) }
    }
}

extension PopulationRow {
    public func count(_ states: Set<ChangeState>) -> Int {
        states.reduce(0) { $0 + (self.states[$1] ?? 0) }
    }

    /// The one state that stands for all targets: the worst.
    public var state: ChangeState? { states.keys.min { $0.rank < $1.rank } }

    public var isEmergency: Bool { delivery.isEmergency || facts.isMergedAsEmergency }

    /// `emergency` if anybody called it so, else as the deployment or the last merge says.
    public var changeClass: String? {
        isEmergency ? "emergency" : said("change", "class")
    }

    /// What the deployment says, else the last merge.
    public func said(_ path: String...) -> String? {
        let rows = [delivery.decisive] + facts.merges.reversed()
        return rows.lazy.compactMap { $0.members[path]?.string }.first
    }

    public func saidPrivately(_ path: String...) -> String? {
        let rows = [delivery.decisive] + facts.merges.reversed()
        return rows.lazy.compactMap { $0.privateMembers[path]?.string }.first
    }

    public func persons(_ member: String) -> [String] {
        let rows = [delivery.decisive] + facts.merges
        return unique(rows.compactMap { $0.person(member) })
    }

    public var authors: [String] { unique(facts.authors.compactMap(\.self)) }

    /// Everybody who has approved, rejected or commented.
    public var reviewers: [String] {
        unique(
            facts.reviews.filter { ($0.string("review", "kind") ?? "approval") == "approval" }
                .compactMap { $0.person("actor") })
    }

    public var approvals: [HistoryRow] { facts.approvals }

    /// The last test that passed.
    public var test: HistoryRow? { facts.results(of: "test").last { !$0.isFailed } }

    /// When it was first heard of: the earliest merge, review, plan or deployment.
    public var requested: Timestamp {
        let rows = facts.merges + facts.reviews + facts.plans + [delivery.first]
        return rows.map(\.at).min() ?? delivery.first.at
    }

    /// Nil if there is no approval, or it was not applied.
    public var isApprovedBefore: Bool? {
        guard let approved = approvals.map(\.at).min(), let applied = delivery.firstAppliedAt
        else { return nil }
        return approved <= applied
    }

    /// Every entry from which the row is made.
    public var entries: [Int64] {
        let others =
            (facts.merges + facts.reviews + facts.plans + exceptions).map(\.index)
        return Set(delivery.entries + others).sorted()
    }

    private func unique(_ texts: [String]) -> [String] {
        Set(texts.map(ExactText.init)).sorted().map(\.text)
    }
}
