import Glibc
import LedgerCore
import LedgerReport

/// A record of an export's file.
struct FileRecord {
    /// The first is 1.
    let number: Int
    /// As it stands there, without what separates records.
    let bytes: [UInt8]
    /// By the names of the columns; absent ones are left out.
    let cells: [(name: String, text: String)]

    /// Its texts have what keeps a spreadsheet from taking them for formulas.
    let isFromCSV: Bool

    subscript(name: String) -> String? { cells.first { $0.name == name }?.text }

    init(_ bytes: [UInt8], _ number: Int, csvHeader: [String]?) {
        self.number = number
        self.bytes = bytes
        isFromCSV = csvHeader != nil
        if let csvHeader {
            cells = zip(csvHeader, CSVReader.fields(bytes)).filter { !$1.isEmpty }.map { ($0, $1) }
        } else {
            let object = (try? JSONReader.read(bytes))?.object ?? JSONObject()
            cells = object.members.map { member in
                let text = member.value.string
                return (
                    member.name,
                    text ?? String(decoding: CanonicalJSON.bytes(member.value), as: UTF8.self)
                )
            }
        }
    }
}

/// Reads an export's rows, one by one, as `RecordWriter` wrote them.
struct RecordFile {
    private let path: String
    private let format: RecordFormat
    private let descriptor: OpenFile
    private var buffer: [UInt8] = []
    private var start = 0
    private var isAtEnd = false
    private var number = 0
    private(set) var csvHeader: [String]?

    private final class OpenFile {
        let number: Int32
        init(_ number: Int32) { self.number = number }
        deinit { close(number) }
    }

    init(_ path: String, _ format: RecordFormat) throws(LedgerError) {
        self.path = path
        self.format = format
        let number = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard number >= 0 else {
            throw LedgerError(.io, "\(path): \(String(cString: strerror(errno)))")
        }
        descriptor = OpenFile(number)
        if format == .csv { csvHeader = try nextPiece().map(CSVReader.fields) ?? [] }
    }

    mutating func next() throws(LedgerError) -> FileRecord? {
        while var piece = try nextPiece() {
            if format == .json {
                // {"v":1,"rows":[ and ]} stand on lines of their own.
                if piece.starts(with: #"{"v":"#.utf8) || piece.starts(with: "]}".utf8) { continue }
                if piece.last == UInt8(ascii: ",") { piece.removeLast() }
            }
            number += 1
            return FileRecord(piece, number, csvHeader: csvHeader)
        }
        return nil
    }

    /// Up to the next line's end that is not within quotation marks.
    private mutating func nextPiece() throws(LedgerError) -> [UInt8]? {
        var place = start
        var isQuoted = false
        while true {
            while place < buffer.count {
                let byte = buffer[place]
                if format == .csv, byte == UInt8(ascii: "\"") { isQuoted.toggle() }
                if byte == 0x0A, !isQuoted { return take(upTo: place, skipping: 1) }
                place += 1
            }
            if isAtEnd { return start < buffer.count ? take(upTo: place, skipping: 0) : nil }
            place -= start
            buffer.removeFirst(start)
            start = 0
            try fill()
        }
    }

    private mutating func take(upTo end: Int, skipping count: Int) -> [UInt8] {
        var piece = buffer[start..<end]
        if format == .csv, piece.last == 0x0D { piece.removeLast() }
        start = end + count
        return Array(piece)
    }

    private mutating func fill() throws(LedgerError) {
        var block = [UInt8](repeating: 0, count: 262_144)
        var count = -1
        repeat {
            count = read(descriptor.number, &block, block.count)
        } while count < 0 && errno == EINTR
        guard count >= 0 else {
            throw LedgerError(.io, "\(path): \(String(cString: strerror(errno)))")
        }
        isAtEnd = count == 0
        buffer += block[..<count]
    }
}
