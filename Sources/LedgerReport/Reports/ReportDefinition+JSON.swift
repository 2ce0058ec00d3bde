import LedgerCore

extension ReportDefinition {
    /// As `GET /v1/reports` and `ledger export --list -o json` show it.
    public var json: JSONObject {
        JSONObject([
            "answers": .string(answers),
            "columns": .array(
                columns.map { column in
                    .object(
                        JSONObject([
                            "meaning": .string(column.meaning), "name": .string(column.name),
                        ]))
                }), "narrowed_by": .array(rows.filters.sorted().map(JSON.string)),
            "report": .string(name), "rows": .string(rows.rawValue),
            "serves": .array(serves.map(JSON.string)), "title": .string(title),
        ])
    }
}
