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

    /// Writes a receipt, on standard error if standard output doesn't take it.
    ///
    /// That is no failure of the command: the entry is recorded, and whoever took it for not
    /// recorded would record it again.
    static func receipt(_ receipt: Receipt, isJSON: Bool = false) {
        do {
            try isJSON
                ? json([
                    "hash": .string(receipt.hash.hex), "index": .integer(receipt.index),
                    "time": .string(receipt.time.utc), "v": 1,
                ]) : line(receipt.text)
        } catch {
            let reason = (error as? LedgerError)?.message ?? "standard output is closed"
            Terminal.note("\(receipt.text)\nledger: it is recorded, though \(reason)")
        }
    }

    static func json(_ value: JSON) throws {
        try write(CanonicalJSON.bytes(value) + [0x0A])
    }
}
