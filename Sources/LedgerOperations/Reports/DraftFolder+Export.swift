import LedgerCore
import LedgerReport
import LedgerStore

/// Files of an export's folder.
extension DraftFolder {
    func write(
        _ name: String, _ body: (BufferedOutput) throws -> Void
    ) throws(LedgerError) -> Cover.File {
        let file = try open(name)
        let output = BufferedOutput { try file.write($0) }
        do {
            try body(output)
            try output.flush()
        } catch {
            throw LedgerError(wrapping: error)
        }
        let (digest, byteCount) = try file.finish()
        return Cover.File(name: name, digest: digest, byteCount: byteCount)
    }

    func write(_ name: String, _ bytes: [UInt8]) throws(LedgerError) -> Cover.File {
        try write(name) { output in try output.append { $0 += bytes } }
    }
}
