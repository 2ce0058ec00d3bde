import LedgerCore

/// What `sqlcheck -f FILE` prints (github.com/jarulraj/sqlcheck, src/checker.cpp): the file's name in
/// its heading, then its problems, each in a line with its risk. Reports may stand one after the
/// other. Hints fail nothing. Colours are left out.
public enum SqlcheckReport: CheckReport {
    public static let name = "sqlcheck"
    public static let kind = "lint"
    public static let mediaType = "text/plain"
    public static let command = "sqlcheck -f migrations/V1__a.sql"

    private static let heading = "> SQL FILE NAME :: "
    private static let risks = ["HIGH RISK", "MEDIUM RISK", "LOW RISK", "HINTS"]

    public static let examples = [
        CheckExample(
            """
            +-------------------------------------------------+
            |                   SQLCHECK                      |
            +-------------------------------------------------+
            > RISK LEVEL    :: ALL ANTI-PATTERNS
            > SQL FILE NAME :: migrations/V1__a.sql
            > COLOR MODE    :: DISABLED
            > VERBOSE MODE  :: DISABLED
            > DELIMITER     :: ;
            -------------------------------------------------
            ==================== Results ===================

            -------------------------------------------------
            SQL Statement: select * from t;
            [migrations/V1__a.sql]: (HIGH RISK) (QUERY ANTI-PATTERN) SELECT *
            [Matching Expression: select *]

            [migrations/V1__a.sql]: (HINTS) (QUERY ANTI-PATTERN) NULL Usage

            ==================== Summary ===================
            All Anti-Patterns and Hints  :: 2
            >  High Risk   :: 1
            >  Medium Risk :: 0
            >  Low Risk    :: 0
            >  Hints       :: 1
            """,
            [
                CheckResult(
                    .script("migrations/V1__a.sql"),
                    [
                        .init(line: nil, rule: "SELECT *", text: "HIGH RISK", isFailure: true),
                        .init(line: nil, rule: "NULL Usage", text: "HINTS", isFailure: false),
                    ])
            ]),
        CheckExample(
            """
            > SQL FILE NAME :: migrations/V2__b.sql
            ==================== Results ===================
            No issues found.
            """, [CheckResult(.script("migrations/V2__b.sql"))]),
        CheckExample(
            """
            > SQL FILE NAME :: a.sql
            ==================== Results ===================
            [a.sql]: (\u{1B}[1;32mLOW RISK\u{1B}[0m) \u{1B}[1;34mImprecise Data Type\u{1B}[0m
            ==================== Summary ===================
            All Anti-Patterns and Hints  :: 1
            """,
            [
                CheckResult(
                    .script("a.sql"),
                    [
                        .init(
                            line: nil, rule: "Imprecise Data Type", text: "LOW RISK",
                            isFailure: true)
                    ])
            ]),
    ]

    public static func results(in bytes: [UInt8]) throws(LedgerError) -> [CheckResult] {
        var results = CheckResultList()
        var script: String?
        // The line in which a report began whose end was not seen.
        var open: Int?
        var hasBegun = false
        let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let text = plain(line)
            if text.hasPrefix(heading) {
                if let open { throw cut(open) }
                script = String(text.dropFirst(heading.count).trimmed)
                hasBegun = true
                open = index + 1
            } else if text.hasPrefix("No issues found.") || text.hasPrefix("All Anti-Patterns") {
                guard let script else { throw nameless(index + 1) }
                results.add(nil, to: script)
                open = nil
            } else if let (named, problem) = problem(text) {
                guard let script = named ?? script else { throw nameless(index + 1) }
                results.add(problem, to: script)
            }
        }
        if let open { throw cut(open) }
        if hasBegun || !results.results.isEmpty { return results.results }
        throw LedgerError(
            .invalidEvent, "it is no report of sqlcheck: no line begins with \(heading.trimmed)",
            advice: "keep what `sqlcheck -f FILE` prints on standard output")
    }

    private static func cut(_ line: Int) -> LedgerError {
        LedgerError(
            .invalidEvent, "the report that begins in line \(line) has no summary",
            advice: "it is cut off; keep all that sqlcheck prints")
    }

    private static func nameless(_ line: Int) -> LedgerError {
        LedgerError(
            .invalidEvent, "line \(line) is of no file", advice: "run sqlcheck with -f FILE")
    }

    /// `[FILE]: (RISK) (TYPE) TITLE`, without the type where there were colours.
    private static func problem(_ text: String) -> (script: String?, CheckResult.Problem)? {
        for risk in risks {
            guard let place = text.range(ofText: "(\(risk)) ") else { continue }
            let before = text[..<place.lowerBound]
            guard before.isEmpty || before.hasPrefix("[") && before.hasSuffix("]: ") else {
                continue
            }
            var title = text[place.upperBound...]
            if title.hasPrefix("("), let end = title.range(ofText: ") ") {
                title = title[end.upperBound...]
            }
            let script = before.isEmpty ? nil : String(before.dropFirst().dropLast(3))
            return (
                script,
                .init(
                    line: nil, rule: String(title.trimmed), text: risk, isFailure: risk != "HINTS")
            )
        }
        return nil
    }

    /// A line without the escapes that colour it.
    private static func plain(_ line: ArraySlice<UInt8>) -> String {
        var kept: [UInt8] = []
        var place = line.startIndex
        while place < line.endIndex {
            guard line[place] == 0x1B else {
                kept.append(line[place])
                place += 1
                continue
            }
            place += 1
            while place < line.endIndex, line[place] != UInt8(ascii: "m") { place += 1 }
            place += 1
        }
        return String(String(decoding: kept, as: UTF8.self).trimmed)
    }
}
