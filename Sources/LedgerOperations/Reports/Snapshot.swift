import Glibc
import LedgerCore
import LedgerStore

/// A ledger as it stood at a head, in a file of its own for as long as it is needed.
struct Snapshot {
    let path: String
    private let folder: String

    init(
        of ledger: String, upTo head: Head, progress: @escaping (Int64) -> Void
    ) throws(LedgerError) {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(base)/ledger-export.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw LedgerError(.io, "\(base): \(String(cString: strerror(errno)))")
        }
        folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        path = folder + "/ledger.db"
        do throws(LedgerError) {
            try SQLiteSnapshot.make(of: ledger, at: path, upTo: head.index, progress: progress)
        } catch {
            remove()
            throw error
        }
    }

    func remove() {
        for suffix in ["", "-wal", "-shm", ".lock"] { unlink(path + suffix) }
        rmdir(folder)
    }
}
