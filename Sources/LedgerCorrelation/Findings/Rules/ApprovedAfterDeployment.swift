import LedgerCore

struct ApprovedAfterDeployment: FindingRule {
    static let rule = Rule(
        "approved-after-deployment", .warning,
        finds: "a change that was approved only after it came to the end of the path",
        advice: "put ledger gate before the deployment", isForTheLastStep: true, needsTargets: false
    )

    static let examples = [
        RuleExample(
            "a day late", "run 42 prod day 1; review 42 approved day 2", day: 3,
            finds: ["prod 42"]),
        RuleExample("before", "review 42 approved day 0; run 42 prod day 1", day: 3),
        RuleExample(
            "an emergency may be", "run 42 prod day 1 emergency; review 42 approved day 2", day: 3),
    ]

    static func findings(in scope: RuleScope) throws(LedgerError) -> [Finding] {
        try scope.delivered(rule) { (change, environment, applied) throws(LedgerError) in
            guard
                let first = scope.facts[change].about(applied.digest).approvals.min(by: {
                    $0.at < $1.at
                }),
                first.at.milliseconds > applied.firstAt,
                try !scope.isEmergency(change, applied)
            else { return nil }
            return scope.finding(
                rule, change, environment, entries: [applied.last, first.index],
                since: applied.firstAt, "the first approval came afterwards")
        }
    }
}
