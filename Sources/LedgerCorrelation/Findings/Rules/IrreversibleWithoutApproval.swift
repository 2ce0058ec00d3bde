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
        scope.delivered(rule).compactMap { change, environment, applied in
            guard scope.history.changes[change].strategy == RollbackStrategy.irreversible.rawValue,
                scope.facts[change].approvals.isEmpty
            else { return nil }
            return scope.finding(
                rule, change, environment,
                entries: scope.facts[change].plans.map(\.index) + [applied.last],
                since: applied.firstAt, "it can't be undone, and nobody has approved it")
        }
    }
}
