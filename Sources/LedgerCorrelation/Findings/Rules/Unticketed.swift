import LedgerCore

struct Unticketed: FindingRule {
    static let rule = Rule(
        "unticketed", .note,
        finds: "a change that came to the end of the path without a ticket",
        advice:
            "name the ticket in the commit, or with --ticket; ledger correct sets it afterwards",
        isForTheLastStep: true, needsTargets: false)

    static let examples = [
        RuleExample("no ticket", "merge 42 day 0; run 42 prod day 1", day: 2, finds: ["prod 42"]),
        RuleExample(
            "in the merge", "merge 42 day 0 ticket INC-1; run 42 prod day 1", day: 2),
        RuleExample("in the deployment", "run 42 prod day 1 ticket INC-1", day: 2),
    ]

    static func findings(in scope: RuleScope) throws(LedgerError) -> [Finding] {
        try scope.delivered(rule) { (change, environment, applied) throws(LedgerError) in
            if scope.facts[change].merges.contains(where: { $0.string("change", "ticket") != nil })
            {
                return nil
            }
            if try scope.row(at: applied.last)?.string("change", "ticket") != nil { return nil }
            return scope.finding(
                rule, change, environment, entries: [applied.last], since: applied.firstAt,
                "no ticket asked for it")
        }
    }
}
