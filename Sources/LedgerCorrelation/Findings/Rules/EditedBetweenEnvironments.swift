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

    static func findings(in scope: RuleScope) throws(LedgerError) -> [Finding] {
        let history = scope.history
        var found: [Finding] = []
        for environment in scope.environments(rule) {
            for change in history.changes.indices
            where history.states(change, environment)[.edited] != nil {
                found.append(try finding(scope, change, environment))
            }
        }
        return found
    }

    private static func finding(
        _ scope: RuleScope, _ change: Int, _ environment: Int
    ) throws(LedgerError) -> Finding {
        let targets = scope.targets(change, environment, in: [.edited])
        let cell = scope.history.cell(change, environment)
        let deployments = targets.compactMap { cell.last[$0] }
        let digest = deployments.first?.digest
        let reference = scope.history.standing(change, environment).reference
        let difference = try difference(scope, reference, digest)
        let place = difference.map { "; they differ from line \($0.line) on, byte \($0.byte)" }
        var finding = scope.finding(
            rule, change, environment, targets: targets, entries: deployments.map(\.index),
            since: deployments.map(\.at).min(),
            "script \(short(digest)) ran here, and not \(short(reference))\(place ?? "")")
        finding.difference = difference?.text
        return finding
    }

    /// Nil unless both texts are kept and may be seen.
    private static func difference(
        _ scope: RuleScope, _ reference: String?, _ digest: String?
    ) throws(LedgerError) -> ScriptDifference? {
        guard let reference, let digest, let old = try scope.evidence.script(reference),
            let new = try scope.evidence.script(digest)
        else { return nil }
        return ScriptDifference(
            old, new, names: ("\(short(reference)) expected", "\(short(digest)) ran here"))
    }

    private static func short(_ digest: String?) -> String {
        digest.map { String($0.dropFirst("sha256:".count).prefix(12)) } ?? "another"
    }
}
