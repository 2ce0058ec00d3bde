import LedgerCore

/// The rows of a table from a dump of it: CSV with a header (`psql --csv`, `sqlite3 -csv -header`), a
/// JSON array of objects, or NDJSON. Used by one thread at a time.
public final class ToolDump {
    /// The table's name, where the dump says it.
    public let table: String?
    /// The names of its columns; nil if there are no rows to show them.
    public let columns: [String]?
    private var file: EventFile
    // Read to see what it is.
    private var pending: EventFile.Item?
    private let isCSV: Bool
    private var number = 0

    /// What somebody else dumped.
    ///
    /// - Parameter path: a file, or `-` for standard input.
    public convenience init(path: String) throws(LedgerError) {
        var file = try EventFile(path: path, isCollected: true)
        let first = try file.next()
        if first == nil, !file.isEmptyArray {
            throw LedgerError(
                .invalidEvent, "there is nothing in \(path == "-" ? "standard input" : path)",
                advice: "a table without rows has a header in CSV, and is [] in JSON")
        }
        guard let first, first.isLine, first.bytes.first(where: { $0 > 0x20 }) != UInt8(ascii: "{")
        else {
            let columns = try first.map { (item) throws(LedgerError) in
                try Self.object(item, number: 1).map(\.name)
            }
            self.init(file, columns: columns, first: first)
            return
        }
        let header = try Self.record(first, &file, number: 0).map { $0 ?? "" }
        self.init(file, columns: header, isCSV: true)
    }

    private init(
        _ file: consuming EventFile, table: String? = nil, columns: [String]?,
        first: EventFile.Item? = nil, isCSV: Bool = false
    ) {
        self.file = file
        self.table = table
        self.columns = columns
        pending = first
        self.isCSV = isCSV
    }

    /// What was dumped for us: NDJSON after a line `{"columns":["…"],"table":"…"}`.
    public convenience init(ofTableAt path: String) throws(LedgerError) {
        var file = try EventFile(path: path)
        guard let first = try file.next(), let header = try? LenientJSON.read(first.bytes),
            let names = header["columns"]?.elements
        else { throw LedgerError(.io, "the rows in \(path) can't be read") }
        self.init(file, table: header["table"]?.text, columns: names.compactMap(\.text))
    }

    /// The next row; nil at the end.
    public func next() throws(LedgerError) -> ToolRow? {
        guard let item = try take() else { return nil }
        number += 1
        guard isCSV else {
            let members = try Self.object(item, number: number)
            return ToolRow(Self.values(members, in: item.bytes), number: number)
        }
        let fields = try Self.record(item, &file, number: number)
        let names = columns ?? []
        guard fields.count == names.count else {
            throw LedgerError(
                .invalidEvent,
                "row \(number) has \(fields.count) fields, and the header has \(names.count)",
                advice: "the dump is cut off, or no CSV")
        }
        let values = zip(names, fields).compactMap { name, field in
            field.map { (name: name, value: ToolRow.Value.text($0)) }
        }
        return ToolRow(values, number: number)
    }

    private func take() throws(LedgerError) -> EventFile.Item? {
        if let first = pending {
            pending = nil
            return first
        }
        return try file.next()
    }

    private static func object(
        _ item: EventFile.Item, number: Int
    ) throws(LedgerError) -> [LenientJSON.Member] {
        let value: LenientJSON
        do throws(LedgerError) {
            value = try LenientJSON.read(item.bytes)
        } catch {
            throw error.prefixed("row \(number), line \(item.line)")
        }
        if let members = value.members { return members }
        throw LedgerError(
            .invalidEvent, "row \(number), line \(item.line), is no JSON object",
            advice: "write each row as an object with the columns' names")
    }

    private static func values(
        _ members: [LenientJSON.Member], in bytes: [UInt8]
    ) -> [(name: String, value: ToolRow.Value)] {
        members.compactMap { member in
            switch member.value.kind {
            case .null: return nil
            case .bool(let truth): return (member.name, .text(truth ? "true" : "false"))
            case .string(let text): return (member.name, .text(text))
            case .number, .array, .object:
                let text = String(decoding: bytes[member.value.range], as: UTF8.self)
                return (member.name, Int64(text).map(ToolRow.Value.integer) ?? .text(text))
            }
        }
    }

    /// A record's fields by RFC 4180, which may go over several lines; nil for one that is empty and
    /// not quoted, as PostgreSQL writes NULL.
    private static func record(
        _ item: EventFile.Item, _ file: inout EventFile, number: Int
    ) throws(LedgerError) -> [String?] {
        var scan = CSVScan()
        scan.take(item.bytes)
        while scan.isOpen {
            guard let more = try file.nextLineOfRecord() else {
                throw LedgerError(
                    .invalidEvent,
                    "row \(number), line \(item.line): a quotation mark is not closed",
                    advice: "the dump is cut off, or no CSV")
            }
            scan.take([0x0A] + more)
        }
        return scan.finish()
    }
}

/// Takes a record of CSV apart.
private struct CSVScan {
    private var fields: [String?] = []
    private var field: [UInt8] = []
    private var isQuoted = false
    private var wasQuoted = false
    private var isAfterQuote = false

    /// Whether a quotation mark was opened and not closed.
    var isOpen: Bool { isQuoted && !isAfterQuote }

    mutating func take(_ bytes: [UInt8]) {
        for byte in bytes {
            if isQuoted {
                if byte == UInt8(ascii: "\"") {
                    if isAfterQuote { field.append(byte) }
                    isAfterQuote.toggle()
                    continue
                }
                if !isAfterQuote {
                    field.append(byte)
                    continue
                }
                (isQuoted, isAfterQuote) = (false, false)
            }
            switch byte {
            case UInt8(ascii: ","): endField()
            case UInt8(ascii: "\"") where field.isEmpty: (isQuoted, wasQuoted) = (true, true)
            default: field.append(byte)
            }
        }
    }

    private mutating func endField() {
        fields.append(
            field.isEmpty && !wasQuoted ? nil : String(decoding: field, as: UTF8.self))
        field = []
        (isQuoted, wasQuoted, isAfterQuote) = (false, false, false)
    }

    mutating func finish() -> [String?] {
        if field.last == 0x0D, !isQuoted { field.removeLast() }
        endField()
        return fields
    }
}
