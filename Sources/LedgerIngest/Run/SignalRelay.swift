import Glibc
import Synchronization

/// Keeps signals from ending us while a command runs, and hands on to it those that it didn't get.
///
/// What a key of the terminal sends (Ctrl-C, Ctrl-\, a hang-up) reaches the whole foreground
/// group, the command too: it is not sent again. What a process sends to us alone (`kill`, a CI
/// runner that cancels a job) is handed on once. Signals that were ignored when we started stay
/// ignored, for us and for the command, as `nohup` wants it.
enum SignalRelay {
    private static let relayed = [SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2]
    // Their default would end us: a file-size limit while spooling, a reader of our output gone.
    // A handler rather than SIG_IGN, because the command starts without handlers.
    private static let survived = [SIGXFSZ, SIGPIPE]

    // The command's process, or 0. Written by the one who starts it; read by the handler, which
    // may do nothing but read, store and kill (signal-safety(7)).
    private static let child = Atomic<Int32>(0)
    // The last signal that came while there was no command to get it.
    private static let early = Atomic<Int32>(0)
    // When the command ended, in milliseconds of the monotonic clock; 0 before it started.
    private static let endTime = Atomic<Int64>(0)
    // Ctrl-C reaches the command and us at once, but we may see the command's end first. A key
    // that comes so soon after it is that same key press.
    private static let sameKeyPressMilliseconds: Int64 = 300
    private static let installation = Mutex(Installation())

    fileprivate struct Installation: ~Copyable {
        var count = 0
        var before: [(signal: Int32, action: sigaction)] = []
    }

    /// The last signal that came before the command was there.
    static var earlySignal: Int32? {
        let signal = early.load(ordering: .relaxed)
        return signal == 0 ? nil : signal
    }

    // Safe in a signal's handler (signal-safety(7)).
    private static func monotonicMilliseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    static func install() {
        // Read once here, so that their lazy initialisation doesn't happen in a handler.
        _ = child.load(ordering: .relaxed)
        installation.withLock { installation in
            installation.count += 1
            guard installation.count == 1 else { return }
            early.store(0, ordering: .relaxed)
            endTime.store(0, ordering: .relaxed)
            for signal in relayed { installation.replace(signal, by: handler) }
            for signal in survived { installation.replace(signal, by: { _, _, _ in }) }
            // With SIGCHLD ignored the kernel would throw the command's exit status away.
            Glibc.signal(SIGCHLD, SIG_DFL)
        }
    }

    static func remove() {
        installation.withLock { installation in
            installation.count -= 1
            guard installation.count == 0 else { return }
            for replaced in installation.before {
                var action = replaced.action
                sigaction(replaced.signal, &action, nil)
            }
            installation.before = []
        }
    }

    /// The signals that were not ignored when we started. A library may have set SIGPIPE to be
    /// ignored since, and the command would inherit that.
    static var notIgnored: sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        installation.withLock { for replaced in $0.before { sigaddset(&set, replaced.signal) } }
        return set
    }

    /// From now on signals go to this process; what came before is handed on.
    static func relay(to process: pid_t) {
        child.store(process, ordering: .sequentiallyConsistent)
        handOnEarlySignal()
    }

    /// The handler and `relay` both come here after their store, so that one of them finds what the
    /// other left, and only one.
    private static func handOnEarlySignal() {
        let process = child.load(ordering: .sequentiallyConsistent)
        if process == 0 { return }
        let missed = early.exchange(0, ordering: .sequentiallyConsistent)
        if missed != 0 { kill(process, missed) }
    }

    /// The process has ended, and its number may soon be another's.
    static func stopRelaying() {
        endTime.store(monotonicMilliseconds(), ordering: .sequentiallyConsistent)
        child.store(0, ordering: .sequentiallyConsistent)
    }

    fileprivate typealias Handler =
        @convention(c) (Int32, UnsafeMutablePointer<siginfo_t>?, UnsafeMutableRawPointer?) -> Void

    private static let handler: Handler = { signal, info, _ in
        let savedErrno = errno
        let process = child.load(ordering: .sequentiallyConsistent)
        let isFromProcess = info.map { $0.pointee.si_code <= 0 } ?? false
        if process == 0 {
            let age = monotonicMilliseconds() - endTime.load(ordering: .sequentiallyConsistent)
            if isFromProcess || age >= sameKeyPressMilliseconds {
                early.store(signal, ordering: .sequentiallyConsistent)
                handOnEarlySignal()
            }
        } else if isFromProcess {
            // SI_USER and its kin: a process sent it, not the kernel for the terminal.
            kill(process, signal)
        }
        errno = savedErrno
    }
}

extension SignalRelay.Installation {
    mutating func replace(_ signal: Int32, by handler: SignalRelay.Handler) {
        var old = sigaction()
        sigaction(signal, nil, &old)
        let wasIgnored = unsafeBitCast(old.__sigaction_handler.sa_handler, to: Int.self) == 1
        if wasIgnored { return }
        var new = sigaction()
        new.__sigaction_handler.sa_sigaction = handler
        new.sa_flags = SA_SIGINFO | SA_RESTART
        sigemptyset(&new.sa_mask)
        sigaction(signal, &new, nil)
        before.append((signal, old))
    }
}
