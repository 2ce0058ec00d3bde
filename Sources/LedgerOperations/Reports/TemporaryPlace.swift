import Glibc
import LedgerCore

/// A folder of ours under `$TMPDIR`, that nobody else may look into.
struct TemporaryPlace: Sendable {
    let path: String

    init() throws(LedgerError) {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(base)/ledger-export.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw LedgerError(
                .io, "\(base): \(String(cString: strerror(errno)))",
                advice: "set TMPDIR to a folder that can be written")
        }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// With its files, and the exports in it.
    func remove() {
        for name in DraftFolder.files(in: path) ?? [] { unlink("\(path)/\(name)") }
        DraftFolder.removePublished("\(path)/export")
        rmdir(path)
    }
}
