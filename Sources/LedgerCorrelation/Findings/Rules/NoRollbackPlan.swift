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
    ]

    static func findings(in scope: RuleScope) throws(LedgerError) -> [Finding] {
        try scope.delivered(rule) { (change, environment, applied) throws(LedgerError) in
            if scope.history.changes[change].strategy != nil { return nil }
            if try scope.row(at: applied.last)?.string("rollback", "strategy") != nil {
                return nil
            }
            return scope.finding(
                rule, change, environment, entries: [applied.last], since: applied.firstAt,
                "nobody said how to undo it")
        }
    }
}
