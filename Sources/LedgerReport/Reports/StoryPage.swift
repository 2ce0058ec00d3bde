import LedgerCore

/// The story of one sampled row on a page: what the report says of it, what happened to the change,
/// and the scripts.
public enum StoryPage {
    public struct Field: Sendable {
        public let name: String
        public let meaning: String
        public let text: String

        public init(name: String, meaning: String, text: String) {
            self.name = name
            self.meaning = meaning
            self.text = text
        }
    }

    /// HTML 5.
    ///
    /// - Parameters:
    ///   - fields: of the row, those that it has.
    ///   - story: oldest first.
    ///   - scripts: the texts of attachments, by the names of their files.
    public static func html(
        title: String, fields: [Field], story: [HistoryRow], scripts: [(name: String, text: String)]
    ) -> String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <title>\(escaped(title))</title>
        <style>
        body { font: 10pt/1.4 system-ui, sans-serif; margin: 2em auto; max-width: 62em; \
        padding: 0 1em; color: #1a1a1a; }
        h1 { font-size: 1.4em; margin: 0; }
        h2 { font-size: 1.05em; margin: 1.4em 0 .4em; border-bottom: 1px solid #bbb; }
        table { border-collapse: collapse; width: 100%; }
        th, td { text-align: left; vertical-align: top; padding: .15em .8em .15em 0; \
        overflow-wrap: anywhere; }
        th { font-weight: 600; }
        small { color: #555; }
        dl { columns: 2; column-gap: 2em; margin: 0; }
        dl div { break-inside: avoid; padding: .1em 0; }
        dt { font-weight: 600; display: inline-block; min-width: 10.5em; vertical-align: top; }
        dd { display: inline; margin: 0; overflow-wrap: anywhere; }
        pre { font: 9pt/1.35 ui-monospace, monospace; background: #f5f5f5; padding: .6em; \
        white-space: pre-wrap; overflow-wrap: anywhere; }
        @media print { body { margin: 0; max-width: none; } tr { break-inside: avoid; } }
        </style>
        </head>
        <body>
        <h1>\(escaped(title))</h1>
        <h2>What happened</h2>
        <table>
        <tr><th>When (UTC)</th><th>What</th><th>Where</th><th>Outcome</th><th>Who</th><th>Entry</th></tr>
        \(story.map(line).joined(separator: "\n"))
        </table>
        <h2>What the report says</h2>
        <dl>
        \(fields.map(line).joined(separator: "\n"))
        </dl>
        \(scripts.map(script).joined(separator: "\n"))
        </body>
        </html>

        """
    }

    private static func line(_ row: HistoryRow) -> String {
        let hash = row.hash.hex.prefix(12)
        let cells = [
            row.at.utc,
            row.type.words + (row.operation == .apply ? "" : " (\(row.operation.rawValue))"),
            row.target.text, row.outcome.text, row.who, "#\(row.index) \(hash)",
        ]
        let words = row.privateString("reason") ?? row.privateString("title")
        let more = words.map { "<br><small>\(escaped($0))</small>" } ?? ""
        return "<tr>"
            + cells.enumerated().map { place, cell in
                "<td>\(escaped(cell))\(place == 1 ? more : "")</td>"
            }.joined() + "</tr>"
    }

    private static func line(_ field: Field) -> String {
        "<div title=\"\(escaped(field.meaning))\"><dt>\(escaped(field.name))</dt>"
            + "<dd>\(escaped(field.text))</dd></div>"
    }

    private static func script(_ script: (name: String, text: String)) -> String {
        let lines = VisibleText.lines(script.text).map(escaped).joined(separator: "\n")
        return "<h2>\(escaped(script.name))</h2>\n<pre>\(lines)</pre>"
    }

    private static func escaped(_ text: String) -> String { CoverPage.escaped(text) }
}
