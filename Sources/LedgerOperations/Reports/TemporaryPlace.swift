import Glibc
import LedgerCore
import LedgerStore

/// A folder for what is needed for a moment only.
struct TemporaryPlace: Sendable {
    let path: String

    init() throws(LedgerError) {
        path = try TemporaryPath.makeFolder()
    }

    /// With its files, and the exports in it.
    func remove() {
        for name in DraftFolder.files(in: path) ?? [] { unlink("\(path)/\(name)") }
        DraftFolder.remove("\(path)/export")
        rmdir(path)
    }
}
