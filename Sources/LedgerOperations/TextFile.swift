import Glibc
import LedgerCore

/// Reads small files whole.
public enum TextFile {
    /// - Throws: `notFound`, `io`, or `usage` for a file over `limit` bytes.
    public static func bytes(_ path: String, limit: Int) throws(LedgerError) -> [UInt8] {
        let descriptor = path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let code = errno
            throw LedgerError(
                code == ENOENT ? .notFound : .io, "\(path): \(String(cString: strerror(code)))")
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 65_536)
        while bytes.count <= limit {
            let count = Glibc.read(descriptor, &block, block.count)
            if count == 0 { return bytes }
            if count < 0 {
                if errno == EINTR { continue }
                throw LedgerError(.io, "\(path): \(String(cString: strerror(errno)))")
            }
            bytes += block[..<count]
        }
        throw LedgerError(.usage, "\(path) has more than \(limit) bytes")
    }

    public static func read(_ path: String, limit: Int) throws(LedgerError) -> String {
        guard let text = String(validating: try bytes(path, limit: limit), as: UTF8.self) else {
            throw LedgerError(.usage, "\(path) is not valid UTF-8")
        }
        return text
    }
}
