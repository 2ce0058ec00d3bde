import LedgerCore

// RecordWriter.swift
//
// Records for programs, in three forms of one definition:
//
//    json     {"v":1,"rows":[RECORD,RECORD,…]}, each record on a line of its own
//    ndjson   one record a line
//    csv      a header and one record a line (CSVWriter.swift); the members of an object with
//             known members have fields of their own, ACTOR_ID for {"actor":{"id":…}}
//
// A record is canonical JSON (RFC 8785) and has "v", the version of its definition; CSV has no
// place for it. What is absent is left out. Times are UTC, hashes whole, nothing is cut.

public enum RecordFormat: String, Sendable, CaseIterable {
    case json, ndjson, csv
}

/// Writes records one by one, as they come.
public struct RecordWriter<Row> {
    private struct CSVColumn {
        let value: @Sendable (Row) -> JSON?
        let members: [String]
    }

    private let format: RecordFormat
    private let definition: RecordDefinition<Row>
    private let output: BufferedOutput
    // The known members of each column's object, for which CSV has a field each.
    private let csvColumns: [CSVColumn]
    public let csvHeader: [String]
    private var count = 0
    private var isBegun = false

    public init(
        _ format: RecordFormat, of definition: RecordDefinition<Row>, to output: BufferedOutput
    ) {
        self.format = format
        self.definition = definition
        self.output = output
        csvColumns = definition.columns.map { column in
            guard case .object(let members) = column.field.kind else {
                return CSVColumn(value: column.value, members: [])
            }
            return CSVColumn(value: column.value, members: members.map(\.name))
        }
        csvHeader = definition.fields.flatMap { field in
            guard case .object(let members) = field.kind else { return [field.name] }
            return members.map { "\(field.name)_\($0.name)" }
        }
    }

    public mutating func write(_ row: Row) throws {
        try begin()
        count += 1
        try output.append { buffer in
            switch format {
            case .csv: appendCSV(row, to: &buffer)
            case .ndjson, .json: definition.appendJSON(of: row, to: &buffer)
            }
            if format == .ndjson { buffer.append(UInt8(ascii: "\n")) }
        }
    }

    /// Ends the document and hands everything on. Nothing may be written afterwards.
    public mutating func finish() throws {
        if format == .json, count > 0 {
            try output.write("\n]}\n")
        } else if format == .json {
            try output.write("{\"v\":\(definition.version),\"rows\":[]}\n")
        } else if count == 0 {
            try begin()
        }
        try output.flush()
    }

    /// Hands on what was written, so that it is seen before more comes; the header too, even
    /// without records. Not for `json`, which has an end.
    public mutating func flush() throws {
        if count == 0 { try begin() }
        isBegun = true
        try output.flush()
    }

    /// What comes before a record.
    private func begin() throws {
        switch format {
        case .json where count == 0: try output.write("{\"v\":\(definition.version),\"rows\":[\n")
        case .json: try output.write(",\n")
        case .csv where count == 0 && !isBegun:
            try output.append { CSVWriter.append(record: csvHeader, to: &$0) }
        case .csv, .ndjson: break
        }
    }

    private func appendCSV(_ row: Row, to buffer: inout [UInt8]) {
        for column in csvColumns {
            let value = column.value(row)
            for member in column.members {
                CSVWriter.append(value?.object?[member], to: &buffer)
                buffer.append(UInt8(ascii: ","))
            }
            if !column.members.isEmpty { continue }
            CSVWriter.append(value, to: &buffer)
            buffer.append(UInt8(ascii: ","))
        }
        buffer.removeLast()
        CSVWriter.endRecord(&buffer)
    }
}

/// A value that is a row of what some verb prints, and of what a server answers.
public protocol Record: Sendable {
    static var definition: RecordDefinition<Self> { get }

    /// Reads what the definition writes; nil unless it is that.
    init?(json: JSONObject)
}

extension Record {
    /// Writes whole lists, for programs.
    public static func write(
        _ rows: [Self], as format: RecordFormat, to output: BufferedOutput
    ) throws {
        var writer = RecordWriter(format, of: definition, to: output)
        for row in rows { try writer.write(row) }
        try writer.finish()
    }

    public var json: JSONObject { Self.definition.object(of: self) }
}

extension RecordColumn {
    /// The members of a target.
    static func target(_ target: @escaping @Sendable (Row) -> Target) -> [RecordColumn] {
        EventSchema.targetMembers.map { name in
            RecordColumn(name, .string) { target($0).json[name] }
        }
    }
}
