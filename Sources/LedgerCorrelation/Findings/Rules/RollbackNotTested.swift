import LedgerCore

struct RollbackNotTested: FindingRule {
    static let rule = Rule(
        "rollback-not-tested", .note,
        finds: "a change at the end of the path whose rollback was tested nowhere",
        advice: "revert it in an environment before, or ledger rollback set --tested-in …",
        isForTheLastStep: true, needsTargets: false)

    static let examples = [
        RuleExample(
            "planned only", "plan 42 reversible day 0; run 42 prod day 1", day: 2,
            finds: ["prod 42"]),
        RuleExample(
            "tested in Stage", "plan 42 reversible day 0 tested stage; run 42 prod day 1", day: 2),
        RuleExample(
            "reverted in Stage",
            """
            path stage prod; plan 42 reversible day 0
            run 42 stage day 1; run 42 stage day 1 revert; run 42 prod day 2
            """, day: 3),
        RuleExample(
            "reverted in Stage, and applied again",
            """
            path stage prod; plan 42 reversible day 0; run 42 stage day 1
            run 42 stage day 1 revert; run 42 stage day 1; run 42 prod day 2
            """, day: 3),
        RuleExample(
            "there is nothing to test", "plan 42 forward_fix day 0; run 42 prod day 1", day: 2),
    ]

    static func findings(in scope: RuleScope) -> [Finding] {
        scope.planned(rule, "its rollback was tested nowhere") { _, plan in
            guard let plan, plan.strategy == .reversible || plan.strategy == .restorePoint else {
                return false
            }
            return plan.tests.isEmpty
        }
    }
}
