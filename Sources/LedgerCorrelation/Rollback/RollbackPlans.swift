import LedgerCore

// RollbackPlans.swift
//
// Several entries may say how one change is undone. On a target that one counts which comes first
// of
//
//    (1) what somebody said in a rollback plan for this target, or for what it is a part of: the
//        plan that names the most of it, and of these the last,
//    (2) what somebody said in a plan for everywhere, the last,
//    (3) what the last deployment there says of itself,
//    (4) what is inferred: what came along with a merge or was found, in the same order.
//
// A plan that says `reversible` and brings no script means the one that another one has brought.
// It was tested where a plan of the same strategy says so, or where the change was reverted,
// unless another script than its own is known to have done it.

/// Everything that is said of how one change is undone.
public struct RollbackPlans: Sendable {
    // By weight.
    private let said: [RollbackPlan]
    private let inferred: [RollbackPlan]
    // In the order in which they happened.
    private let reverts: [Revert]
    // The change's own scripts: a revert that names one of them says nothing of what undid it.
    private let scripts: Set<String>
    /// The plan where nothing else is said.
    public private(set) var everywhere: RollbackPlan?
    /// The targets, and parts of an environment, for which there are plans of their own.
    public let places: [Target]

    public init(_ facts: ChangeFacts) {
        let rows = facts.merges + facts.plans
        let plans = rows.sorted { ($0.at, $0.index) > ($1.at, $1.index) }
            .compactMap { RollbackPlan($0) }
        // Stable: of those that name as much, the last stays first.
        func byWeight(_ plans: [RollbackPlan]) -> [RollbackPlan] {
            (0...5).reversed().flatMap { count in
                plans.filter { $0.target.memberCount == count }
            }
        }
        said = byWeight(plans.filter { !$0.isInferred })
        inferred = byWeight(plans.filter(\.isInferred))
        reverts = facts.reverts
        scripts = Set(
            facts.merges.compactMap { $0.string("change", "digest") }
                + facts.reverts.compactMap(\.undoneDigest))
        var seen: Set<Target> = []
        places = (said + inferred).filter { !$0.isEverywhere }.map(\.target)
            .filter { seen.insert($0).inserted }
        everywhere = plan(
            among: said.filter(\.isEverywhere) + inferred.filter(\.isEverywhere))
    }

    /// The plan that holds on a target.
    ///
    /// - Parameter own: what the last deployment there says of itself.
    public func plan(on target: Target, own: RollbackPlan? = nil) -> RollbackPlan? {
        if places.isEmpty, own == nil || everywhere?.isInferred == false { return everywhere }
        func holding(_ plans: [RollbackPlan]) -> [RollbackPlan] {
            plans.filter { $0.holds(on: target) }
        }
        return plan(among: holding(said) + [own].compactMap(\.self) + holding(inferred))
    }

    private func plan(among candidates: [RollbackPlan]) -> RollbackPlan? {
        guard var plan = candidates.first else { return nil }
        if plan.strategy == .reversible, plan.script == nil {
            plan.script =
                candidates.lazy.filter { $0.strategy == .reversible }
                .compactMap(\.script).first
        }
        plan.tests = tests(of: plan, candidates)
        return plan
    }

    private func tests(of plan: RollbackPlan, _ candidates: [RollbackPlan]) -> [RollbackPlan.Test] {
        var tests: [ExactText: RollbackPlan.Test] = [:]
        for other in (candidates + said + inferred).reversed()
        where other.strategy == plan.strategy && !differ(other.script?.digest, plan.script?.digest)
        {
            for test in other.tests { tests[ExactText(test.environment)] = test }
        }
        for revert in reverts {
            let deployment = revert.deployment
            guard let environment = deployment.target.environment,
                !differ(deployment.digest, plan.script?.digest)
                    || scripts.contains(deployment.digest ?? "")
            else { continue }
            tests[ExactText(environment)] = RollbackPlan.Test(
                environment: environment, index: deployment.index, undone: revert.undone)
        }
        return tests.values.sorted { ($0.index, $0.environment) < ($1.index, $1.environment) }
    }
}

extension RollbackPlans {
    /// A target, if one was looked at, and how the change would be undone there.
    struct Place {
        let target: Int?
        let plan: RollbackPlan?
    }

    /// How a change would be undone wherever it was applied in an environment. Where only the
    /// number of targets is known: all that may hold on one of them.
    func places(
        _ change: Int, _ environment: Int, in history: ServiceHistory
    ) -> [Place] {
        let cell = history.cell(change, environment)
        let known = history.environments[environment]
        if let targets = known.targets?.targets {
            let applied = cell.last.keys.sorted().filter { cell.last[$0]?.state == .applied }
            // On the others it came with a baseline, or was said to be there.
            if applied.isEmpty { return [Place(target: nil, plan: everywhere)] }
            return applied.map { target in
                let own = cell.last[target].flatMap { RollbackPlan($0) }
                return Place(target: target, plan: plan(on: targets[target], own: own))
            }
        }
        let target = Target(service: history.service, environment: known.name)
        let own = cell.applied.flatMap {
            RollbackPlan(target: target, $0.strategy, $0.last)
        }
        var found = [Place(target: nil, plan: plan(on: target, own: own))]
        if everywhere == nil, known.targetCount > 1, own != nil {
            found.append(Place(target: nil, plan: nil))
        }
        for var place in places {
            if let name = place.environment, !name.hasSameBytes(as: known.name) { continue }
            place.environment = known.name
            found.append(Place(target: nil, plan: plan(on: place)))
        }
        return found
    }
}

extension RollbackPlans {
    /// The plan for everywhere, and those that differ from it, by their targets.
    ///
    /// - Parameter applied: the deployments that applied the change, oldest first.
    public func rows(_ applied: [HistoryRow]) -> [RollbackPlan] {
        var found: [Target: RollbackPlan] = [:]
        for target in Set(applied.map(\.target)) {
            guard let plan = row(on: target, applied), plan.target == target,
                !(everywhere.map { $0.isAlike(plan) } ?? false)
            else { continue }
            found[target] = plan
        }
        for place in places where found[place] == nil {
            guard let plan = plan(on: place), plan.target == place else { continue }
            found[place] = plan
        }
        return [everywhere].compactMap(\.self)
            + found.sorted { $0.key.isBefore($1.key) }.map(\.value)
    }

    /// The plan that holds on a target.
    public func row(on target: Target, _ applied: [HistoryRow]) -> RollbackPlan? {
        let last = applied.last { $0.target == target || target.fits($0.target) }
        return plan(on: target, own: last.flatMap { RollbackPlan($0) })
    }
}
