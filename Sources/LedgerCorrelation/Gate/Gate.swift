import LedgerCore

// Gate.swift
//
// A reason has the code of the rule that would find it after the deployment, and counts as that
// finding would if the change ran now:
//
//    not if the policy turns the rule off, or has it look elsewhere
//    not before the policy's `effective_from`; nor for what failed before it
//    not while the finding is acknowledged: `no-review:orders/prod:42`
//
// A freeze, and a test that failed, are no rule's: they always count, but for an acknowledgement of
// `test-failed:orders/prod:42`. Of parallel environments upstream, one is enough.

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

    /// - Parameter acknowledged: the ids of findings that are kept quiet.
    public func verdict(
        _ freezes: [Freeze], acknowledged: Set<ExactText> = []
    ) -> GateVerdict {
        let history = scope.history
        let place = history.environments[environment]
        let own = [notUpstream, edited, notReviewed, lint, test, noPlan].compactMap(\.self)
        let isQuiet = { (code: String, change: Int) in
            acknowledged.contains(ExactText(findingID(code, change)))
        }
        let all = self.failed
        let failed = all.filter { !isQuiet(FailedNotResolved.rule.code, $0) }
        let quiet = all.filter { isQuiet(FailedNotResolved.rule.code, $0) }
        return GateVerdict(
            service: history.service, change: history.changes[change].id,
            name: history.changes[change].name, environment: place.name, tenant: tenant,
            state: history.state(change, environment),
            reasons: own.filter { !isQuiet($0.code, change) }
                + [failures(failed)].compactMap(\.self) + frozen(freezes),
            acknowledged: own.filter { isQuiet($0.code, change) }
                + [failures(quiet)].compactMap(\.self))
    }

    private func findingID(_ code: String, _ change: Int) -> String {
        let history = scope.history
        return "\(code):\(history.service)/\(history.environments[environment].name):"
            + history.changes[change].id
    }

    private func reason(
        _ rule: Rule, _ detail: String, _ entries: [Int64] = []
    ) -> GateReason? {
        let start = scope.policy.effectiveFrom?.milliseconds ?? .min
        guard !scope.policy[rule].isOff, scope.environments(rule).contains(environment),
            start <= scope.now
        else { return nil }
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
        }.map { $0.count == 1 ? $0[0] : "any of \($0.joined(separator: ", "))" }
        if skipped.isEmpty { return nil }
        return reason(
            EnvironmentSkipped.rule, "it is not in \(skipped.joined(separator: " and "))")
    }

    private var edited: GateReason? {
        let history = scope.history
        if history.changes[change].isRepeatable { return nil }
        for place in history.upstream[environment].reversed() {
            guard let applied = history.cell(change, place).applied else { continue }
            if differ(applied.digest, digest) { return edited(place, applied.last) }
            break
        }
        // Those of its targets that have it already ran another one.
        let cell = history.cell(change, environment)
        let others = cell.last.values.filter { $0.state == .applied && differ($0.digest, digest) }
        if let index = others.map(\.index).max() { return edited(environment, index) }
        if cell.last.isEmpty, let applied = cell.applied, differ(applied.digest, digest) {
            return edited(environment, applied.last)
        }
        return nil
    }

    private func edited(_ place: Int, _ index: Int64) -> GateReason? {
        reason(
            EditedBetweenEnvironments.rule,
            "another script ran in \(scope.history.environments[place].name)", [index])
    }

    private var facts: ChangeFacts { scope.facts[change].about(digest) }

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

    /// Whether some change has failed there, and when must be known of each.
    public var needsTargets: Bool {
        !scope.history.hasTargets && scope.policy.effectiveFrom != nil && !failed.isEmpty
    }

    /// The other changes whose last attempt there failed: running one again is how it is mended.
    private var failed: [Int] {
        let history = scope.history
        let start = scope.policy.effectiveFrom?.milliseconds ?? .min
        let targets = history.environments[environment].targets?.targets
        return history.changes.indices.filter { other in
            guard other != change, history.states(other, environment)[.failed] ?? 0 > 0 else {
                return false
            }
            guard let targets else { return true }
            let cell = history.cell(other, environment)
            return scope.targets(other, environment, in: [.failed]).contains { place in
                isAsked(targets[place]) && cell.last[place].map { $0.at >= start } ?? true
            }
        }
    }

    private func failures(_ changes: [Int]) -> GateReason? {
        if changes.isEmpty { return nil }
        let names = changes.prefix(3).map(scope.history.called).joined(separator: ", ")
        let rest = changes.count > 3 ? " +\(changes.count - 3)" : ""
        return reason(FailedNotResolved.rule, "there failed \(names)\(rest)")
    }

    /// Whether a target is of the tenant that is asked for, if one is.
    private func isAsked(_ target: Target) -> Bool {
        guard let tenant else { return true }
        return target.tenant.map { $0.hasSameBytes(as: tenant) } ?? false
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

extension Gate {
    /// Whether the change is there already, on all targets that are asked for, with this very
    /// script as far as scripts are known, or was taken as applied: such a change needs no gate.
    public var isThere: Bool {
        let cell = scope.history.cell(change, environment)
        let place = scope.history.environments[environment]
        guard let targets = place.targets?.targets else {
            return place.targetCount > 0 && cell.doneCount >= place.targetCount
                && !differ(cell.applied?.digest, digest)
        }
        let asked = targets.indices.filter { isAsked(targets[$0]) }
        return !asked.isEmpty
            && asked.allSatisfy { target in
                guard let last = cell.last[target] else { return cell.covered.contains(target) }
                switch last.state {
                case .applied: return !differ(last.digest, digest)
                case .marked, .baseline: return true
                default: return false
                }
            }
    }
}
