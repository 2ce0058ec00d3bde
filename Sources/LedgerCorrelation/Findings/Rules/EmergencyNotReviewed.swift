import LedgerCore

struct EmergencyNotReviewed: FindingRule {
    static let rule = Rule(
        "emergency-not-reviewed", .error,
        finds: "an emergency change that nobody has approved in time afterwards",
        advice: "have it approved now and record it: ledger record review --decision approved",
        after: .days(2), isForTheLastStep: true, needsTargets: false)

    static let examples = [
        RuleExample(
            "nobody in three days", "run 42 prod day 1 emergency", day: 4, finds: ["prod 42"]),
        RuleExample("there is still time", "run 42 prod day 1 emergency", day: 2),
        RuleExample(
            "approved the next day", "run 42 prod day 1 emergency; review 42 approved day 2",
            day: 9),
    ]

    static func findings(in scope: RuleScope) throws(LedgerError) -> [Finding] {
        try scope.delivered(rule) { (change, environment, applied) throws(LedgerError) in
            guard scope.facts[change].about(applied.digest).approvals.isEmpty,
                scope.isOver(rule, since: applied.firstAt),
                try scope.isEmergency(change, applied)
            else { return nil }
            return scope.finding(
                rule, change, environment, entries: [applied.last], since: applied.firstAt,
                "nobody has approved it within \(scope.patience(rule).words)")
        }
    }
}
