import Glibc
import LedgerCore

/// Reads events one by one from NDJSON (one event on each line) or from a JSON array of events,
/// however long: it holds one event at a time.
public struct EventFile: ~Copyable {
    public struct Item: Sendable {
        public let bytes: [UInt8]
        /// The line on which it begins, counted from 1.
        public let line: Int
        /// Whether it is that line, and not an element of an array.
        public let isLine: Bool
    }

    /// The largest event with its attachments.
    public static let itemByteLimit = 32 * 1024 * 1024

    private enum Form {
        case unknown, lines, array
    }

    private static let block = 1 << 18

    private var descriptor: Int32 = -1
    private var name = ""
    private var buffer: [UInt8] = []
    private var offset = 0
    private var line = 1
    private var isAtEnd = false
    private var form = Form.unknown
    private var isFirstElement = true
    private var wasArray = false

    /// - Parameters:
    ///   - path: a file, or `-` for standard input.
    ///   - isCollected: read to its end first, into a temporary file, where it is a pipe: whoever
    ///     holds a lock while reading must not wait for somebody else's output.
    public init(path: String, isCollected: Bool = false) throws(LedgerError) {
        name = path == "-" ? "standard input" : path
        descriptor = try Self.open(path, isCollected: isCollected)
        guard descriptor >= 0 else {
            let code = errno
            throw LedgerError(
                code == ENOENT ? .notFound : .io, "\(name): \(String(cString: strerror(code)))")
        }
        var status = stat()
        if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            throw LedgerError(
                .io, "\(name) is a folder", advice: "name a file, or - for standard input")
        }
    }

    deinit {
        close(descriptor)
    }

    private static func open(_ path: String, isCollected: Bool) throws(LedgerError) -> Int32 {
        let opened = path == "-" ? dup(STDIN_FILENO) : Glibc.open(path, O_RDONLY | O_CLOEXEC)
        return isCollected ? try collected(opened) : opened
    }

    /// A file with everything that comes from a pipe; files are given back as they are.
    private static func collected(_ source: Int32) throws(LedgerError) -> Int32 {
        var status = stat()
        guard source >= 0, fstat(source, &status) == 0, status.st_mode & S_IFMT != S_IFREG,
            status.st_mode & S_IFMT != S_IFDIR
        else { return source }
        defer { close(source) }
        let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(folder)/ledger-import-XXXXXX".utf8CString)
        let target = mkstemp(&template)
        guard target >= 0, fcntl(target, F_SETFD, FD_CLOEXEC) == 0 else {
            throw LedgerError(.io, "\(folder): \(String(cString: strerror(errno)))")
        }
        // It goes with its descriptor.
        unlink(template)
        var bytes = [UInt8](repeating: 0, count: block)
        while true {
            let count = read(source, &bytes, bytes.count)
            if count < 0, errno == EINTR { continue }
            if count == 0, lseek(target, 0, SEEK_SET) == 0 { return target }
            guard count > 0, write(target, bytes, count) == count else {
                let code = errno
                close(target)
                throw LedgerError(
                    code == ENOSPC ? .diskFull : .io,
                    "standard input, kept in \(folder): \(String(cString: strerror(code)))")
            }
        }
    }

    /// The next event's bytes, not yet read as JSON; nil at the end.
    ///
    /// - Throws: `invalidEvent` with the line where an array is not one, or an event is too large.
    public mutating func next() throws(LedgerError) -> Item? {
        if form == .unknown {
            try skipByteOrderMark()
            try skipWhiteSpace()
            form = try peek() == UInt8(ascii: "[") ? .array : .lines
            if form == .array { offset += 1 }
        }
        return form == .array ? try nextElement() : try nextLine()
    }

    /// Whether it was an array without elements.
    var isEmptyArray: Bool { wasArray && isFirstElement }

    /// The next line, also one that is blank; nil at the end.
    mutating func nextLineOfRecord() throws(LedgerError) -> [UInt8]? {
        try nextLine(isBlankTaken: true)?.bytes
    }

    private mutating func nextLine(
        isBlankTaken: Bool = false
    ) throws(LedgerError) -> Item? {
        while true {
            let start = offset
            var place = start
            var end: Int?
            while end == nil {
                end = buffer[place...].firstIndex(of: 0x0A)
                if end != nil { break }
                place = buffer.count
                let before = buffer.count - offset
                guard try refill() else { break }
                place = offset + before
            }
            let bytes = buffer[offset..<(end ?? buffer.count)]
            let item = Item(bytes: Array(bytes), line: line, isLine: true)
            offset = end.map { $0 + 1 } ?? buffer.count
            if end != nil { line += 1 }
            if item.bytes.contains(where: { !Self.isWhiteSpace($0) }) { return item }
            if end == nil { return nil }
            if isBlankTaken { return item }
        }
    }

    private mutating func nextElement() throws(LedgerError) -> Item? {
        try skipWhiteSpace()
        if isFirstElement, try peek() == UInt8(ascii: "]") { return try endArray() }
        if !isFirstElement {
            switch try peek() {
            case UInt8(ascii: ",")?:
                offset += 1
                try skipWhiteSpace()
            case UInt8(ascii: "]")?: return try endArray()
            default: throw error("an array needs , or ] here")
            }
        }
        isFirstElement = false
        let start = line
        var scan = ElementScan()
        while true {
            while offset + scan.count < buffer.count {
                if scan.take(buffer[offset + scan.count]) {
                    let bytes = Array(buffer[offset..<offset + scan.count])
                    offset += scan.count
                    line += bytes.count { $0 == 0x0A }
                    return Item(bytes: bytes, line: start, isLine: false)
                }
            }
            guard try refill() else { throw error("the file ends before its array does") }
        }
    }

    private mutating func endArray() throws(LedgerError) -> Item? {
        offset += 1
        try skipWhiteSpace()
        guard try peek() == nil else { throw error("there is more after the end of the array") }
        offset = buffer.count
        form = .lines
        wasArray = true
        return nil
    }

    private func error(_ reason: String) -> LedgerError {
        LedgerError(.invalidEvent, "\(name), line \(line): \(reason)")
    }

    private mutating func peek() throws(LedgerError) -> UInt8? {
        while offset == buffer.count {
            guard try refill() else { return nil }
        }
        return buffer[offset]
    }

    /// Some editors and spreadsheets begin a file with one.
    private mutating func skipByteOrderMark() throws(LedgerError) {
        while buffer.count < 3, try refill() {}
        if buffer.starts(with: [0xEF, 0xBB, 0xBF]) { offset = 3 }
    }

    private mutating func skipWhiteSpace() throws(LedgerError) {
        while let byte = try peek(), Self.isWhiteSpace(byte) {
            if byte == 0x0A { line += 1 }
            offset += 1
        }
    }

    private static func isWhiteSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }

    /// Reads another block behind what is not used yet; false at the end of the file.
    private mutating func refill() throws(LedgerError) -> Bool {
        if isAtEnd { return false }
        if offset > 0 {
            buffer.removeFirst(offset)
            offset = 0
        }
        if buffer.count > Self.itemByteLimit {
            throw error("an event is larger than \(Self.itemByteLimit) bytes")
        }
        let start = buffer.count
        buffer.append(contentsOf: repeatElement(0, count: Self.block))
        let descriptor = descriptor
        var count = -1
        repeat {
            count = buffer.withUnsafeMutableBytes { bytes in
                read(descriptor, bytes.baseAddress.map { $0 + start }, Self.block)
            }
        } while count < 0 && errno == EINTR
        let code = errno
        buffer.removeLast(Self.block - max(0, count))
        if count < 0 {
            throw LedgerError(.io, "\(name): \(String(cString: strerror(code)))")
        }
        isAtEnd = count == 0
        return !isAtEnd
    }
}

/// Finds where an element of an array ends, by its brackets and strings alone.
private struct ElementScan {
    private(set) var count = 0
    private var depth = 0
    private var isInString = false
    private var isEscaped = false

    /// Takes the next byte. True if the element is complete before it or with it.
    mutating func take(_ byte: UInt8) -> Bool {
        if isInString {
            count += 1
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isInString = false
                return depth == 0
            }
            return false
        }
        switch byte {
        case UInt8(ascii: "\""): isInString = true
        case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
            if depth == 0 { return true }
            depth -= 1
            count += 1
            return depth == 0
        case UInt8(ascii: ",") where depth == 0: return true
        default: break
        }
        count += 1
        return false
    }
}
