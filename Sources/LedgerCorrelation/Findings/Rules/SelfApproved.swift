import LedgerCore

struct SelfApproved: FindingRule {
    static let rule = Rule(
        "self-approved", .error,
        finds: "a change that only its author or who deployed it has approved, or nobody knows who",
        advice: "have somebody else approve it: ledger record review --decision approved",
        isForTheLastStep: true, needsTargets: false)

    static let examples = [
        RuleExample(
            "by its author",
            "merge 42 day 0 by ann; review 42 approved day 0 by ann; run 42 prod day 1 by ci",
            day: 2, finds: ["prod 42"]),
        RuleExample(
            "by who deployed it",
            "merge 42 day 0 by ann; review 42 approved day 0 by bob; run 42 prod day 1 by bob",
            day: 2, finds: ["prod 42"]),
        RuleExample(
            "by its author under another name",
            """
            alias ann ann-gh
            merge 42 day 0 by ann; review 42 approved day 0 by ann-gh; run 42 prod day 1 by ci
            """, day: 2, finds: ["prod 42"]),
        RuleExample(
            "nobody knows by whom",
            "merge 42 day 0 by ann; review 42 approved day 0; run 42 prod day 1 by ci", day: 2,
            finds: ["prod 42"]),
        RuleExample(
            "by somebody else too",
            """
            merge 42 day 0 by ann; review 42 approved day 0 by ann
            review 42 approved day 0 by bob; run 42 prod day 1 by ci
            """, day: 2),
    ]

    static func findings(in scope: RuleScope) throws(LedgerError) -> [Finding] {
        try scope.delivered(rule) { (change, environment, applied) throws(LedgerError) in
            let facts = scope.facts[change].about(applied.digest)
            if facts.approvals.isEmpty { return nil }
            let deployer = try scope.row(at: applied.last)?.person("actor")
            let authors = facts.authors
            if facts.isApproved(besides: authors + [deployer]) { return nil }
            let isUnknown =
                facts.approvals.contains { $0.person("actor") == nil } || authors.contains(nil)
            return scope.finding(
                rule, change, environment,
                entries: facts.approvals.map(\.index) + facts.merges.map(\.index) + [applied.last],
                since: applied.firstAt,
                isUnknown
                    ? "it is not known that somebody else approved it"
                    : "only who wrote or deployed it has approved it")
        }
    }
}
