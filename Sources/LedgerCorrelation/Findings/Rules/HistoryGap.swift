import LedgerCore

struct HistoryGap: FindingRule {
    static let rule = Rule(
        "history-gap", .warning,
        finds:
            "a revert where the change never came before, by no run, mark or baseline; or an "
            + "attempt with fewer before it than its number says, unless a pipeline's run counts it",
        advice: "record what is missing: ledger record deployment --time …, ledger spool list")

    static let examples = [
        RuleExample(
            "reverted, and never applied", "run 41 prod day 1; run 42 prod day 2 revert", day: 3,
            finds: ["prod 42 prod"]),
        RuleExample(
            "the third attempt alone", "run 42 prod day 1 attempt 3", day: 2,
            finds: ["prod 42 prod"]),
        RuleExample(
            "on one of two tenants",
            """
            run 42 prod/acme day 1; run 42 prod/acme day 2 revert
            run 42 prod/globex day 2 revert
            """, day: 3, finds: ["prod 42 globex"]),
        RuleExample(
            "the second attempt of a pipeline, whose first failed in a test",
            "run 42 prod day 1 attempt 2 in https://ci/1", day: 2),
        RuleExample("applied and reverted", "run 42 prod day 1; run 42 prod day 2 revert", day: 3),
        RuleExample(
            "under a baseline", "run 41 prod day 2 revert; run 42 prod day 1 baseline", day: 3),
        RuleExample(
            "an end without a start is none", "run 42 prod day 1 failed; run 42 prod day 2",
            day: 3),
        RuleExample(
            "every attempt",
            "run 42 prod day 1 failed attempt 1; run 42 prod day 2 attempt 2", day: 3),
    ]

    static func findings(in scope: RuleScope) throws(LedgerError) -> [Finding] {
        var found: [Finding] = []
        for environment in scope.environments(rule) {
            let name = scope.history.environments[environment].name
            let attempts = Dictionary(
                grouping: try scope.evidence.loneAttempts(
                    service: scope.history.service, environment: name)
            ) { ExactText($0.change) }
            for change in scope.history.changes.indices {
                let lone = attempts[ExactText(scope.history.changes[change].id)] ?? []
                let gap =
                    reverted(scope, change, environment)
                    ?? missing(lone, scope, change, environment)
                if let gap { found.append(gap) }
            }
        }
        return found
    }

    private static func reverted(
        _ scope: RuleScope, _ change: Int, _ environment: Int
    ) -> Finding? {
        let history = scope.history
        let cell = history.cell(change, environment)
        guard cell.counts[.reverted] ?? 0 > 0 else { return nil }
        let isCounted = history.environments[environment].targets == nil
        let targets = cell.revertedUnseen.sorted().filter { target in
            guard let reverted = cell.last[target] else { return false }
            // A baseline speaks for every change before it.
            return !history.changes.indices[(change + 1)...].contains { later in
                let last = history.cell(later, environment).last[target]
                return last?.state == .baseline && last?.at ?? .max <= reverted.at
            }
        }
        if targets.isEmpty, !isCounted { return nil }
        let reverts = targets.compactMap { cell.last[$0] }
        return scope.finding(
            rule, change, environment, targets: targets, entries: reverts.map(\.index),
            since: reverts.map(\.at).min(), "it was reverted, and nothing says that it came here")
    }

    private static func missing(
        _ lone: [LoneAttempt], _ scope: RuleScope, _ change: Int, _ environment: Int
    ) -> Finding? {
        guard let first = lone.first else { return nil }
        let set = scope.history.environments[environment].targets
        let targets = lone.compactMap { attempt -> Int? in
            guard case .target(let known) = set?.meaning(of: attempt.target) else { return nil }
            return set?.place(of: known)
        }
        return scope.finding(
            rule, change, environment, targets: Set(targets).sorted(), entries: lone.map(\.index),
            since: lone.map(\.at).min(),
            "attempt \(first.attempt), and \(first.earlierCount) before it known")
    }
}
