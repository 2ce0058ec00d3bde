import LedgerCore

/// The cover sheet for eyes: a page without scripts, to read and to print.
public enum CoverPage {
    /// HTML 5.
    public static func html(_ cover: Cover) -> String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <title>\(escaped(cover.title)) · cover sheet</title>
        <style>
        body { font: 11pt/1.45 system-ui, sans-serif; margin: 2.5em auto; max-width: 48em; \
        padding: 0 1em; color: #1a1a1a; }
        h1 { font-size: 1.5em; margin: 0 0 .2em; }
        h2 { font-size: 1.05em; margin: 1.6em 0 .4em; border-bottom: 1px solid #bbb; }
        table { border-collapse: collapse; width: 100%; }
        th, td { text-align: left; vertical-align: top; padding: .2em .8em .2em 0; }
        th { font-weight: 600; width: 13em; }
        code { font: .86em/1.4 ui-monospace, monospace; overflow-wrap: anywhere; }
        .note { color: #8a4b00; }
        @media print { body { margin: 0; max-width: none; } h2 { break-after: avoid; } \
        tr { break-inside: avoid; } }
        </style>
        </head>
        <body>
        <h1>\(escaped(cover.title))</h1>
        <p>\(escaped(cover.answers))</p>
        \(section("What was chosen", chosen(cover)))
        \(section("What there is to know", known(cover)))
        \(section("Where it comes from", origin(cover)))
        \(section("Files", files(cover)))
        <p>Check it: <code>ledger export verify FOLDER --ledger LEDGER</code>. Each digest is SHA-256 \
        of a file; that of a file that was altered is another one.</p>
        </body>
        </html>

        """
    }

    private typealias Line = (name: String, html: String)

    private static func section(_ title: String, _ lines: [Line]) -> String {
        let rows = lines.map { "<tr><th>\(escaped($0.name))</th><td>\($0.html)</td></tr>" }
        return "<h2>\(title)</h2>\n<table>\n\(rows.joined(separator: "\n"))\n</table>"
    }

    private static func chosen(_ cover: Cover) -> [Line] {
        let means =
            cover.timeBasis == .happened
            ? "by when it happened; by when it was recorded, where that is not known"
            : "by when it was recorded"
        let since = cover.since.map { "from \($0.utc)" } ?? "from the beginning"
        let until = cover.until.map { "until before \($0.utc)" } ?? "until the head"
        let others = cover.filter.filter { !["since", "until", "recorded"].contains($0.name) }
        return [
            ("Report", "<code>\(escaped(cover.report))</code>"),
            ("Serves", escaped(cover.serves.joined(separator: " · "))),
            ("Period", "\(since), \(until)<br>\(means)"), ("Time zone", "UTC, everywhere"),
            (
                "Filter",
                others.isEmpty
                    ? "none: everything in the period"
                    : others.map { "<code>\(escaped("\($0.name)=\($0.value)"))</code>" }
                        .joined(separator: "<br>")
            ), ("Rows", "\(cover.rowCount)"),
            ("Sample", cover.sample.map(sample) ?? "none was drawn"),
            (
                "Entries",
                cover.first.map { "#\($0) to #\(cover.last ?? $0)" } ?? "no single ones"
            ),
        ]
    }

    private static func sample(_ plan: SamplePlan) -> String {
        let strata = plan.stratify.map { ", by <code>\(escaped($0))</code>" } ?? ""
        return
            "\(plan.size) rows with the seed <code>\(escaped(plan.seed))</code>\(strata): sample.csv"
    }

    private static func known(_ cover: Cover) -> [Line] {
        func note(_ isClean: Bool, _ clean: String, _ other: String) -> String {
            isClean ? clean : "<span class=\"note\">\(other)</span>"
        }
        let silent = cover.silent.map { escaped($0.text) }.joined(separator: "<br>")
        let reconciled = cover.reconciled.map { one in
            let isEven = one.missing == 0 && one.extra == 0
            return escaped("\(one.target.text): \(one.table), \(one.time.utc), #\(one.index): ")
                + note(
                    isEven, "the same \(one.rows) rows",
                    "\(one.missing) missing in the ledger, \(one.extra) without a row")
        }.joined(separator: "<br>")
        return [
            (
                "Gaps",
                note(
                    !cover.hasGaps,
                    "none: all \(cover.head.entryCount) entries up to the head are there",
                    "\(cover.leafCount) of \(cover.head.entryCount) entries are there")
            ),
            (
                "Bodies",
                note(
                    cover.bodyCount == cover.head.entryCount, "all are there",
                    "\(cover.head.entryCount - cover.bodyCount) are archived or missing")
            ),
            (
                "Left out",
                cover.leftOutCount == 0
                    ? "nothing within the filter"
                    : "\(cover.leftOutCount) rows, by the report's own filters (definition.yaml)"
            ),
            (
                "Corrections applied",
                cover.corrections.isEmpty
                    ? "none" : cover.corrections.map { "#\($0)" }.joined(separator: ", ")
            ),
            (
                "Targets not heard from",
                note(cover.silent.isEmpty, "none in the period", silent)
            ),
            (
                "Held against tools' tables",
                reconciled.isEmpty ? "never, for these targets" : reconciled
            ),
            (
                "Recorded after the period",
                note(
                    cover.recordedAfterCount == 0, "no row",
                    "\(cover.recordedAfterCount) rows have entries that were recorded later")
            ),
        ]
    }

    private static func origin(_ cover: Cover) -> [Line] {
        let by = cover.by.name ?? cover.by.id
        return [
            ("Ledger", "<code>\(escaped(cover.log))</code>"),
            (
                "Head",
                "#\(cover.head.index) <code>\(cover.head.hash.hex)</code><br>when the rows were read"
            ),
            ("Made", "\(cover.made.utc)"),
            (
                "By",
                "\(escaped(by)) <code>\(escaped("\(cover.by.kind.rawValue):\(cover.by.id)"))</code>"
            ),
            ("With", escaped(cover.program)),
            (
                "Recorded",
                cover.isRecorded
                    ? "this export is an entry of the ledger, after the head above"
                    : "<span class=\"note\">this export is not an entry of the ledger</span>"
            ),
        ]
    }

    private static func files(_ cover: Cover) -> [Line] {
        cover.files.map { file in
            (
                file.name,
                "<code>\(file.digest.hex)</code><br>\(file.byteCount) bytes"
            )
        }
    }

    /// Text from outside, for an element or an attribute in double quotes.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in VisibleText.line(text).unicodeScalars {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}
