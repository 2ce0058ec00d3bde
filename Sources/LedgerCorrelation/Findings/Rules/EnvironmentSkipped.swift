import LedgerCore

struct EnvironmentSkipped: FindingRule {
    static let rule = Rule(
        "environment-skipped", .error,
        finds: "a change that came to an environment before it came to a step before it",
        advice: "deploy it upstream too, or the next change is tested against something else")

    static let examples = [
        RuleExample(
            "a hotfix in Prod", "path dev stage prod; run 42 prod day 1", day: 2,
            finds: ["prod 42"]),
        RuleExample(
            "upstream afterwards", "path dev prod; run 42 prod day 1; run 42 dev day 2", day: 3,
            finds: ["prod 42"]),
        RuleExample(
            "one of two parallel environments is enough",
            "path eu,us prod; run 42 eu day 1; run 42 prod day 2", day: 3),
        RuleExample(
            "upstream was built anew",
            "path dev prod; run 42 dev day 1; run 42 prod day 2; run 42 dev day 9", day: 10),
        RuleExample(
            "a repeatable change has versions",
            """
            path dev prod; run R__v dev day 1 script a repeatable
            run R__v prod day 2 script a repeatable; run R__v dev day 3 script b repeatable
            """, day: 4),
        RuleExample(
            "upstream has a baseline",
            "path dev prod; run 42 dev day 3 baseline; run 42 prod day 1",
            day: 4),
    ]

    static func findings(in scope: RuleScope) -> [Finding] {
        let history = scope.history
        return scope.environments(rule).flatMap { environment in
            history.changes.indices.compactMap { change in
                let cell = history.cell(change, environment)
                // Of a repeatable change, each version has a first time of its own.
                guard let applied = cell.applied, !history.changes[change].isRepeatable else {
                    return nil
                }
                let skipped = skippedSteps(change, environment, applied.firstAt, history)
                if skipped.isEmpty { return nil }
                let entries =
                    cell.last.values.filter { $0.state == .applied }.map(\.index) + [applied.last]
                return scope.finding(
                    rule, change, environment, entries: entries, since: applied.firstAt,
                    "it came here before \(skipped.joined(separator: " and "))")
            }
        }
    }

    private static func skippedSteps(
        _ change: Int, _ environment: Int, _ at: Int64, _ history: ServiceHistory
    ) -> [String] {
        let name = history.environments[environment].name
        guard let place = history.path.place(of: name) else { return [] }
        return history.path.steps[..<place].compactMap { step in
            let cells = step.compactMap(history.environment(named:)).map {
                history.cell(change, $0)
            }
            let hasCome = cells.contains { cell in
                if let first = cell.applied?.firstAt, first <= at { return true }
                // Nobody knows when these came.
                let untimed = cell.doneCount - (cell.counts[.applied] ?? 0)
                return untimed > 0 || (cell.counts[.reverted] ?? 0) > 0
            }
            return hasCome ? nil : step.joined(separator: ", ")
        }
    }
}
