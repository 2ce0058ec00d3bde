import Glibc
import LedgerCore
import LedgerCrypto

/// How long a file of lines is, and what it says.
public struct LineCount: Sendable, Equatable {
    public var lines: Int64 = 0
    /// SHA-256 of the whole file.
    public var digest = Digest.zero
}

/// Writes a new file line by line, and reads it back.
final class LineFile {
    private static let bufferSize = 1 << 18

    private let path: String
    private let descriptor: Int32
    private let hasher = SHA256()
    private var buffer: [UInt8] = []
    private var lines: Int64 = 0

    init(_ path: String) throws {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure(path, errno) }
        hasher.start()
    }

    deinit {
        Glibc.close(descriptor)
    }

    /// - Parameter line: with its line feed.
    func write(_ line: [UInt8]) throws {
        buffer += line
        lines += 1
        if buffer.count >= Self.bufferSize { try flush() }
    }

    private func flush() throws {
        try buffer.withUnsafeBytes { bytes in
            hasher.update(bytes)
            var done = 0
            while done < bytes.count {
                let count = Glibc.write(
                    descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw Self.failure(path, errno) }
                done += count
            }
        }
        buffer.removeAll(keepingCapacity: true)
    }

    /// Durable when it returns.
    func finish() throws -> LineCount {
        try flush()
        guard fsync(descriptor) == 0 else { throw Self.failure(path, errno) }
        return LineCount(lines: lines, digest: hasher.finish())
    }

    static func write(_ bytes: [UInt8], to path: String) throws {
        let file = try LineFile(path)
        try file.write(bytes)
        _ = try file.finish()
    }

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

    static func failure(_ path: String, _ code: Int32) -> LedgerError {
        if code == ENOSPC || code == EDQUOT {
            return LedgerError(
                .diskFull, "there is no room to write \(path)",
                advice: "nothing was archived: make room, or choose another --out")
        }
        return LedgerError(
            code == ENOENT ? .notFound : .io, "\(path): \(FileLock.reason(code))")
    }
}
