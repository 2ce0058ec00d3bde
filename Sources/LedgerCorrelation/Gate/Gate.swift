import LedgerCore

/// Why a change should not go to an environment now.
public struct GateReason: Sendable, Equatable {
    /// That of the rule which would find it afterwards; or `freeze`, `test-failed`.
    public let code: String
    public let detail: String
    public let advice: String
    /// The entries that show it.
    public let entries: [Int64]

    public init(code: String, detail: String, advice: String, entries: [Int64]) {
        self.code = code
        self.detail = detail
        self.advice = advice
        self.entries = entries
    }
}

/// What a gate says of one change.
public struct GateVerdict: Sendable, Equatable {
    public let service: String
    public let change: String
    public let name: String?
    public let environment: String
    public let tenant: String?
    /// Where it stands there now.
    public let state: ChangeState
    /// None lets it pass.
    public let reasons: [GateReason]

    public var isOpen: Bool { reasons.isEmpty }

    public init(
        service: String, change: String, name: String?, environment: String, tenant: String?,
        state: ChangeState, reasons: [GateReason]
    ) {
        self.service = service
        self.change = change
        self.name = name
        self.environment = environment
        self.tenant = tenant
        self.state = state
        self.reasons = reasons
    }
}

/// A time in which nothing is to be deployed.
public struct Freeze: Sendable, Equatable {
    /// The entry that declares it.
    public let index: Int64
    /// Of one service, environment or tenant, as far as they are named.
    public let target: Target
    public let from: Timestamp?
    /// Exclusive.
    public let until: Timestamp?
    public let reason: String?

    public init(
        index: Int64, target: Target, from: Timestamp?, until: Timestamp?, reason: String?
    ) {
        self.index = index
        self.target = target
        self.from = from
        self.until = until
        self.reason = reason
    }

    public func isOver(at now: Timestamp) -> Bool { until.map { $0 <= now } ?? false }

    /// Whether it holds for a target, or for a part of what is named, at a moment.
    public func holds(for other: Target, at now: Timestamp) -> Bool {
        (from.map { $0 <= now } ?? true) && !isOver(at: now)
            && [
                (target.service, other.service), (target.environment, other.environment),
                (target.tenant, other.tenant), (target.region, other.region),
                (target.cluster, other.cluster),
            ].allSatisfy { mine, theirs in
                guard let mine, let theirs else { return true }
                return mine.hasSameBytes(as: theirs)
            }
    }
}

/// Asks of a change that is about to run what the rules ask of one that has run.
public struct Gate {
    private let scope: RuleScope
    private let change: Int
    private let environment: Int
    private let tenant: String?
    /// `sha256:…` of the script that is about to run; else what was merged last.
    private let digest: String?

    /// - Parameter scope: of the one environment.
    public init(
        _ scope: RuleScope, change: Int, environment: Int, tenant: String?, digest: String?
    ) {
        self.scope = scope
        self.change = change
        self.environment = environment
        self.tenant = tenant
        self.digest = digest ?? scope.history.changes[change].merge?.digest
    }

    public func verdict(_ freezes: [Freeze]) throws(LedgerError) -> GateVerdict {
        let history = scope.history
        let place = history.environments[environment]
        return GateVerdict(
            service: history.service, change: history.changes[change].id,
            name: history.changes[change].name, environment: place.name, tenant: tenant,
            state: history.state(change, environment),
            reasons: [
                notUpstream, edited, notReviewed, lint, test, noPlan, failures,
            ].compactMap(\.self) + frozen(freezes))
    }

    private func reason(
        _ rule: Rule, _ detail: String, _ entries: [Int64] = []
    ) -> GateReason? {
        guard !scope.policy[rule].isOff, scope.environments(rule).contains(environment) else {
            return nil
        }
        return GateReason(
            code: rule.code, detail: detail, advice: rule.advice,
            entries: Array(entries.prefix(Finding.entryLimit)))
    }

