import Glibc
import LedgerCore

/// The lock beside a ledger's file, `<ledger>.lock`: whoever writes or checkpoints holds it.
///
/// SQLite 3.40 can lose commits when two processes reset the write-ahead log at once, so its own
/// locks are not enough. The lock ends with the process that holds it, however that ends.
enum FileLock {
    /// Runs `body` while it holds the lock of the ledger at `path`, for which it waits at most
    /// `timeout`.
    ///
    /// - Throws: `busy` when the time is over, `readOnly` when the lock's file can't be made.
    static func hold<Result>(
        path: String, timeout: Duration, _ body: () throws(LedgerError) -> Result
    ) throws(LedgerError) -> Result {
        let descriptor = try openFile(path)
        // Unlocked, not just closed: a process that is being started holds a copy until its exec.
        defer {
            flock(descriptor, LOCK_UN)
            close(descriptor)
        }
        try acquire(descriptor, path: path, timeout: timeout)
        return try body()
    }

    private static func openFile(_ path: String) throws(LedgerError) -> Int32 {
        let file = path + ".lock"
        let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else {
            let code = errno
            if code == EROFS || code == EACCES || code == EPERM {
                throw LedgerError(
                    .readOnly, "\(path) can't be written: its lock \(file) can't be opened",
                    advice: "check the rights on the file and its folder")
            }
            throw LedgerError(code == ENOSPC ? .diskFull : .io, "\(file): \(reason(code))")
        }
        return descriptor
    }

    private static func acquire(
        _ descriptor: Int32, path: String, timeout: Duration
    ) throws(LedgerError) {
        let clock = ContinuousClock()
        let deadline = clock.now + timeout
        var pause: UInt32 = 200
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let code = errno
            guard code == EWOULDBLOCK || code == EINTR else {
                throw LedgerError(.io, "\(path).lock: \(reason(code))")
            }
            if clock.now >= deadline {
                throw LedgerError(
                    .busy, "another process has been writing to \(path) for over \(timeout)",
                    advice: "try again")
            }
            usleep(pause)
            pause = min(pause * 2, 5000)
        }
    }

    static func reason(_ code: Int32) -> String {
        String(cString: strerror(code))
    }
}
