import LedgerCore

/// `squawk --reporter json` (squawkhq.com, "CLI"): a list with an object for each violation; its
/// lines are counted from 0. A file without violations is not in it. Squawk fails for any of them,
/// warnings too.
public enum SquawkReport: CheckReport {
    public static let name = "squawk"
    public static let kind = "lint"
    public static let mediaType = "application/json"
    public static let command = "squawk --reporter json migrations/*.sql"

    // As squawk 2.70.0 prints it.
    public static let examples = [
        CheckExample(
            """
            [{"file":"migrations/V2__b.sql","line":0,"column":0,"level":"Warning",\
            "message":"Missing `set lock_timeout`","help":"Configure a `lock_timeout`.",\
            "rule_name":"require-lock-timeout","column_end":54,"line_end":0},
             {"file":"migrations/V4__d.sql","line":0,"column":6,"level":"Error",\
            "message":"expected command, found INT_NUMBER","help":null,\
            "rule_name":"syntax-error","column_end":6,"line_end":0},
             {"file":"migrations/V2__b.sql","line":1,"column":0,"level":"Warning",\
            "message":"Table updates are blocked.","help":null,\
            "rule_name":"require-concurrent-index-creation","column_end":24,"line_end":1}]
            """,
            [
                CheckResult(
                    .script("migrations/V2__b.sql"),
                    [
                        .init(
                            line: 1, rule: "require-lock-timeout",
                            text: "Missing `set lock_timeout`; Configure a `lock_timeout`.",
                            isFailure: true),
                        .init(
                            line: 2, rule: "require-concurrent-index-creation",
                            text: "Table updates are blocked.", isFailure: true),
                    ]),
                CheckResult(
                    .script("migrations/V4__d.sql"),
                    [
                        .init(
                            line: 1, rule: "syntax-error",
                            text: "expected command, found INT_NUMBER", isFailure: true)
                    ]),
            ]),
        CheckExample("[]", []),
    ]

    public static func results(in bytes: [UInt8]) throws(LedgerError) -> [CheckResult] {
        var results = CheckResultList()
        for item in try ReportItem.read(bytes) {
            let item = try item.checkedObject()
            let words = [try item.text("message"), try item.text("help")].compactMap(\.self)
            let line = try item.integer("line").flatMap(Int.init(exactly:))
            results.add(
                .init(
                    line: line.flatMap { 0..<Int.max ~= $0 ? $0 + 1 : nil },
                    rule: try item.neededText("rule_name"), text: words.joined(separator: "; "),
                    isFailure: true),
                to: try item.neededText("file"))
        }
        return results.results
    }
}

/// The results of a report that tells problems one by one, by script.
struct CheckResultList {
    private(set) var results: [CheckResult] = []
    private var places: [ExactText: Int] = [:]

    mutating func add(_ problem: CheckResult.Problem?, to script: String) {
        let key = ExactText(script)
        if places[key] == nil {
            places[key] = results.count
            results.append(CheckResult(.script(script)))
        }
        if let problem, let place = places[key] { results[place].problems.append(problem) }
    }
}
