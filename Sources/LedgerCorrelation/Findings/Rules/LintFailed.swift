import LedgerCore

struct LintFailed: FindingRule {
    static let rule = Rule(
        "lint-failed", .warning,
        finds: "a change that came to the end of the path though its last lint failed",
        advice: "mend what the lint found, in another change", isForTheLastStep: true,
        needsTargets: false)

    static let examples = [
        RuleExample(
            "failed", "review 42 failed lint day 0; run 42 prod day 1", day: 2,
            finds: ["prod 42"]),
        RuleExample(
            "mended before",
            "review 42 failed lint day 0; review 42 passed lint day 0; run 42 prod day 1", day: 2),
    ]

    static func findings(in scope: RuleScope) -> [Finding] {
        scope.delivered(rule).compactMap { change, environment, applied in
            guard let last = scope.facts[change].about(applied.digest).results(of: "lint").last,
                last.isFailed
            else {
                return nil
            }
            return scope.finding(
                rule, change, environment, entries: [last.index, applied.last],
                since: applied.firstAt, "its last lint failed")
        }
    }
}
