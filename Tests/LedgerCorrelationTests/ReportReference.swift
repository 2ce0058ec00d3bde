@testable import LedgerReport

/// `exports/reports.md`, made from the definitions and from what the rows of each subject have.
enum ReportReference {
    static func markdown(_ all: [ReportDefinition]) -> String {
        var lines = [
            "# Reports", "",
            "What `ledger export` can hand out, one definition for each in this folder, with a sample of",
            "each in [samples](samples). This page is made from the definitions.", "",
            "| report | answers |", "| --- | --- |",
        ]
        lines += all.map { "| [`\($0.name)`](#\($0.name)) | \($0.answers) |" }
        for definition in all {
            lines += [
                "", "## \(definition.name)", "", "\(definition.title). \(definition.answers)", "",
            ]
            lines += ["Serves \(definition.serves.joined(separator: ", ")). Can be narrowed by"]
            let filters = definition.rows.filters.sorted().map { "`\($0)`" }
            lines += [filters.isEmpty ? "nothing." : filters.joined(separator: ", ") + "."]
            if !definition.filters.isEmpty {
                let shown = definition.filters.map { filter in
                    "`\(filter.field)` is \(filter.values.map { "`\($0)`" }.joined(separator: " or "))"
                }
                lines += ["", "Shows rows where \(shown.joined(separator: " and "))."]
            }
            lines += ["", "| column | is | meaning |", "| --- | --- | --- |"]
            lines += definition.fields.map { field in
                "| `\(field.name)` | \(words(field.kind)) | \(field.meaning) |"
            }
        }
        lines += ["", "## What a definition of your own can show", ""]
        lines += [
            "A definition names what its rows are about and some of their fields; what may stand in one",
            "is said in [change-population.yaml](change-population.yaml). Filters and order take the",
            "same fields.", "", "| rows | fields |", "| --- | --- |",
        ]
        lines += ReportSubject.allCases.map { subject in
            "| `\(subject.rawValue)` | "
                + subject.fields.map { "`\($0.name)`" }.joined(separator: ", ") + " |"
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func words(_ kind: RecordField.Kind) -> String {
        switch kind {
        case .string: "text"
        case .integer: "integer"
        case .boolean: "true or false"
        case .time: "time, UTC"
        case .hash: "64 hexadecimal digits"
        case .oneOf(let words):
            words.count > 8 ? "a word" : words.map { "`\($0)`" }.joined(separator: " ")
        case .list(let kind): "list of \(words(kind))"
        case .object, .map, .anything: "object"
        }
    }
}
