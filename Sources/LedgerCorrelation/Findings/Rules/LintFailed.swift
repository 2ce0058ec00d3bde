import LedgerCore

struct LintFailed: FindingRule {
    static let rule = Rule(
        "lint-failed", .warning,
        finds: "a change that came to the end of the path though its last lint failed",
        advice: "mend what the lint found, in another change", isForTheLastStep: true)

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
            let lints = scope.facts[change].reviews(
                "lint", ["passed", "failed", "approved", "rejected"])
            guard let last = lints.last,
                ["failed", "rejected"].contains(last.string("review", "decision") ?? "")
            else { return nil }
            return scope.finding(
                rule, change, environment, entries: [last.index, applied.last],
                since: applied.firstAt, "its last lint failed")
        }
    }
}
