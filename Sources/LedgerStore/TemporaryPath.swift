import Glibc
import LedgerCore

/// Folders for what is needed for a moment only.
public enum TemporaryPath {
    /// Makes one under `$TMPDIR`, that nobody else may look into.
    public static func makeFolder() throws(LedgerError) -> String {
        let given = getenv("TMPDIR").map { String(cString: $0) } ?? ""
        let base = given.isEmpty ? "/tmp" : given
        // mkdtemp puts other letters in the place of the last six.
        var template = Array("\(base)/ledger-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            let code = errno
            throw LedgerError(
                code == ENOSPC ? .diskFull : .io, "\(base): \(FileLock.reason(code))",
                advice: "set TMPDIR to a folder that can be written")
        }
        return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
