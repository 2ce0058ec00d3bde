import LedgerCore

struct ClockSkew: FindingRule {
    static let rule = Rule(
        "clock-skew", .warning,
        finds: "events that happened, by their source's clock, clearly after they were recorded",
        advice: "set the clock of the machine that sends them; ledger correct INDEX --time …",
        after: .seconds(300), needsTargets: false)

    static let examples = [
        RuleExample(
            "half a day ahead", "run 42 prod day 2 recorded 1", day: 3, finds: ["prod"]),
        RuleExample(
            "a merge belongs to no environment", "merge 42 day 2 recorded 1", day: 3, finds: [""]),
        RuleExample("recorded when it happened", "run 42 prod day 2", day: 3),
        RuleExample("recorded afterwards", "run 42 prod day 1 recorded 9", day: 10),
    ]

    static func findings(in scope: RuleScope) throws(LedgerError) -> [Finding] {
        var places: [Int?] = scope.environments(rule)
        if scope.isEverywhere(rule) { places.append(nil) }
        var found: [Finding] = []
        for place in places {
            let ahead = try scope.untimely(.ahead, rule, place)
            guard let furthest = ahead.max(by: { $0.at - $0.recorded < $1.at - $1.recorded })
            else { continue }
            let source = try scope.row(at: furthest.index)?.string("source")
            let span = Duration.words(milliseconds: furthest.at - furthest.recorded)
            found.append(
                scope.finding(
                    rule, nil, place, entries: ahead.map(\.index),
                    since: ahead.map(\.recorded).min(),
                    "the clock of \(source ?? "its source") was \(span) ahead"))
        }
        return found
    }
}
