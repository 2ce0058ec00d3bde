import LedgerCore

struct OutOfOrder: FindingRule {
    static let rule = Rule(
        "out-of-order", .warning,
        finds: "a change that was applied after one that comes later",
        advice: "check that both have done what they should, in this order too")

    static let examples = [
        RuleExample(
            "42 after 43", "run 43 prod day 1; run 42 prod day 2", day: 3, finds: ["prod 42"]),
        RuleExample(
            "on one of two tenants",
            """
            run 42 prod/acme day 1; run 43 prod/acme day 2
            run 43 prod/globex day 2; run 42 prod/globex day 3
            """, day: 4, finds: ["prod 42 globex"]),
        RuleExample(
            "rollouts that overlap are in order on each target",
            """
            run 42 prod/acme day 1; run 43 prod/acme day 2
            run 42 prod/globex day 3; run 43 prod/globex day 4
            """, day: 5),
        RuleExample("in order", "run 42 prod day 1; run 43 prod day 2", day: 3),
    ]

    static func findings(in scope: RuleScope) -> [Finding] {
        scope.environments(rule).flatMap { environment in
            scope.history.environments[environment].targets == nil
                ? counted(scope, environment) : walked(scope, environment)
        }
    }

    /// Where deployments of a change and of a later one overlap, in all.
    private static func counted(_ scope: RuleScope, _ environment: Int) -> [Finding] {
        let history = scope.history
        var first = Int64.max
        var found: [Finding] = []
        for change in history.changes.indices.reversed()
        where !history.changes[change].isRepeatable {
            guard let applied = history.cell(change, environment).applied else { continue }
            if applied.lastAt > first {
                found.append(
                    scope.finding(rule, change, environment, since: applied.lastAt, "out of order"))
            }
            first = min(first, applied.firstAt)
        }
        return found
    }

    /// On one target, the first deployment of a later change.
    private struct Later {
        let change: Int
        let at: Int64
        let index: Int64
    }

    private static func walked(_ scope: RuleScope, _ environment: Int) -> [Finding] {
        let history = scope.history
        var first: [Int: Later] = [:]
        var found: [Finding] = []
        for change in history.changes.indices.reversed()
        where !history.changes[change].isRepeatable {
            let cell = history.cell(change, environment)
            var late: [Int] = []
            var entries: [Int64] = []
            var since = Int64.max
            var other: Int?
            for target in cell.last.keys.sorted() {
                guard let last = cell.last[target], last.state == .applied else { continue }
                let later = first[target]
                if let later, later.at < last.at {
                    late.append(target)
                    entries += [last.index, later.index]
                    since = min(since, last.at)
                    other = other ?? later.change
                } else {
                    first[target] = Later(change: change, at: last.at, index: last.index)
                }
            }
            guard let other else { continue }
            found.append(
                scope.finding(
                    rule, change, environment, targets: late, entries: entries, since: since,
                    "it was applied after \(history.called(other))"))
        }
        return found.reversed()
    }
}
