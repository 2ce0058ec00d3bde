import LedgerCore

struct AmbiguousTarget: FindingRule {
    static let rule = Rule(
        "ambiguous-target", .warning,
        finds: "deployments on a name that several targets fit: they count nowhere",
        advice: "name tenant, region and cluster; ledger correct INDEX --tenant … sets it right")

    static let examples = [
        RuleExample(
            "Prod, and there are two tenants",
            "run 41 prod/acme day 0; run 41 prod/globex day 0; run 42 prod day 1", day: 2,
            finds: ["prod acme,globex"]),
        RuleExample(
            "Prod, and there is one tenant", "run 41 prod/acme day 0; run 42 prod day 1", day: 2),
    ]

    static func findings(in scope: RuleScope) -> [Finding] {
        let history = scope.history
        return scope.environments(rule).compactMap { environment in
            let deployments = history.changes.indices.flatMap {
                history.cell($0, environment).ambiguous
            }
            guard let first = deployments.min(by: { $0.index < $1.index }) else { return nil }
            let known = history.environments[environment].targets
            var fitting: [Int] = []
            if case .ambiguous(let targets) = known?.meaning(of: first.target) {
                fitting = targets.compactMap { known?.targets.firstIndex(of: $0) }
            }
            return scope.finding(
                rule, nil, environment, targets: fitting, entries: deployments.map(\.index),
                since: first.at, "\(first.target.text) fits \(fitting.count) targets")
        }
    }
}
