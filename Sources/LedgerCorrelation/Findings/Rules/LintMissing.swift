import LedgerCore

struct LintMissing: FindingRule {
    static let rule = Rule(
        "lint-missing", .note,
        finds: "a change that came to the end of the path unlinted, of a service that lints",
        advice: "lint it in the pipeline, and record it: ledger record review --review-kind lint",
        isForTheLastStep: true, needsTargets: false)

    static let examples = [
        RuleExample(
            "others were linted",
            "review 41 passed lint day 0; run 41 prod day 1; run 42 prod day 2", day: 3,
            finds: ["prod 42"]),
        RuleExample("nothing is linted", "run 41 prod day 1; run 42 prod day 2", day: 3),
    ]

    static func findings(in scope: RuleScope) -> [Finding] {
        guard scope.isLinting else { return [] }
        return scope.delivered(rule).compactMap { change, environment, applied in
            guard scope.facts[change].about(applied.digest).results(of: "lint").isEmpty else {
                return nil
            }
            return scope.finding(
                rule, change, environment, entries: [applied.last], since: applied.firstAt,
                "no lint of it was recorded")
        }
    }
}
