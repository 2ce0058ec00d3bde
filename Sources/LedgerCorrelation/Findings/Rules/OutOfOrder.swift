import LedgerCore

struct OutOfOrder: FindingRule {
    static let rule = Rule(
        "out-of-order", .warning,
        finds: "a change that was applied after one that comes later",
        advice: "check that both have done what they should: upstream they ran in the other order")

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

    private static func walked(_ scope: RuleScope, _ environment: Int) -> [Finding] {
        let history = scope.history
        let count = history.environments[environment].targetCount
        // On each target, the first deployment of a later change.
        var first = [(change: Int, deployment: Deployment)?](repeating: nil, count: count)
        var found: [Finding] = []
        for change in history.changes.indices.reversed()
        where !history.changes[change].isRepeatable {
            var late: [(target: Int, deployment: Deployment)] = []
            var other: Int?
            var entries: [Int64] = []
            for (target, last) in history.cell(change, environment).last.sorted(by: {
                $0.key < $1.key
            })
            where last.state == .applied {
                if let known = first[target], known.deployment.at < last.at {
                    late.append((target, last))
                    entries += [last.index, known.deployment.index]
                    other = other ?? known.change
                }
                if first[target].map({ last.at < $0.deployment.at }) ?? true {
                    first[target] = (change, last)
                }
            }
            guard let other, let since = late.map(\.deployment.at).min() else { continue }
            found.append(
                scope.finding(
                    rule, change, environment, targets: late.map(\.target), entries: entries,
                    since: since, "it was applied after \(history.called(other))"))
        }
        return found.reversed()
    }
}
