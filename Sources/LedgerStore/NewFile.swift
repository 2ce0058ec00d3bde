import Glibc
import LedgerCore

/// Makes a database's file that appears whole or not at all, and never over another.
enum NewFile {
    /// - Parameters:
    ///   - mode: who may read and write it.
    ///   - body: fills the file at the path that it is given.
    static func make(
        at path: String, mode: mode_t, _ body: (String) throws(LedgerError) -> Void
    ) throws(LedgerError) {
        let draft = "\(path).new-\(getpid())"
        defer {
            for suffix in ["", "-wal", "-shm", "-journal"] { unlink(draft + suffix) }
        }
        if access(path, F_OK) == 0 { throw exists(path) }
        // Left by a process that was killed and had the same number.
        unlink(draft)
        let descriptor = open(draft, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw failure(path, errno) }
        defer { close(descriptor) }
        try body(draft)
        guard fsync(descriptor) == 0 else { throw failure(path, errno) }
        guard link(draft, path) == 0 else {
            let code = errno
            throw code == EEXIST ? exists(path) : failure(path, code)
        }
        try syncFolder(of: path)
    }

    private static func failure(_ path: String, _ code: Int32) -> LedgerError {
        LedgerError(code == ENOSPC ? .diskFull : .io, "\(path): \(FileLock.reason(code))")
    }

    static func exists(_ path: String) -> LedgerError {
        LedgerError(.exists, "\(path) exists already", advice: "ledger info --ledger \(path)")
    }

    static func syncFolder(of path: String) throws(LedgerError) {
        let folder =
            path.contains("/") ? String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) : "."
        try sync(folder.isEmpty ? "/" : folder)
    }

    /// Makes durable which files a folder has.
    static func sync(_ folder: String) throws(LedgerError) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure(folder, errno) }
    }
}
