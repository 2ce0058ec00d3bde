import Glibc
import LedgerCore

/// Says that this process alone sends from a spool, until it is let go or the process ends.
struct SpoolLock: ~Copyable {
    private let descriptor: Int32

    /// Nil while another one has it.
    static func take(in folder: SpoolFolder) throws(LedgerError) -> SpoolLock? {
        let path = folder.path + "/lock"
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SpoolFolder.failure("can't open \(path)") }
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return SpoolLock(descriptor: descriptor) }
        let code = errno
        close(descriptor)
        if code == EWOULDBLOCK || code == EINTR { return nil }
        throw SpoolFolder.failure("can't lock \(path)", code)
    }

    private init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        // A process that is being started holds a copy of the descriptor until its exec: to close
        // ours alone would keep the lock for that long.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
