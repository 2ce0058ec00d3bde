import LedgerCore

struct NotFinished: FindingRule {
    static let rule = Rule(
        "not-finished", .warning,
        finds: "a deployment that began, and of whose end nothing was heard",
        advice: "find out how it ended, and record it: ledger record deployment --status …",
        after: .seconds(6 * 3600))

    static let examples = [
        RuleExample(
            "since yesterday", "run 42 prod day 1 started", day: 2, finds: ["prod 42 prod"]),
        RuleExample("it runs", "run 42 prod day 1 hour 9 started", day: 1),
        RuleExample(
            "it ended", "run 42 prod day 1 started; run 42 prod day 2", day: 3),
    ]

    static func findings(in scope: RuleScope) -> [Finding] {
        let history = scope.history
        return scope.environments(rule).flatMap { environment in
            history.changes.indices.compactMap { change in
                guard history.states(change, environment)[.unfinished] != nil else { return nil }
                let cell = history.cell(change, environment)
                let isCounted = history.environments[environment].targets == nil
                let targets = scope.targets(change, environment, in: [.unfinished]).filter {
                    cell.last[$0].map { scope.isOver(rule, since: $0.at) } ?? false
                }
                if targets.isEmpty, !isCounted { return nil }
                let begun = targets.compactMap { cell.last[$0] }
                return scope.finding(
                    rule, change, environment, targets: targets, entries: begun.map(\.index),
                    since: begun.map(\.at).min(),
                    "it began more than \(scope.patience(rule).words) ago")
            }
        }
    }
}