    private var notUpstream: GateReason? {
        let history = scope.history
        let place = history.path.place(of: history.environments[environment].name) ?? 0
        // What was reverted there has come, and is not there now.
        let skipped = history.path.steps[..<place].filter { step in
            !step.compactMap(history.environment(named:)).contains {
                history.cell(change, $0).doneCount > 0
            }
        }.map { $0.joined(separator: ", ") }
        if skipped.isEmpty { return nil }
        return reason(
            EnvironmentSkipped.rule, "it is not in \(skipped.joined(separator: " and "))")
    }

    private var edited: GateReason? {
        let history = scope.history
        for place in history.upstream[environment].reversed() {
            guard let applied = history.cell(change, place).applied else { continue }
            guard differ(applied.digest, digest), !history.changes[change].isRepeatable else {
                return nil
            }
            return reason(
                EditedBetweenEnvironments.rule,
                "another script ran in \(history.environments[place].name)", [applied.last])
        }
        return nil
    }

    private var facts: ChangeFacts { scope.facts[change] }

    private var notReviewed: GateReason? {
        let decided = facts.approvalDecisions
        if decided.last?.isApproved ?? false {
            // Who deploys it is not known yet.
            return facts.isApproved(besides: facts.authors)
                ? nil
                : reason(
                    SelfApproved.rule,
                    "it is not known that somebody else than its author "
                        + "has approved it", decided.map(\.index))
        }
        // Of an emergency the approval may follow: emergency-not-reviewed keeps the time.
        if facts.isMergedAsEmergency { return nil }
        return reason(
            NoReview.rule, decided.isEmpty ? "nobody has approved it" : "it was rejected",
            decided.map(\.index))
    }

    private var lint: GateReason? {
        guard let last = facts.results(of: "lint").last else {
            return scope.isLinting ? reason(LintMissing.rule, "no lint of it was recorded") : nil
        }
        return last.isFailed ? reason(LintFailed.rule, "its last lint failed", [last.index]) : nil
    }

    private var test: GateReason? {
        guard let last = facts.results(of: "test").last, last.isFailed else { return nil }
        return GateReason(
            code: "test-failed", detail: "its last test failed",
            advice: "mend it, and record the test that passes", entries: [last.index])
    }

    private var noPlan: GateReason? {
        let target = Target(
            service: scope.history.service,
            environment: scope.history.environments[environment].name, tenant: tenant)
        if scope.plans[change].plan(on: target) != nil { return nil }
        return reason(NoRollbackPlan.rule, "nobody said how to undo it")
    }

    private var failures: GateReason? {
        let history = scope.history
        let names = history.changes.indices.filter { other in
            guard let tenant else { return history.states(other, environment)[.failed] ?? 0 > 0 }
            return scope.targets(other, environment, in: [.failed]).contains {
                history.environments[environment].targets?.targets[$0].tenant
                    .map { $0.hasSameBytes(as: tenant) } ?? false
            }
        }
        if names.isEmpty { return nil }
        // Running the change that failed again is how it is mended.
        if names == [change] { return nil }
        return reason(
            FailedNotResolved.rule,
            "there failed \(names.prefix(3).map(history.called).joined(separator: ", "))")
    }

    private func frozen(_ freezes: [Freeze]) -> [GateReason] {
        let target = Target(
            service: scope.history.service,
            environment: scope.history.environments[environment].name, tenant: tenant)
        let now = Timestamp(milliseconds: scope.now)
        return freezes.filter { $0.holds(for: target, at: now) }.map { freeze in
            let until = freeze.until.map { " until \($0.utc)" } ?? ""
            let reason = freeze.reason.map { ": \($0)" } ?? ""
            let place = freeze.target.text.isEmpty ? "everything" : freeze.target.text
            return GateReason(
                code: "freeze", detail: "\(place) is frozen\(until)\(reason)",
                advice: "wait, or ledger freeze lift \(freeze.index)", entries: [freeze.index])
        }
    }
}
