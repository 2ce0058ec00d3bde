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
    private struct CSVField {
        let name: String
        let column: Int
        /// The member of the column's object that it shows.
        let member: String?
    }

    private let format: RecordFormat
    private let definition: RecordDefinition<Row>
    private let output: BufferedOutput
    private let csvFields: [CSVField]
    private var count = 0

    public init(
        _ format: RecordFormat, of definition: RecordDefinition<Row>, to output: BufferedOutput
    ) {
        self.format = format
        self.definition = definition
        self.output = output
        csvFields = definition.columns.enumerated().flatMap { index, column -> [CSVField] in
            guard case .object(let members) = column.field.kind else {
                return [CSVField(name: column.field.name, column: index, member: nil)]
            }
            return members.map {
                CSVField(name: "\(column.field.name)_\($0.name)", column: index, member: $0.name)
            }
        }
    }

    public var csvHeader: [String] { csvFields.map(\.name) }

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

    /// What comes before a record.
    private func begin() throws {
        switch format {
        case .json where count == 0: try output.write("{\"v\":\(definition.version),\"rows\":[\n")
        case .json: try output.write(",\n")
        case .csv where count == 0:
            try output.append { CSVWriter.append(record: csvHeader, to: &$0) }
        case .csv, .ndjson: break
        }
    }

    private func appendCSV(_ row: Row, to buffer: inout [UInt8]) {
        var last: (column: Int, value: JSON?) = (-1, nil)
        for (index, field) in csvFields.enumerated() {
            if index > 0 { buffer.append(UInt8(ascii: ",")) }
            if last.column != field.column {
                last = (field.column, definition.columns[field.column].value(row))
            }
            let value = field.member.map { last.value?.object?[$0] } ?? last.value
            CSVWriter.append(value, to: &buffer)
        }
        CSVWriter.endRecord(&buffer)
    }
}
