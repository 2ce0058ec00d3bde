import LedgerCore

struct RecordedLate: FindingRule {
    static let rule = Rule(
        "recorded-late", .note,
        finds:
            "deployments that were recorded long after they happened, and are no history that was "
            + "brought in: not imported, nor 30 d old",
        advice: "record where it runs: ledger run, or ledger spool send if the ledger was away",
        after: .days(1), needsTargets: false)

    static let examples = [
        RuleExample(
            "a week later", "run 42 prod day 1 recorded 8", day: 9, finds: ["prod"]),
        RuleExample("the same day", "run 42 prod day 1 hour 3 recorded 2", day: 9),
        RuleExample("from an imported history", "run 42 prod day 1 imported recorded 8", day: 9),
        RuleExample("history of another year", "run 42 prod day 1 recorded 40", day: 41),
        RuleExample("a merge may be older", "merge 42 day 1 recorded 8", day: 9),
    ]

    static func findings(in scope: RuleScope) throws(LedgerError) -> [Finding] {
        var found: [Finding] = []
        for environment in scope.environments(rule) {
            let late = try scope.untimely(.late, rule, environment)
            guard let longest = late.map({ $0.recorded - $0.at }).max() else { continue }
            found.append(
                scope.finding(
                    rule, nil, environment, entries: late.map(\.index),
                    since: late.map(\.at).min(),
                    "recorded up to \(Duration.words(milliseconds: longest)) after it happened"))
        }
        return found
    }
}

extension RuleScope {
    /// Entries of a place, nil for those of none, that were recorded at another time than they
    /// happened.
    func untimely(
        _ kind: Untimely.Kind, _ rule: Rule, _ environment: Int?
    ) throws(LedgerError) -> [Untimely] {
        try evidence.untimely(
            kind, service: history.service,
            environment: environment.map { history.environments[$0].name },
            beyond: patience(rule), since: policy.effectiveFrom)
    }
}
