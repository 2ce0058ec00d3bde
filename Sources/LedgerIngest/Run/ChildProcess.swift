import Glibc

/// Runs a command with our own streams, terminal and process group, and ends when it ends.
///
/// The command sees what it would see without us: the same descriptors, the default signals, the
/// terminal in its hands. Only a standard error that is no terminal goes through a pipe of ours,
/// and a standard input if asked for.
public struct ChildProcess: Sendable {
    public var arguments: [String]
    /// Variables that the command gets besides ours, and, where nil, doesn't get.
    public var variables: [String: String?]
    public var teesStandardInput = false
    /// Keeps the last lines of its standard output too, if that is no terminal.
    public var teesStandardOutput = false
    /// How much is kept of each.
    public var keptByteLimit = OutputTee.keptByteLimit

    public init(_ arguments: [String], variables: [String: String?] = [:]) {
        self.arguments = arguments
        self.variables = variables
    }

    public struct Ending: Sendable {
        /// The exit code, or 128 and the signal's number, as a shell says it.
        public let exitCode: Int32
        /// What ended it, if it did not exit.
        public let signal: Int32?
        /// The last lines of its standard error, if that was no terminal.
        public let standardError: [UInt8]
        /// Likewise of its standard output, if asked for.
        public var standardOutput: [UInt8] = []
        /// What it got through a standard input that was passed on, or was typed at a terminal.
        public var standardInput: RunScript?
        /// Why it did not start.
        public let startFailure: String?
    }

    /// From now on until `releaseSignals`, signals don't end us; `run` hands them to the command.
    public static func holdSignals() {
        SignalRelay.install()
    }

    public static func releaseSignals() {
        SignalRelay.remove()
    }

    /// A signal that came since `holdSignals`, with no command to get it.
    public static var heldSignal: Int32? { SignalRelay.earlySignal }

    /// Blocks until the command has ended.
    public func run() -> Ending {
        SignalRelay.install()
        defer { SignalRelay.remove() }
        // Of a thread of the pool all signals are blocked; ours must be delivered somewhere.
        var none = sigset_t()
        var before = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        let errors =
            Self.isKept(STDERR_FILENO)
            ? OutputTee(to: STDERR_FILENO, keeping: keptByteLimit) : nil
        // What goes to one place goes through one pipe, in its order.
        let isShared = errors != nil && Descriptor.areSame(STDOUT_FILENO, STDERR_FILENO)
        let output =
            teesStandardOutput && !isShared && Self.isKept(STDOUT_FILENO)
            ? OutputTee(to: STDOUT_FILENO, keeping: keptByteLimit) : nil
        let input =
            teesStandardInput && StandardInputTee.canTake(STDIN_FILENO) ? StandardInputTee() : nil
        let spawned = Spawn(arguments: arguments, variables: variables)
            .start(
                standardInput: input?.commandEnd,
                standardOutput: output?.commandEnd
                    ?? (teesStandardOutput && isShared ? errors?.commandEnd : nil),
                standardError: errors?.commandEnd)
        errors?.start()
        output?.start()
        input?.start()
        let (status, failure) =
            switch spawned {
            case .success(let process): (Self.wait(for: process), nil as SpawnFailure?)
            case .failure(let failure): (failure.exitCode << 8, failure)
            }
        let signal = status & 0x7F
        return Ending(
            exitCode: signal == 0 ? status >> 8 & 0xFF : 128 + signal,
            signal: signal == 0 ? nil : signal, standardError: errors?.finish() ?? [],
            standardOutput: output?.finish() ?? [], standardInput: input?.finish(),
            startFailure: failure?.message)
    }

    /// Whether a stream of ours can go through a pipe.
    private static func isKept(_ descriptor: Int32) -> Bool {
        isatty(descriptor) == 0 && fcntl(descriptor, F_GETFD) >= 0
    }

    /// Waits for the process's end; stops and goes on with it.
    private static func wait(for process: pid_t) -> Int32 {
        SignalRelay.relay(to: process)
        var status: Int32 = 0
        while true {
            // Looks without taking: as long as the process is not reaped, its number is its own.
            var found = siginfo_t()
            if waitid(P_PID, id_t(process), &found, WEXITED | WSTOPPED | WNOWAIT) != 0 {
                if errno == EINTR { continue }
                return 0x7F00
            }
            if found.si_code != CLD_STOPPED {
                SignalRelay.stopRelaying()
                while waitpid(process, &status, 0) < 0, errno == EINTR {}
                return status
            }
            // With Ctrl-Z we stopped too, and since then both were continued: then this finds
            // nothing, and there is nothing to do.
            guard waitpid(process, &status, WUNTRACED | WNOHANG) == process else { continue }
            if status & 0xFF != 0x7F {
                SignalRelay.stopRelaying()
                return status
            }
            stop(with: process, by: status >> 8 & 0xFF)
        }
    }

    /// The command stopped itself (an editor's suspend key): the shell waits for us, so we stop in
    /// the same way. A SIGSTOP from elsewhere concerns the command alone.
    private static func stop(with process: pid_t, by signal: Int32) {
        guard [SIGTSTP, SIGTTIN, SIGTTOU].contains(signal) else { return }
        raise(signal)
        kill(process, SIGCONT)
    }
}

/// Why a command did not start, with the exit status that a shell gives it.
struct SpawnFailure: Error {
    let exitCode: Int32
    let message: String
}
