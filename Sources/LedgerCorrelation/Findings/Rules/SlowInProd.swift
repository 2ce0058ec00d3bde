import LedgerCore

struct SlowInProd: FindingRule {
    static let rule = Rule(
        "slow-in-prod", .warning,
        finds: "a change that took many times as long as in the environments before, and 10 s more",
        advice: "test with as much data as Prod has; look for locks and missing indexes",
        factor: 10)

    /// Below this nobody waits.
    private static let leastMilliseconds: Int64 = 10_000

    static let examples = [
        RuleExample(
            "0.2 s in Dev, 14 min in Prod",
            "path dev prod; run 42 dev day 1 took 200; run 42 prod day 2 took 840000", day: 3,
            finds: ["prod 42 prod"]),
        RuleExample(
            "as fast as before",
            "path dev prod; run 42 dev day 1 took 9000; run 42 prod day 2 took 20000", day: 3),
        RuleExample(
            "nobody waits for a second",
            "path dev prod; run 42 dev day 1 took 2; run 42 prod day 2 took 900", day: 3),
    ]

    /// From how many milliseconds on something is slow that usually takes so many.
    static func limit(usual: Int64, factor: Int?) -> Int64 {
        let factor = Int64(factor ?? rule.factor ?? 10)
        return max(usual * factor, usual + leastMilliseconds)
    }

    static func findings(in scope: RuleScope) -> [Finding] {
        let history = scope.history
        return scope.environments(rule).flatMap { environment in
            history.changes.indices.compactMap { change -> Finding? in
                let before = history.upstream[environment].compactMap {
                    history.cell(change, $0).applied?.longestMilliseconds
                }
                let cell = history.cell(change, environment)
                guard let usual = before.max(), let longest = cell.applied?.longestMilliseconds
                else { return nil }
                let least = Self.limit(usual: usual, factor: scope.policy[rule].factor)
                guard longest >= least else { return nil }
                let slow = cell.last.filter { $0.value.durationMilliseconds ?? 0 >= least }
                    .filter { $0.value.state == .applied }
                return scope.finding(
                    rule, change, environment, targets: slow.keys.sorted(),
                    entries: slow.isEmpty
                        ? [cell.applied?.last].compactMap(\.self) : slow.values.map(\.index),
                    since: cell.applied?.lastAt,
                    "it took \(Duration.words(milliseconds: longest)), and at most "
                        + "\(Duration.words(milliseconds: usual)) before: "
                        + "\(longest / max(1, usual)) times as long")
            }
        }
    }
}
