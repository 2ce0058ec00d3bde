import Glibc
import LedgerCore

/// Standard output, for data alone.
enum Output {
    enum Closed: Error {
        case closed
    }

    /// Writes all bytes.
    ///
    /// - Throws: `Closed` when nobody reads any more; `io` or `diskFull` when they can't be
    ///   written.
    static func write(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count)
            }
            if count < 0 {
                let code = errno
                if code == EINTR { continue }
                if code == EPIPE { throw Closed.closed }
                throw LedgerError(
                    code == ENOSPC ? .diskFull : .io,
                    "standard output: \(String(cString: strerror(code)))")
            }
            rest = rest.dropFirst(count)
        }
    }

    static func line(_ text: String) throws {
        try write(Array((text + "\n").utf8))
    }

    static func json(_ value: JSON) throws {
        try write(CanonicalJSON.bytes(value) + [0x0A])
    }
}
