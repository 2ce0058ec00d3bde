import Glibc

/// Runs a command for the service itself: it reads nothing, prints nothing, has no terminal to ask
/// at, and ends, with all that it started, when its time is up.
struct BoundedCommand {
    static let keptByteLimit = 8192
    // How long it may take to notice the end of a process that closed its standard error before.
    private static let pollMilliseconds: Int64 = 20
    private static let graceMilliseconds: Int64 = 2000

    let arguments: [String]
    /// Variables that the command gets besides ours, and, where nil, doesn't get.
    let variables: [String: String?]
    let milliseconds: Int64

    enum Ending: Equatable {
        case exited(Int32)
        case signaled(Int32)
        case outOfTime
        case cancelled
        case notStarted(String)
    }

    /// Blocks until the command has ended.
    ///
    /// - Parameter isCancelled: asked every now and then; once true, the command is ended.
    /// - Returns: how it ended, and the last bytes of its standard error.
    func run(
        isCancelled: () -> Bool = { false }
    ) -> (ending: Ending, standardError: [UInt8]) {
        let deadline = RunClock.monotonicMilliseconds() + milliseconds
        guard let pipe = Descriptor.pipe() else {
            return (.notStarted(ErrnoText.text(of: errno)), [])
        }
        defer { close(pipe.reading) }
        let nothing = open("/dev/null", O_RDWR | O_CLOEXEC)
        defer { if nothing >= 0 { close(nothing) } }
        let spawned = Spawn(arguments: arguments, variables: variables, isApart: true)
            .start(standardInput: nothing, standardOutput: nothing, standardError: pipe.writing)
        close(pipe.writing)
        Descriptor.setNonBlocking(pipe.reading)
        switch spawned {
        case .failure(let failure): return (.notStarted(failure.message), [])
        case .success(let process): return watch(process, pipe.reading, deadline, isCancelled)
        }
    }

    private func watch(
        _ process: pid_t, _ descriptor: Int32, _ deadline: Int64, _ isCancelled: () -> Bool
    ) -> (ending: Ending, standardError: [UInt8]) {
        var tail: [UInt8] = []
        var isOpen = true
        while true {
            var status: Int32 = 0
            let hasEnded = waitpid(process, &status, WNOHANG) == process
            if isOpen { isOpen = Self.read(descriptor, into: &tail) }
            if hasEnded {
                let signal = status & 0x7F
                return (signal == 0 ? .exited(status >> 8 & 0xFF) : .signaled(signal), tail)
            }
            let left = deadline - RunClock.monotonicMilliseconds()
            let isCancelled = isCancelled()
            if left <= 0 || isCancelled {
                end(process)
                return (isCancelled ? .cancelled : .outOfTime, tail)
            }
            let pause = Int32(min(left, Self.pollMilliseconds))
            let interests = isOpen ? [(descriptor: descriptor, events: POLLIN)] : []
            _ = Descriptor.wait(for: interests, milliseconds: pause)
        }
    }

    /// Ends it with what it started, as far as that is in its group: first so that it can remove
    /// its lock files.
    private func end(_ process: pid_t) {
        kill(-process, SIGTERM)
        var status: Int32 = 0
        let deadline = RunClock.monotonicMilliseconds() + Self.graceMilliseconds
        while RunClock.monotonicMilliseconds() < deadline {
            if waitpid(process, &status, WNOHANG) == process {
                kill(-process, SIGKILL)
                return
            }
            _ = Descriptor.wait(for: [], milliseconds: Int32(Self.pollMilliseconds))
        }
        kill(-process, SIGKILL)
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
    }

    /// Takes what is there; false at the end.
    private static func read(_ descriptor: Int32, into tail: inout [UInt8]) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            switch Descriptor.read(descriptor, into: &buffer) {
            case .bytes(let count):
                tail += buffer[..<count]
                if tail.count > keptByteLimit { tail.removeFirst(tail.count - keptByteLimit) }
            case .nothingNow: return true
            case .end: return false
            }
        }
    }
}
