import LedgerCore

struct NoRollbackPlan: FindingRule {
    static let rule = Rule(
        "no-rollback-plan", .warning,
        finds: "a change that came to the end of the path, and nobody said how to get back",
        advice: "ledger rollback set --service … --change … --strategy …", isForTheLastStep: true,
        needsTargets: false)

    static let examples = [
        RuleExample("no plan", "merge 42 day 0; run 42 prod day 1", day: 2, finds: ["prod 42"]),
        RuleExample("planned", "plan 42 reversible day 0; run 42 prod day 1", day: 2),
        RuleExample(
            "in the merge", "merge 42 day 0 strategy reversible; run 42 prod day 1", day: 2),
        RuleExample(
            "for one tenant alone",
            """
            plan 42 reversible day 0 at prod/acme
            run 42 prod/acme day 1; run 42 prod/globex day 1
            """, day: 2, finds: ["prod 42 globex"]),
    ]

    static func findings(in scope: RuleScope) -> [Finding] {
        scope.planned(rule, "nobody said how to undo it") { _, plan in plan == nil }
    }
}
