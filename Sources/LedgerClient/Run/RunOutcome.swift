import Glibc
import LedgerCore

/// How a run ended.
public struct RunOutcome: Sendable {
    /// As the command exited, or 128 and a signal's number; 1 if `--require-record` was broken.
    public internal(set) var exitCode: Int32 = 0
    /// What ended the command, if it did not exit.
    public internal(set) var signal: Int32?
    /// Of all events that were recorded.
    public internal(set) var receipts: [Receipt] = []
    /// What to print on standard error, in order: warnings, then receipts.
    public internal(set) var lines: [String] = []

    public init() {}

    /// Writes `lines` to standard error.
    public func printLines() {
        for line in lines {
            var rest = Array((line + "\n").utf8)[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
                if count < 0, errno == EINTR { continue }
                // Nobody is there to read it.
                if count <= 0 { return }
                rest = rest.dropFirst(count)
            }
        }
    }

    /// Ends this process as the command ended.
    public func exitProcess() -> Never {
        if let signal {
            // The command has left its core file; ours would say nothing.
            var none = rlimit(rlim_cur: 0, rlim_max: 0)
            setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
            Glibc.signal(signal, SIG_DFL)
            var mask = sigset_t()
            sigemptyset(&mask)
            sigaddset(&mask, signal)
            pthread_sigmask(SIG_UNBLOCK, &mask, nil)
            kill(getpid(), signal)
            // Of this process's threads another may take it: give it a moment.
            usleep(200_000)
        }
        // Not `exit`: what it takes down, a thread that still waits for a ledger may be using.
        _exit(exitCode)
    }
}
