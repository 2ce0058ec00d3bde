import LedgerCore

struct EditedBetweenEnvironments: FindingRule {
    static let rule = Rule(
        "edited-between-environments", .error,
        finds: "a change that ran with another script than upstream, or than was merged",
        advice: "compare the scripts: ledger show SERVICE:CHANGE, ledger show INDEX --script")

    static let examples = [
        RuleExample(
            "another script in Prod",
            "path dev prod; run 42 dev day 1 script a; run 42 prod day 2 script b", day: 3,
            finds: ["prod 42 prod"]),
        RuleExample(
            "other than what was merged", "merge 42 day 0 script a; run 42 dev day 1 script b",
            day: 3, finds: ["dev 42 dev"]),
        RuleExample(
            "one tenant of two",
            "run 42 prod/acme day 1 script a; run 42 prod/globex day 2 script b", day: 3,
            finds: ["prod 42 globex"]),
        RuleExample(
            "a repeatable change has versions",
            """
            path dev prod; run R__v dev day 1 script a repeatable
            run R__v prod day 2 script a repeatable; run R__v dev day 3 script b repeatable
            """, day: 4),
        RuleExample(
            "the same everywhere",
            "path dev prod; run 42 dev day 1 script a; run 42 prod day 2 script a", day: 3),
    ]

    static func findings(in scope: RuleScope) -> [Finding] {
        let history = scope.history
        return scope.environments(rule).flatMap { environment in
            history.changes.indices.compactMap { change in
                guard history.states(change, environment)[.edited] != nil else { return nil }
                let targets = scope.targets(change, environment, in: [.edited])
                let cell = history.cell(change, environment)
                let deployments = targets.compactMap { cell.last[$0] }
                let reference = history.standing(change, environment).reference
                return scope.finding(
                    rule, change, environment, targets: targets,
                    entries: deployments.map(\.index), since: deployments.map(\.at).min(),
                    "script \(short(deployments.first?.digest)) ran here, and not "
                        + short(reference))
            }
        }
    }

    private static func short(_ digest: String?) -> String {
        digest.map { String($0.dropFirst("sha256:".count).prefix(12)) } ?? "another"
    }
}
