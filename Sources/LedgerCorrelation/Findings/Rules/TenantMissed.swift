import LedgerCore

struct TenantMissed: FindingRule {
    static let rule = Rule(
        "tenant-missed", .error,
        finds: "a change that some targets of an environment have and others have not",
        advice:
            "deploy it to the targets that lack it, or ledger target retire those that are gone",
        after: .days(1))

    static let examples = [
        RuleExample(
            "one of two tenants",
            """
            run 41 prod/acme day 0; run 41 prod/globex day 0
            run 42 prod/acme day 1
            """, day: 4, finds: ["prod 42 globex"]),
        RuleExample(
            "the rollout goes on",
            """
            run 41 prod/acme day 0; run 41 prod/globex day 0
            run 42 prod/acme day 1
            """, day: 1),
        RuleExample(
            "skipped on purpose",
            """
            run 41 prod/acme day 0; run 41 prod/globex day 0
            run 42 prod/acme day 1; run 42 prod/globex day 1 skipped
            """, day: 4),
        RuleExample(
            "a declared target that nothing was heard from",
            "target prod/acme; target prod/globex; run 42 prod/acme day 1", day: 4,
            finds: ["prod 42 globex"]),
    ]

    static func findings(in scope: RuleScope) -> [Finding] {
        let history = scope.history
        return scope.environments(rule).flatMap { environment in
            history.changes.indices.compactMap { change in
                let cell = history.cell(change, environment)
                guard let missing = history.states(change, environment)[.missing],
                    let first = cell.applied, scope.isOver(rule, since: first.firstAt)
                else { return nil }
                let count = history.environments[environment].targetCount
                return scope.finding(
                    rule, change, environment,
                    targets: scope.targets(change, environment, in: [.missing]),
                    entries: [first.last], since: first.firstAt,
                    "\(missing) of \(count) targets do not have it")
            }
        }
    }
}
