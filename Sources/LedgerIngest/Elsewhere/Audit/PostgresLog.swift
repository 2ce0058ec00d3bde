import LedgerCore

/// A record of PostgreSQL's log, in any of its three forms.
struct PostgresLogRecord: Equatable {
    var time: String?
    var user: String?
    var database: String?
    var process: String?
    var host: String?
    /// `%c`, the same for all records of a session.
    var session: String?
    var transaction: String?
    var severity = ""
    var message = ""
    var statement: String?
    var application: String?
    var backend: String?
    var line = 1
}

/// Reads PostgreSQL's log record by record (postgresql.org/docs, "Error Reporting and Logging"):
/// csvlog, jsonlog, or what it writes to standard error after `log_line_prefix`.
struct PostgresLog {
    enum Form: Equatable {
        case csv, json, text
    }

    // log_time to application_name, which PostgreSQL 9 has already; 13 added the kind of backend.
    private static let csvFieldCount = 23

    private let bytes: [UInt8]
    let form: Form
    private let prefix: LogLinePrefix
    private var place = 0
    private var line = 1
    // Of the text form: the record to which the next lines may belong.
    private var waiting: PostgresLogRecord?
    private var hasMatched = false

    /// - Parameter prefix: `log_line_prefix`, for what was written to standard error.
    init(_ bytes: [UInt8], prefix: String?) throws(LedgerError) {
        self.bytes = bytes
        self.prefix = try LogLinePrefix(prefix ?? LogLinePrefix.defaultText)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { place = 3 }
        let first = bytes[place...].prefix { $0 != 0x0A }
        let isTime = first.first.map { 0x30...0x39 ~= $0 } ?? false
        if first.first == UInt8(ascii: "{") {
            form = .json
        } else if isTime, first.count(where: { $0 == UInt8(ascii: ",") }) >= Self.csvFieldCount - 1
        {
            form = .csv
        } else {
            form = .text
        }
    }

    /// Whether a record that names no transaction is of none.
    var tellsTransactions: Bool { form != .text || prefix.hasTransaction }

    mutating func next() throws(LedgerError) -> PostgresLogRecord? {
        switch form {
        case .csv: try nextOfCSV()
        case .json: try nextOfJSON()
        case .text: try nextOfText()
        }
    }

    private func error(_ line: Int, _ reason: String, advice: String? = nil) -> LedgerError {
        LedgerError(.invalidEvent, "line \(line): \(reason)", advice: advice)
    }

    private mutating func nextLine() -> ArraySlice<UInt8>? {
        guard place < bytes.count else { return nil }
        let end = bytes[place...].firstIndex(of: 0x0A) ?? bytes.count
        defer {
            place = end + 1
            line += 1
        }
        let text = bytes[place..<end]
        return text.last == 0x0D ? text.dropLast() : text
    }

    // MARK: csvlog

    private mutating func nextOfCSV() throws(LedgerError) -> PostgresLogRecord? {
        while place < bytes.count, bytes[place] == 0x0A || bytes[place] == 0x0D {
            if bytes[place] == 0x0A { line += 1 }
            place += 1
        }
        guard place < bytes.count else { return nil }
        let start = line
        let fields = try csvFields(start)
        guard fields.count >= Self.csvFieldCount else {
            throw error(
                start,
                "the record has \(fields.count) fields, and csvlog has at least "
                    + "\(Self.csvFieldCount)", advice: "it is cut off, or no csvlog")
        }
        func field(_ index: Int) -> String? {
            index < fields.count && !fields[index].isEmpty ? fields[index] : nil
        }
        return PostgresLogRecord(
            time: field(0), user: field(1), database: field(2), process: field(3), host: field(4),
            session: field(5), transaction: field(9), severity: fields[11], message: fields[13],
            statement: field(19), application: field(22), backend: field(23), line: start)
    }

    private mutating func csvFields(_ start: Int) throws(LedgerError) -> [String] {
        var fields: [String] = []
        var field: [UInt8] = []
        var isQuoted = false
        while true {
            guard place < bytes.count else {
                if isQuoted {
                    throw error(
                        start, "a quotation mark is not closed", advice: "the log is cut off")
                }
                break
            }
            let byte = bytes[place]
            place += 1
            if byte == 0x0A { line += 1 }
            if isQuoted {
                if byte != UInt8(ascii: "\"") {
                    field.append(byte)
                } else if place < bytes.count, bytes[place] == UInt8(ascii: "\"") {
                    field.append(byte)
                    place += 1
                } else {
                    isQuoted = false
                }
            } else if byte == UInt8(ascii: "\"") {
                isQuoted = true
            } else if byte == UInt8(ascii: ",") {
                fields.append(String(decoding: field, as: UTF8.self))
                field.removeAll(keepingCapacity: true)
            } else if byte == 0x0A {
                break
            } else if byte != 0x0D {
                field.append(byte)
            }
        }
        fields.append(String(decoding: field, as: UTF8.self))
        return fields
    }

    // MARK: jsonlog

    private mutating func nextOfJSON() throws(LedgerError) -> PostgresLogRecord? {
        while true {
            let start = line
            guard let text = nextLine() else { return nil }
            if text.allSatisfy({ $0 <= 0x20 }) { continue }
            let item: ReportItem
            do throws(LedgerError) {
                item = try ReportItem(
                    value: try HookValue.read(Array(text)), place: "line \(start)"
                ).checkedObject()
            } catch {
                throw self.error(
                    start, "it is no JSON object", advice: "the log is cut off, or no jsonlog")
            }
            return PostgresLogRecord(
                time: try item.text("timestamp"), user: try item.text("user"),
                database: try item.text("dbname"), process: try item.id("pid"),
                host: try item.text("remote_host"), session: try item.text("session_id"),
                transaction: try item.text("vxid"), severity: try item.neededText("error_severity"),
                message: try item.text("message") ?? "", statement: try item.text("statement"),
                application: try item.text("application_name"),
                backend: try item.text("backend_type"), line: start)
        }
    }

    // MARK: Standard error

    // What follows a message, each in a line with the prefix.
    private static let details = [
        "DETAIL", "HINT", "CONTEXT", "QUERY", "LOCATION", "BACKTRACE", "STATEMENT",
    ]

    private mutating func nextOfText() throws(LedgerError) -> PostgresLogRecord? {
        var isStatement = true
        while true {
            let start = line
            guard let text = nextLine() else { break }
            // Further lines of a text begin with a tab.
            if text.first == 0x09 {
                let more = "\n" + String(decoding: text.dropFirst(), as: UTF8.self)
                if isStatement, waiting?.statement != nil {
                    waiting?.statement? += more
                } else if waiting?.statement == nil {
                    waiting?.message += more
                }
                continue
            }
            guard var record = prefix.record(text) else {
                if text.isEmpty { continue }
                if !hasMatched || String(decoding: text, as: UTF8.self).contains("AUDIT: ") {
                    throw error(
                        start, "it does not begin with the log's prefix",
                        advice: "give what SHOW log_line_prefix says: --log-line-prefix '%m [%p] '")
                }
                continue
            }
            hasMatched = true
            record.line = start
            if Self.details.contains(record.severity) {
                isStatement = record.severity == "STATEMENT"
                if isStatement { waiting?.statement = record.message }
                continue
            }
            let before = waiting
            waiting = record
            if let before { return before }
        }
        defer { waiting = nil }
        return waiting
    }
}
