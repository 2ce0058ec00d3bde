import LedgerCore

/// A field of a record and where its value comes from.
public struct RecordColumn<Row>: Sendable {
    public let field: RecordField
    /// Nil where the row says nothing of it.
    let value: @Sendable (Row) -> JSON?

    public init(
        _ name: String, _ kind: RecordField.Kind, _ meaning: String = "", isRequired: Bool = false,
        value: @escaping @Sendable (Row) -> JSON?
    ) {
        field = RecordField(name, kind, meaning, isRequired: isRequired)
        self.value = value
    }
}

/// One definition of a kind of record, from which its JSON, its CSV and its schema are made.
public struct RecordDefinition<Row>: Sendable {
    /// Grows when a field changes its meaning or goes; not when one is added.
    public let version: Int64
    public let columns: [RecordColumn<Row>]
    // Names are ASCII, so their bytes sort as RFC 8785 asks.
    private let canonical: [(name: [UInt8], value: @Sendable (Row) -> JSON?)]

    public init(version: Int64, columns: [RecordColumn<Row>]) {
        self.version = version
        self.columns = columns
        let stamp = RecordColumn<Row>("v", .integer) { _ in .integer(version) }
        canonical = (columns + [stamp])
            .sorted { $0.field.name.utf8.lexicographicallyPrecedes($1.field.name.utf8) }
            .map { (CanonicalJSON.bytes(.string($0.field.name)), $0.value) }
    }

    public var fields: [RecordField] { columns.map(\.field) }

    /// Appends the record's canonical JSON, its version among the members; absent values are
    /// left out.
    public func appendJSON(of row: Row, to buffer: inout [UInt8]) {
        var separator = UInt8(ascii: "{")
        for (name, value) in canonical {
            guard let value = value(row) else { continue }
            buffer.append(separator)
            separator = UInt8(ascii: ",")
            buffer.append(contentsOf: name)
            buffer.append(UInt8(ascii: ":"))
            CanonicalJSON.append(value, to: &buffer)
        }
        buffer.append(UInt8(ascii: "}"))
    }

    /// Appends the record as CSV without its end: for definitions whose columns are no objects.
    public func appendCSV(of row: Row, to buffer: inout [UInt8]) {
        for (place, column) in columns.enumerated() {
            if place > 0 { buffer.append(UInt8(ascii: ",")) }
            CSVWriter.append(column.value(row), to: &buffer)
        }
    }

    /// The record as a value.
    public func object(of row: Row) -> JSONObject {
        var object = JSONObject()
        for column in columns { object[column.field.name] = column.value(row) }
        return object
    }
}
