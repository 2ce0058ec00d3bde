import LedgerCore

struct AdHoc: FindingRule {
    static let rule = Rule(
        "ad-hoc", .warning,
        finds:
            "something that was executed and is in no merge, of a service whose merges are known",
        advice: "bring it into the repository, so that it is reviewed and comes to every target",
        needsTargets: false)

    static let examples = [
        RuleExample(
            "by hand", "merge 41 day 0; run 41 prod day 1; run fix prod day 2", day: 3,
            finds: ["prod fix"]),
        RuleExample(
            "merged afterwards, with the same script",
            "merge 41 day 0; run fix prod day 2 script b; merge 42 day 3 script b", day: 4),
        RuleExample(
            "somebody says that they are two",
            """
            merge 41 day 0; run fix prod day 2 script b; merge 42 day 3 script b
            link fix 42 retract
            """, day: 4, finds: ["prod fix"]),
        RuleExample("merged", "merge 41 day 0; run 41 prod day 1", day: 3),
        RuleExample("of a service without merges", "run 41 prod day 1", day: 3),
        RuleExample(
            "from before the first merge that is known",
            "run 40 prod day 1; merge 41 day 2; run 41 prod day 3", day: 4),
    ]

    static func findings(in scope: RuleScope) -> [Finding] {
        let history = scope.history
        guard let start = history.changes.compactMap({ $0.merge?.firstAt }).min() else {
            return []
        }
        return scope.environments(rule).flatMap { environment in
            history.changes.indices.compactMap { change in
                let cell = history.cell(change, environment)
                guard history.changes[change].merge == nil, let applied = cell.applied,
                    applied.lastAt >= start
                else { return nil }
                return scope.finding(
                    rule, change, environment, entries: [applied.last], since: applied.firstAt,
                    "it was executed, and is in no merge")
            }
        }
    }
}
