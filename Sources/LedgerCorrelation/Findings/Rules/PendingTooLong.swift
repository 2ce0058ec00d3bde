import LedgerCore

struct PendingTooLong: FindingRule {
    static let rule = Rule(
        "pending-too-long", .warning,
        finds: "a change that was merged, or came to the step before, and has not come on since",
        advice: "deploy it, revert its merge, or acknowledge why it waits", after: .days(14))

    static let examples = [
        RuleExample(
            "in Dev for three weeks", "path dev prod; merge 42 day 0; run 42 dev day 1", day: 22,
            finds: ["prod 42"]),
        RuleExample(
            "only the next step is told", "path dev stage prod; merge 42 day 0; run 42 dev day 1",
            day: 22, finds: ["stage 42"]),
        RuleExample(
            "for some days", "path dev prod; merge 42 day 0; run 42 dev day 1", day: 8),
        RuleExample(
            "skipped in the step before",
            "path dev stage prod; run 42 dev day 1; run 42 stage day 2 skipped", day: 22,
            finds: ["prod 42"]),
        RuleExample(
            "reverted upstream", "path dev prod; run 42 dev day 1; run 42 dev day 2 revert",
            day: 30),
    ]

    static func findings(in scope: RuleScope) -> [Finding] {
        let history = scope.history
        return scope.environments(rule).flatMap { environment in
            history.changes.indices.compactMap { change in
                guard history.states(change, environment)[.pending] != nil,
                    let since = arrival(change, environment, history),
                    scope.isOver(rule, since: since.at)
                else { return nil }
                return scope.finding(
                    rule, change, environment,
                    targets: scope.targets(change, environment, in: [.pending]),
                    entries: [since.index], since: since.at,
                    "\(since.how) more than \(scope.patience(rule).words) ago, and not here")
            }
        }
    }

    /// When it came to the step before; nil if it has not come so far.
    private static func arrival(
        _ change: Int, _ environment: Int, _ history: ServiceHistory
    ) -> (at: Int64, index: Int64, how: String)? {
        let name = history.environments[environment].name
        let before = history.path.place(of: name).map { history.path.steps[..<$0] }?.last ?? []
        let places = before.compactMap(history.environment(named:)).filter { place in
            let cell = history.cell(change, place)
            return cell.doneCount > 0 || cell.counts[.skipped] ?? 0 > 0
        }
        let applied = places.compactMap { place in
            history.cell(change, place).applied.map { ($0, history.environments[place].name) }
        }
        if let (last, place) = applied.max(by: { $0.0.firstAt < $1.0.firstAt }) {
            return (last.firstAt, last.last, "it came to \(place)")
        }
        // It was skipped there, or taken as applied: what is known is when it came before that.
        if !places.isEmpty, let since = history.standing(change, environment).dueSince {
            let earlier = history.upstream[environment].compactMap {
                history.cell(change, $0).applied?.last
            }
            let index = (earlier + [history.changes[change].merge?.last].compactMap(\.self)).min()
            return index.map { (since, $0, "it was merged or came upstream") }
        }
        guard before.isEmpty, let merge = history.changes[change].merge else { return nil }
        return (merge.firstAt, merge.last, "it was merged")
    }
}
