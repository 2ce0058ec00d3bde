import Glibc
import LedgerCore
import LedgerCrypto

/// How long a file of lines is, and what it says.
public struct LineCount: Sendable, Equatable {
    public var lines: Int64 = 0
    /// SHA-256 of the whole file.
    public var digest = Digest.zero
}

/// Writes a file line by line.
struct LineWriter {
    private static let bufferSize = 1 << 18

    private let file: DraftFile
    private var buffer: [UInt8] = []
    private var lines: Int64 = 0

    init(_ file: DraftFile) {
        self.file = file
    }

    /// - Parameter line: with its line feed.
    mutating func write(_ line: [UInt8]) throws(LedgerError) {
        buffer += line
        lines += 1
        if buffer.count >= Self.bufferSize { try flush() }
    }

    private mutating func flush() throws(LedgerError) {
        try file.write(buffer)
        buffer.removeAll(keepingCapacity: true)
    }

    /// Durable when it returns.
    mutating func finish() throws(LedgerError) -> LineCount {
        try flush()
        return LineCount(lines: lines, digest: try file.finish().digest)
    }
}

/// A file of lines that is read.
enum LineFile {
    private static let bufferSize = 1 << 18

    /// Hands over each line without its line feed.
    @discardableResult
    static func read(_ path: String, _ body: (ArraySlice<UInt8>) throws -> Void) throws -> LineCount
    {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path, errno) }
        defer { Glibc.close(descriptor) }
        let hasher = SHA256()
        hasher.start()
        var count = LineCount()
        var rest: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: bufferSize)
        while true {
            let read = Glibc.read(descriptor, &chunk, bufferSize)
            if read < 0, errno == EINTR { continue }
            guard read >= 0 else { throw failure(path, errno) }
            if read == 0 { break }
            chunk.withUnsafeBytes { hasher.update(.init(rebasing: $0[0..<read])) }
            // What was left of the last line has no line feed in it.
            var searched = rest.count
            rest += chunk[0..<read]
            var start = 0
            while let end = rest[searched...].firstIndex(of: 0x0A) {
                try body(rest[start..<end])
                count.lines += 1
                start = end + 1
                searched = start
            }
            rest.removeFirst(start)
        }
        guard rest.isEmpty else {
            throw LedgerError(.damaged, "\(path) is damaged: it ends in the middle of a line")
        }
        count.digest = hasher.finish()
        return count
    }

    private static func failure(_ path: String, _ code: Int32) -> LedgerError {
        LedgerError(code == ENOENT ? .notFound : .io, "\(path): \(FileLock.reason(code))")
    }
}
