import LedgerCore

struct RestorePointExpired: FindingRule {
    static let rule = Rule(
        "restore-point-expired", .note,
        finds: "a change whose rollback needs a restore point that is kept no longer",
        advice: "ledger rollback set another strategy, or another restore point",
        isForTheLastStep: true, needsTargets: false)

    static let examples = [
        RuleExample(
            "expired", "plan 42 restore_point day 0 expires 3; run 42 prod day 1", day: 5,
            finds: ["prod 42"]),
        RuleExample(
            "still kept", "plan 42 restore_point day 0 expires 9; run 42 prod day 1", day: 5),
        RuleExample(
            "another plan",
            """
            plan 42 restore_point day 0 expires 3; plan 42 forward_fix day 1; run 42 prod day 1
            """, day: 5),
    ]

    static func findings(in scope: RuleScope) -> [Finding] {
        scope.delivered(rule).compactMap { change, environment, applied in
            guard let plan = scope.facts[change].plans.last,
                plan.string("rollback", "strategy") == RollbackStrategy.restorePoint.rawValue,
                let expires = plan.time("rollback", "restore_point_expires"),
                expires.milliseconds < scope.now
            else { return nil }
            return scope.finding(
                rule, change, environment, entries: [plan.index, applied.last],
                since: expires.milliseconds, "its restore point expired")
        }
    }
}
