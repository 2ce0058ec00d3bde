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
        RuleExample(
            "another plan for one tenant",
            """
            plan 42 restore_point day 0 expires 3; plan 42 forward_fix day 1 at prod/acme
            run 42 prod/acme day 1; run 42 prod/globex day 1
            """, day: 5, finds: ["prod 42 globex"]),
    ]

    static func findings(in scope: RuleScope) -> [Finding] {
        let now = Timestamp(milliseconds: scope.now)
        return scope.planned(
            rule, "its restore point expired", since: \.restorePointExpires
        ) { _, plan in plan?.isExpired(at: now) ?? false }
    }
}
