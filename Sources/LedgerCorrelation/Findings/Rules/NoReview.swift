import LedgerCore

struct NoReview: FindingRule {
    static let rule = Rule(
        "no-review", .warning,
        finds: "a change that came to the end of the path, and that nobody has approved",
        advice:
            "have it approved and record it: ledger record review --service … --change … "
            + "--decision approved",
        isForTheLastStep: true, needsTargets: false)

    static let examples = [
        RuleExample(
            "of another script",
            """
            merge 42 day 0 script b by ann; review 42 approved script a day 0 by bob
            run 42 prod day 1 script b
            """, day: 2, finds: ["prod 42"]),
        RuleExample(
            "rejected, and approved by its author",
            """
            merge 42 day 0 by ann; review 42 rejected day 0 by bob
            review 42 approved day 0 by ann; run 42 prod day 1
            """, day: 2, finds: ["prod 42"]),
        RuleExample(
            "nobody has looked", "merge 42 day 0; run 42 prod day 1", day: 2, finds: ["prod 42"]),
        RuleExample(
            "rejected in the end",
            "review 42 approved day 0; review 42 rejected day 1; run 42 prod day 2", day: 3,
            finds: ["prod 42"]),
        RuleExample("approved", "review 42 approved day 0; run 42 prod day 1", day: 2),
        RuleExample("an emergency has its own rule", "run 42 prod day 1 emergency", day: 2),
    ]

    static func findings(in scope: RuleScope) throws(LedgerError) -> [Finding] {
        try scope.delivered(rule) { (change, environment, applied) throws(LedgerError) in
            let decided = scope.facts[change].about(applied.digest).approvalDecisions
            if decided.last?.isApproved ?? false { return nil }
            if try scope.isEmergency(change, applied) { return nil }
            return scope.finding(
                rule, change, environment, entries: [applied.last] + decided.map(\.index),
                since: applied.firstAt,
                decided.isEmpty ? "nobody has approved it" : "it was rejected")
        }
    }
}
