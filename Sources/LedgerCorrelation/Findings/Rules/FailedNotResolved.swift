import LedgerCore

struct FailedNotResolved: FindingRule {
    static let rule = Rule(
        "failed-not-resolved", .error,
        finds: "a change whose last attempt failed",
        advice:
            "mend it and run it again, or record how it stands: ledger record deployment "
            + "--operation mark if it is there, revert if it is not")

    static let examples = [
        RuleExample("failed", "run 42 prod day 1 failed", day: 2, finds: ["prod 42 prod"]),
        RuleExample(
            "mended", "run 42 prod day 1 failed; run 42 prod day 2", day: 3),
        RuleExample(
            "failed again", "run 42 prod day 1; run 42 prod day 2 failed", day: 3,
            finds: ["prod 42 prod"]),
    ]

    static func findings(in scope: RuleScope) -> [Finding] {
        let history = scope.history
        return scope.environments(rule).flatMap { environment in
            history.changes.indices.compactMap { change in
                guard let count = history.states(change, environment)[.failed], count > 0 else {
                    return nil
                }
                let targets = scope.targets(change, environment, in: [.failed])
                let failed = targets.compactMap { history.cell(change, environment).last[$0] }
                let since = failed.map(\.at).min()
                if let since, !scope.isOver(rule, since: since) { return nil }
                return scope.finding(
                    rule, change, environment, targets: targets, entries: failed.map(\.index),
                    since: since, "the last attempt failed on \(count) of its targets")
            }
        }
    }
}
