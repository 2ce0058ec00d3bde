import Glibc
import LedgerCore

/// Reads files of any size, block by block.
enum FileBlocks {
    static func forEach(
        of path: String, _ body: ([UInt8]) throws -> Void
    ) throws(LedgerError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            let code = errno
            throw LedgerError(
                code == ENOENT ? .notFound : .io, "\(path): \(String(cString: strerror(code)))")
        }
        defer { close(descriptor) }
        var block = [UInt8](repeating: 0, count: 262_144)
        do {
            while true {
                let count = Glibc.read(descriptor, &block, block.count)
                if count == 0 { return }
                if count < 0 {
                    if errno == EINTR { continue }
                    throw LedgerError(.io, "\(path): \(String(cString: strerror(errno)))")
                }
                try body(Array(block[..<count]))
            }
        } catch {
            throw LedgerError(wrapping: error)
        }
    }

    /// Line by line, without their ends.
    static func forEachLine(
        of path: String, _ body: ([UInt8]) throws -> Void
    ) throws(LedgerError) {
        var rest: [UInt8] = []
        try forEach(of: path) { block in
            var start = block.startIndex
            while let end = block[start...].firstIndex(of: 0x0A) {
                try body(rest + block[start..<end])
                rest = []
                start = end + 1
            }
            rest += block[start...]
        }
        if rest.isEmpty { return }
        do {
            try body(rest)
        } catch {
            throw LedgerError(wrapping: error)
        }
    }
}
