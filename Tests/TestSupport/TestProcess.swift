import Foundation

/// A process that gets exactly the descriptors that it is given: `Process` of Foundation lets one
/// of its own through, and waits for everybody who inherited it.
public final class TestProcess: @unchecked Sendable {
    public struct Ending: Sendable {
        /// The exit code; 0 if a signal ended it.
        public let exitCode: Int32
        public let signal: Int32?
    }

    public let id: pid_t
    // Set once, by the thread that waits.
    private var ending: Ending?

    /// - Parameters:
    ///   - streams: what becomes descriptor 0, 1 and 2: a file's path, or a descriptor.
    public init(
        _ arguments: [String], folder: String, variables: [String: String],
        streams: [Stream] = []
    ) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (number, stream) in streams.enumerated() {
            switch stream {
            case .descriptor(let descriptor):
                posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(number))
            case .file(let path):
                let flags = number == 0 ? O_RDONLY : O_WRONLY | O_CREAT | O_TRUNC
                posix_spawn_file_actions_addopen(&actions, Int32(number), path, flags, 0o600)
            }
        }
        // Whatever else the tests have open at the moment is none of the process's business.
        for descriptor in Self.openDescriptors() where descriptor > 2 {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }
        // The network library of some tests has SIGPIPE ignored in all of this process.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var defaults = sigset_t()
        sigemptyset(&defaults)
        sigaddset(&defaults, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        // Threads that run tests block most signals; a shell that inherits that waits for ever.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        let all = ["/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", folder] + arguments
        var argumentPointers = all.map { strdup($0) } + [nil]
        var variablePointers = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in argumentPointers + variablePointers { free(pointer) } }
        var id: pid_t = 0
        let status = posix_spawn(
            &id, "/bin/sh", &actions, &attributes, &argumentPointers, &variablePointers)
        guard status == 0 else { throw POSIXError(POSIXErrorCode(rawValue: status) ?? .EIO) }
        self.id = id
    }

    public enum Stream: Sendable {
        case descriptor(Int32)
        case file(String)
    }

    public func send(_ signal: Int32) {
        kill(id, signal)
    }

    @discardableResult
    public func wait() -> Ending {
        if let ending { return ending }
        var status: Int32 = 0
        while waitpid(id, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7F
        let found = Ending(
            exitCode: signal == 0 ? status >> 8 & 0xFF : 0, signal: signal == 0 ? nil : signal)
        ending = found
        return found
    }

    /// Whether it has come to its end by now.
    public var hasEnded: Bool {
        var info = siginfo_t()
        // It stays to be waited for.
        return ending != nil
            || waitid(P_PID, id_t(id), &info, WEXITED | WNOHANG | WNOWAIT) == 0
                && info._sifields._sigchld.si_pid != 0
    }

    private static func openDescriptors() -> [Int32] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
        return (names ?? []).compactMap(Int32.init)
    }
}
