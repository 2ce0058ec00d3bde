import LedgerCore

/// What a report shows, to whom it matters, and how it is made: as a file of `exports/` says it.
public struct ReportDefinition: Sendable {
    public struct Column: Sendable {
        public let name: String
        /// A field of the rows' subject.
        public let field: String
        public let meaning: String

        public init(name: String, field: String, meaning: String) {
            self.name = name
            self.field = field
            self.meaning = meaning
        }
    }

    /// Rows whose field has one of the values are shown; absent values have none.
    public struct Filter: Sendable {
        public let field: String
        public let values: [String]

        public init(field: String, values: [String]) {
            self.field = field
            self.values = values
        }
    }

    public let name: String
    public let title: String
    /// The question that it answers.
    public let answers: String
    /// The requirements that it serves, such as `SOC 2 CC8.1`.
    public let serves: [String]
    public let rows: ReportSubject
    public let columns: [Column]
    public let filters: [Filter]
    /// Fields by which the rows are ordered; empty for the order in which they are found.
    public let order: [String]

    /// The fields of `rows` are known to be those that are named.
    public init(
        name: String, title: String, answers: String, serves: [String], rows: ReportSubject,
        columns: [Column], filters: [Filter], order: [String]
    ) {
        self.name = name
        self.title = title
        self.answers = answers
        self.serves = serves
        self.rows = rows
        self.columns = columns
        self.filters = filters
        self.order = order
    }

    /// The columns with the kinds of their fields.
    public var fields: [RecordField] {
        columns.map { column in
            let field = rows.fields.first { $0.name == column.field }
            return RecordField(
                column.name, field?.kind ?? .string, column.meaning,
                isRequired: field?.isRequired ?? false)
        }
    }

    /// How its rows are written.
    public var records: RecordDefinition<ReportRow> {
        RecordDefinition(
            version: 1,
            columns: zip(fields.indices, fields).map { place, field in
                RecordColumn(
                    field.name, field.kind, field.meaning, isRequired: field.isRequired
                ) { $0.cells[place] }
            })
    }

    /// JSON Schema of the document that `--format json` writes; a line of ndjson is its `#/$defs/row`.
    public var schema: JSON {
        let version = RecordField("v", .integer, "the version of this form", isRequired: true)
        let rows: JSON = ["type": "array", "items": ["$ref": "#/$defs/row"]]
        return [
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": .string(title), "description": .string(answers), "type": "object",
            "required": ["v", "rows"], "properties": ["v": ["const": 1], "rows": rows],
            "$defs": ["row": .object(RecordField.schema(ofObjectWith: fields + [version]))],
        ]
    }
}

/// One row of a report.
public struct ReportRow: Sendable {
    /// In the order of the columns.
    public let cells: [JSON?]
    /// What it is ordered by.
    let keys: [JSON?]
    /// The entries from which it is made, ascending; empty for what is counted over many.
    public let entries: [Int64]
    /// The entries of corrections that are applied.
    public let corrections: [Int64]
    /// When the last of its entries was recorded, if that is looked at.
    public let recorded: Timestamp?

    /// In the order of the definition.
    public static func sorted(_ rows: [ReportRow]) -> [ReportRow] {
        func isBefore(_ left: [JSON?], _ right: [JSON?]) -> Bool {
            for (left, right) in zip(left, right) {
                let ranks = (rank(left), rank(right))
                if ranks.0 != ranks.1 { return ranks.0 < ranks.1 }
            }
            return false
        }
        // Stable for rows that are alike.
        return rows.enumerated().sorted { left, right in
            if isBefore(left.element.keys, right.element.keys) { return true }
            if isBefore(right.element.keys, left.element.keys) { return false }
            return left.offset < right.offset
        }.map(\.element)
    }

    private struct Rank: Comparable {
        let kind: Int
        let number: Int64
        let text: ExactText

        static func < (left: Rank, right: Rank) -> Bool {
            (left.kind, left.number, left.text) < (right.kind, right.number, right.text)
        }
    }

    // What is absent comes first.
    private static func rank(_ value: JSON?) -> Rank {
        switch value {
        case nil: Rank(kind: 0, number: 0, text: ExactText(""))
        case .integer(let number): Rank(kind: 1, number: number, text: ExactText(""))
        case .string(let text): Rank(kind: 2, number: 0, text: ExactText(text))
        case .some(let other):
            Rank(
                kind: 2, number: 0,
                text: ExactText(String(decoding: CanonicalJSON.bytes(other), as: UTF8.self)))
        }
    }
}
