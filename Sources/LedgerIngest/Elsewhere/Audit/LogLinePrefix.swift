import LedgerCore

/// What stands before each line that PostgreSQL writes to standard error: its `log_line_prefix`.
struct LogLinePrefix {
    /// Debian's.
    static let defaultText = "%m [%p] %q%u@%d "

    private enum Part: Equatable {
        case literal(UInt8)
        case field(Character)
    }

    private static let severities = [
        "DEBUG5", "DEBUG4", "DEBUG3", "DEBUG2", "DEBUG1", "DEBUG", "LOG", "INFO", "NOTICE",
        "WARNING", "ERROR", "FATAL", "PANIC", "DETAIL", "HINT", "CONTEXT", "QUERY", "LOCATION",
        "BACKTRACE", "STATEMENT",
    ]
    // A prefix is not longer than this.
    private static let byteLimit = 600

    private var parts: [Part] = []
    // Where it ends for processes that are no session.
    private var sessionless: Int?

    /// - Throws: `usage` for an escape that PostgreSQL doesn't have.
    init(_ text: String) throws(LedgerError) {
        var rest = Array(text)[...]
        while let character = rest.popFirst() {
            guard character == "%" else {
                parts += String(character).utf8.map(Part.literal)
                continue
            }
            // Padding, as in `%-10a`.
            rest = rest.drop { $0 == "-" || $0.isNumber }
            guard let name = rest.popFirst() else { break }
            switch name {
            case "%": parts.append(.literal(UInt8(ascii: "%")))
            case "q": sessionless = parts.count
            case _ where "audrhbpPtmnilsvxecQ".contains(name): parts.append(.field(name))
            default:
                throw LedgerError(
                    .usage, "--log-line-prefix: there is no %\(name)",
                    advice: "give what SHOW log_line_prefix says")
            }
        }
    }

    /// Whether it tells the virtual transaction.
    var hasTransaction: Bool { parts.contains(.field("v")) }

    /// - Returns: nil for a line that has another prefix.
    func record(_ line: ArraySlice<UInt8>) -> PostgresLogRecord? {
        let bytes = Array(line)
        for count in [parts.count, sessionless].compactMap(\.self) {
            var matching = Matching(parts: Array(parts[..<count]), bytes: bytes)
            if let record = matching.record() { return record }
        }
        return nil
    }

    /// Finds where the prefix ends, and what its fields say.
    private struct Matching {
        let parts: [Part]
        let bytes: [UInt8]
        private var fields: [(name: Character, range: Range<Int>)] = []
        // Part and place from which there is no way on.
        private var dead: Set<Int> = []
        private var severity: (name: String, message: Int)?

        init(parts: [Part], bytes: [UInt8]) {
            self.parts = parts
            self.bytes = bytes
        }

        mutating func record() -> PostgresLogRecord? {
            guard match(0, 0), let severity else { return nil }
            var record = PostgresLogRecord()
            record.severity = severity.name
            record.message = String(decoding: bytes[severity.message...], as: UTF8.self)
            for (name, range) in fields where !range.isEmpty {
                let text = String(String(decoding: bytes[range], as: UTF8.self).trimmed)
                if text.isEmpty || text == "[unknown]" { continue }
                switch name {
                case "m", "t": record.time = text
                case "n": record.time = text
                case "u": record.user = text
                case "d": record.database = text
                case "a": record.application = text
                case "h", "r": record.host = text
                case "p": record.process = text
                case "c": record.session = text
                case "v": record.transaction = text
                case "b": record.backend = text
                default: break
                }
            }
            return record
        }

        private mutating func match(_ part: Int, _ place: Int) -> Bool {
            if part == parts.count { return end(place) }
            if place > byteLimit || dead.contains(part << 16 | place) { return false }
            switch parts[part] {
            case .literal(let byte):
                if place < bytes.count, bytes[place] == byte, match(part + 1, place + 1) {
                    return true
                }
            case .field(let name) where "mts".contains(name):
                // A time has colons, as many prefixes have: it is known where it ends.
                if let stop = timeEnd(place) {
                    fields.append((name, place..<stop))
                    if match(part + 1, stop) { return true }
                    fields.removeLast()
                }
            case .field(let name):
                var stop = place
                while true {
                    fields.append((name, place..<stop))
                    if match(part + 1, stop) { return true }
                    fields.removeLast()
                    guard stop < bytes.count, stop - place < byteLimit,
                        Self.fits(bytes[stop], name)
                    else { break }
                    stop += 1
                }
            }
            dead.insert(part << 16 | place)
            return false
        }

        /// `2026-11-28 20:00:00.000 UTC`
        private func timeEnd(_ place: Int) -> Int? {
            let shape = "0000-00-00 00:00:00".utf8
            guard place + shape.count < bytes.count else { return nil }
            for (byte, pattern) in zip(bytes[place...], shape) {
                let isDigit = 0x30...0x39 ~= byte
                if pattern == 0x30 ? !isDigit : byte != pattern { return nil }
            }
            var stop = place + shape.count
            func skip(_ fits: (UInt8) -> Bool) {
                while stop < bytes.count, fits(bytes[stop]) { stop += 1 }
            }
            if bytes[stop] == UInt8(ascii: ".") {
                stop += 1
                skip { 0x30...0x39 ~= $0 }
            }
            guard stop < bytes.count, bytes[stop] == 0x20 else { return nil }
            stop += 1
            skip { byte in
                0x30...0x39 ~= byte || 0x61...0x7A ~= byte | 0x20 || "+-".utf8.contains(byte)
            }
            return stop
        }

        private static func fits(_ byte: UInt8, _ name: Character) -> Bool {
            let isDigit = 0x30...0x39 ~= byte
            switch name {
            case "p", "P", "l", "x", "Q": return isDigit
            case "c": return isDigit || 0x61...0x66 ~= byte || byte == UInt8(ascii: ".")
            case "v": return isDigit || byte == UInt8(ascii: "/")
            case "n": return isDigit || byte == UInt8(ascii: ".")
            default: return true
            }
        }

        // SEVERITY, a colon and two spaces.
        private mutating func end(_ place: Int) -> Bool {
            for name in severities where bytes[place...].starts(with: name.utf8) {
                let after = place + name.utf8.count
                guard bytes[after...].starts(with: ":  ".utf8) else { continue }
                severity = (name, after + 3)
                return true
            }
            return false
        }
    }
}
