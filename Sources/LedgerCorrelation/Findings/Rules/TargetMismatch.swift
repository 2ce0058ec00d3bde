import LedgerCore

struct TargetMismatch: FindingRule {
    static let rule = Rule(
        "target-mismatch", .error,
        finds:
            "deployments that say that they ran in one environment, and connected to the database "
            + "of a target that is declared, by its address, in another",
        advice: "find out where it ran, and set it right: ledger correct INDEX --env …",
        needsTargets: false)

    static let examples = [
        RuleExample(
            "said to be Stage, and it was Prod",
            "target prod at db1/orders; run 42 stage day 1 on db1/orders", day: 2,
            finds: ["stage"]),
        RuleExample(
            "declared afterwards, by a port",
            "run 42 stage day 1 on DB1:5433/orders; target prod at db1:5433/orders", day: 2,
            finds: ["stage"]),
        RuleExample(
            "where it says", "target prod at db1/orders; run 42 prod day 1 on db1/orders", day: 2),
        RuleExample(
            "another port", "target prod at db1:5433/orders; run 42 stage day 1 on db1:5432/orders",
            day: 2),
        RuleExample(
            "environments that share a database",
            """
            target dev at db1/orders; target test at db1/orders; run 42 dev day 1 on db1/orders
            """, day: 2),
        RuleExample(
            "nobody says whose it is", "target prod; run 42 stage day 1 on db1/orders", day: 2),
        RuleExample(
            "a machine's own database",
            "target prod at localhost/orders; run 42 dev day 1 on localhost/orders", day: 2),
    ]

    static func findings(in scope: RuleScope) throws(LedgerError) -> [Finding] {
        let stray = try scope.evidence.strayConnections(of: scope.history.service)
        return scope.environments(rule).compactMap { environment in
            let name = scope.history.environments[environment].name
            let here = stray.filter { $0.environment.hasSameBytes(as: name) }
                .sorted { $0.index < $1.index }
            // Of the address itself nothing is told: a host is private.
            let owners = Set(here.map { ExactText($0.owner.text) }).sorted().map(\.text)
            if here.isEmpty { return nil }
            return scope.finding(
                rule, nil, environment, entries: here.map(\.index), since: here.map(\.at).min(),
                "it connected to the database of \(owners.joined(separator: " and "))")
        }
    }
}
