import LedgerCore

struct SilentTarget: FindingRule {
    static let rule = Rule(
        "silent-target", .warning,
        finds:
            "a target, declared or heard from before, of which nothing was recorded for long, while "
            + "others of its service in the environment were heard from",
        advice: "find out why it is left out; ledger target retire it if it is gone",
        after: .days(30))

    static let examples = [
        RuleExample(
            "one of two tenants",
            "run 41 prod/acme day 0; run 41 prod/globex day 0; run 41 prod/acme day 40", day: 41,
            finds: ["prod globex"]),
        RuleExample(
            "declared, and never heard from",
            "target prod/acme day 1; target prod/globex day 1; run 41 prod/acme day 40", day: 41,
            finds: ["prod globex"]),
        RuleExample(
            "declared lately",
            "target prod/acme; target prod/globex day 30; run 41 prod/acme day 40", day: 41),
        RuleExample(
            "nothing was heard from any",
            "run 41 prod/acme day 0; run 41 prod/globex day 0", day: 41),
        RuleExample(
            "heard from under a shorter name",
            "target prod/acme; run 41 prod/acme day 0; run 41 prod day 40", day: 41),
    ]

    private static let dayLength: Int64 = 86_400_000

    static func findings(in scope: RuleScope) -> [Finding] {
        scope.environments(rule).compactMap { environment in
            scope.history.environments[environment].targets == nil
                ? counted(scope, environment) : walked(scope, environment)
        }
    }

    private static func counted(_ scope: RuleScope, _ environment: Int) -> Finding? {
        guard let days = scope.history.environments[environment].heardDays,
            scope.isOver(rule, since: days.lowerBound * dayLength),
            !scope.isOver(rule, since: (days.upperBound + 1) * dayLength)
        else { return nil }
        return scope.finding(rule, nil, environment, since: nil, "some were not heard from")
    }

    private static func walked(_ scope: RuleScope, _ environment: Int) -> Finding? {
        let history = scope.history
        let heard = history.environments[environment].lastHeard
        let silent = heard.keys.sorted().filter { target in
            heard[target].map { scope.isOver(rule, since: $0) } ?? false
        }
        guard !silent.isEmpty, silent.count < heard.count else { return nil }
        let known = history.environments[environment].targets?.targets ?? []
        let entries = silent.compactMap { target in
            history.changes.indices.compactMap { history.cell($0, environment).last[target]?.index }
                .max() ?? history.declarations[known[target]]
        }
        return scope.finding(
            rule, nil, environment, targets: silent, entries: entries,
            since: silent.compactMap { heard[$0] }.min(),
            "nothing was recorded of \(silent.count) of \(heard.count) targets for more than "
                + scope.patience(rule).words)
    }
}
