import LedgerCore

struct IrreversibleWithoutApproval: FindingRule {
    static let rule = Rule(
        "irreversible-without-approval", .error,
        finds: "a change that can't be undone, and that nobody has approved",
        advice: "have it approved and record it: ledger record review --decision approved",
        isForTheLastStep: true, needsTargets: false)

    static let examples = [
        RuleExample(
            "nobody has looked", "plan 42 irreversible day 0; run 42 prod day 1", day: 2,
            finds: ["prod 42"]),
        RuleExample(
            "approved",
            "plan 42 irreversible day 0; review 42 approved day 0; run 42 prod day 1", day: 2),
    ]

    static func findings(in scope: RuleScope) -> [Finding] {
        scope.planned(rule, "it can't be undone, and nobody has approved it") { change, plan in
            plan?.strategy == .irreversible && scope.facts[change].approvals.isEmpty
        }
    }
}
