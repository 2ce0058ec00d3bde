import LedgerCore

/// `sqlfluff lint --format json` (docs.sqlfluff.com, "Using SQLFluff in CI"): a list with an object
/// for each file, those without violations too. A violation that is a `warning` fails nothing.
public enum SqlfluffReport: CheckReport {
    public static let name = "sqlfluff"
    public static let kind = "lint"
    public static let mediaType = "application/json"
    public static let command = "sqlfluff lint --dialect postgres --format json migrations"

    // As sqlfluff 4.5.0 prints it, fixes and timings left out.
    public static let examples = [
        CheckExample(
            """
            [{"filepath": "migrations/V1__a.sql", "violations": [{"start_line_no": 1,
              "start_line_pos": 15, "code": "LT01", "description": "Expected single whitespace.",
              "name": "layout.spacing", "warning": false}, {"start_line_no": 2,
              "start_line_pos": 1, "code": "CP01", "description": "Keywords must be upper case.",
              "name": "capitalisation.keywords", "warning": true}]},
             {"filepath": "migrations/V3__c.sql", "violations": [],
              "statistics": {"source_chars": 10}}]
            """,
            [
                CheckResult(
                    .script("migrations/V1__a.sql"),
                    [
                        .init(
                            line: 1, rule: "LT01", text: "Expected single whitespace.",
                            isFailure: true),
                        .init(
                            line: 2, rule: "CP01", text: "Keywords must be upper case.",
                            isFailure: false),
                    ]),
                CheckResult(.script("migrations/V3__c.sql")),
            ]),
        CheckExample(
            // Before version 3 a violation had `line_no`.
            """
            [{"filepath": "stdin", "violations": [{"line_no": 1, "line_pos": 1, "code": "PRS",
              "description": "Found unparsable section"}]}]
            """,
            [
                CheckResult(
                    .script("stdin"),
                    [
                        .init(
                            line: 1, rule: "PRS", text: "Found unparsable section",
                            isFailure: true)
                    ])
            ]),
        CheckExample("[]", []),
    ]

    public static func results(in bytes: [UInt8]) throws(LedgerError) -> [CheckResult] {
        var results: [CheckResult] = []
        for item in try ReportItem.read(bytes) {
            let item = try item.checkedObject()
            var result = CheckResult(.script(try item.neededText("filepath")))
            if item.value["violations"].isNull { throw item.missing("violations") }
            for violation in try item.list("violations") {
                let violation = try violation.checkedObject()
                let name = violation.value["start_line_no"].isNull ? "line_no" : "start_line_no"
                let line = try violation.integer(name)
                result.problems.append(
                    .init(
                        line: line.flatMap(Int.init(exactly:)),
                        rule: try violation.neededText("code"),
                        text: try violation.text("description") ?? "",
                        isFailure: !violation.value["warning"].isTrue))
            }
            results.append(result)
        }
        return results
    }
}
