import LedgerCore

struct HistoryRewritten: FindingRule {
    static let rule = Rule(
        "history-rewritten", .error,
        finds:
            "rows of a tool's own table that are not as they were when it was read before: gone, or "
            + "with another checksum, outcome or change",
        advice: "find out who did it, by the tool's repair or by hand, and why: ledger show INDEX",
        needsTargets: false)

    static let examples = [
        RuleExample(
            "a checksum realigned", "run 42 prod day 1; rewrite 42 prod day 3 checksum 7 8", day: 4,
            finds: ["prod 42"]),
        RuleExample(
            "a row that is gone", "run 42 prod/acme day 1; rewrite 42 prod/acme day 3 row", day: 4,
            finds: ["prod 42"]),
        RuleExample("as it was", "run 42 prod day 1", day: 4),
    ]

    static func findings(in scope: RuleScope) throws(LedgerError) -> [Finding] {
        var found: [Finding] = []
        let rewrites = try scope.evidence.rewrites(of: scope.history.service)
        for environment in scope.environments(rule) {
            let name = scope.history.environments[environment].name
            let own = rewrites.filter { $0.environment.hasSameBytes(as: name) }
            for (change, rewrites) in Dictionary(grouping: own, by: { ExactText($0.change) })
                .sorted(by: { $0.key < $1.key })
            {
                guard let first = rewrites.first else { continue }
                let more = rewrites.count > 1 ? ", and \(rewrites.count - 1) more" : ""
                found.append(
                    scope.finding(
                        rule, scope.history.change(withID: change.text), environment,
                        entries: rewrites.map(\.index), since: first.at, first.text + more))
            }
        }
        return found
    }
}

/// A row of a tool's own table that is not as it was when the table was read before.
public struct HistoryRewrite: Sendable {
    public let index: Int64
    public let at: Int64
    public let environment: String
    public let change: String
    let row: String
    let member: String
    let before: String?
    let after: String?

    /// What an event of type snapshot tells.
    public static func all(in row: HistoryRow) -> [HistoryRewrite] {
        guard let environment = row.target.environment else { return [] }
        return (row.members[["snapshot", "rewritten"]]?.array ?? []).compactMap(\.object)
            .compactMap { item in
                guard let change = item["change"]?.string, let name = item["row"]?.string,
                    let member = item["member"]?.string
                else { return nil }
                return HistoryRewrite(
                    index: row.index, at: row.at.milliseconds, environment: environment,
                    change: change, row: name, member: member, before: item["before"]?.string,
                    after: item["after"]?.string)
            }
    }

    /// `flyway_schema_history/3: checksum was 7, is 8`.
    var text: String {
        if member == "row" { return "\(row) is gone: it was \(before ?? "there")" }
        return "\(row): \(member) was \(before ?? "nothing"), is \(after ?? "nothing")"
    }
}
