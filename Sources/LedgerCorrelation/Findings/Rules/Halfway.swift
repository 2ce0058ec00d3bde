import LedgerCore

struct Halfway: FindingRule {
    static let rule = Rule(
        "halfway", .error,
        finds: "a failed deployment of which some statements were done",
        advice: "undo what was done or do the rest by hand, and record it")

    static let examples = [
        RuleExample(
            "3 of 5", "run 42 prod day 1 failed statements 3/5", day: 2, finds: ["prod 42 prod"]),
        RuleExample("nothing was done", "run 42 prod day 1 failed statements 0/5", day: 2),
        RuleExample("not known", "run 42 prod day 1 failed", day: 2),
    ]

    static func findings(in scope: RuleScope) throws(LedgerError) -> [Finding] {
        let history = scope.history
        var found: [Finding] = []
        for environment in scope.environments(rule) {
            for change in history.changes.indices {
                guard (history.cell(change, environment).counts[.failed] ?? 0) > 0 else {
                    continue
                }
                if let finding = try finding(scope, change, environment) { found.append(finding) }
            }
        }
        return found
    }

    private static func finding(
        _ scope: RuleScope, _ change: Int, _ environment: Int
    ) throws(LedgerError) -> Finding? {
        let cell = scope.history.cell(change, environment)
        let targets = scope.targets(change, environment, in: [.failed])
        if targets.isEmpty {
            return scope.finding(rule, change, environment, since: nil, "it failed")
        }
        var halfway: [(target: Int, deployment: Deployment)] = []
        var words = ""
        for target in targets {
            guard let last = cell.last[target], let row = try scope.row(at: last.index),
                let done = row.integer("deployment", "statements_done"), done > 0
            else { continue }
            let all = row.integer("deployment", "statements")
            if let all, done >= all { continue }
            if words.isEmpty { words = "\(done) of \(all.map(String.init) ?? "its") statements" }
            halfway.append((target, last))
        }
        if halfway.isEmpty { return nil }
        return scope.finding(
            rule, change, environment, targets: halfway.map(\.target),
            entries: halfway.map(\.deployment.index), since: halfway.map(\.deployment.at).min(),
            "it failed after \(words)")
    }
}
