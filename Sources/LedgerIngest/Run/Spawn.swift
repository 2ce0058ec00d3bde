import Glibc

/// Starts a process with default signals and an empty signal mask.
struct Spawn {
    let arguments: [String]
    let variables: [String: String?]
    /// The process gets a session and a process group of its own, without a terminal to ask at,
    /// and the default action of every signal that we ignore.
    var isApart = false

    /// - Parameters:
    ///   - standardInput: what becomes the process's standard input, or nil for our own.
    ///   - standardOutput: likewise.
    ///   - standardError: likewise.
    func start(
        standardInput: Int32?, standardOutput: Int32? = nil, standardError: Int32?
    ) -> Result<pid_t, SpawnFailure> {
        guard let program = arguments.first else {
            return .failure(SpawnFailure(exitCode: 127, message: "no command is given"))
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let standardInput {
            posix_spawn_file_actions_adddup2(&actions, standardInput, STDIN_FILENO)
        }
        if let standardOutput {
            posix_spawn_file_actions_adddup2(&actions, standardOutput, STDOUT_FILENO)
        }
        if let standardError {
            posix_spawn_file_actions_adddup2(&actions, standardError, STDERR_FILENO)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var mask = sigset_t()
        sigemptyset(&mask)
        posix_spawnattr_setsigmask(&attributes, &mask)
        var defaults = SignalRelay.notIgnored
        var flags = Int32(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)
        if isApart {
            sigfillset(&defaults)
            flags |= Self.newSession
        }
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setflags(&attributes, Int16(flags))
        var process: pid_t = 0
        var status = spawn(program, arguments, &actions, &attributes, &process)
        if status == ENOEXEC, let path = Self.path(of: program) {
            // A script without a first line #!: a shell runs it itself, and so does execvp(3).
            status = spawn(
                "/bin/sh", ["/bin/sh", path] + arguments.dropFirst(), &actions, &attributes,
                &process)
        }
        return status == 0 ? .success(process) : .failure(Self.failure(program, status))
    }

    // POSIX_SPAWN_SETSID, which <spawn.h> shows only with _GNU_SOURCE.
    private static let newSession: Int32 = 0x80

    private func spawn(
        _ program: String, _ arguments: [String],
        _ actions: inout posix_spawn_file_actions_t, _ attributes: inout posix_spawnattr_t,
        _ process: inout pid_t
    ) -> Int32 {
        var argumentPointers =
            (RawArguments.tail(arguments) ?? arguments.map { strdup($0) }) + [nil]
        var variablePointers = environmentPointers() + [nil]
        defer { for pointer in argumentPointers + variablePointers { free(pointer) } }
        return Descriptor.withInheritanceLocked {
            posix_spawnp(
                &process, program, &actions, &attributes, &argumentPointers, &variablePointers)
        }
    }

    /// Ours, byte for byte, with the changes.
    private func environmentPointers() -> [UnsafeMutablePointer<CChar>?] {
        var pointers: [UnsafeMutablePointer<CChar>?] = []
        var place = environ
        while let entry = place.pointee {
            let name = String(cString: entry).prefix { $0 != "=" }
            if !variables.keys.contains(String(name)) { pointers.append(strdup(entry)) }
            place += 1
        }
        for case (let name, let value?) in variables { pointers.append(strdup("\(name)=\(value)")) }
        return pointers
    }

    private static func path(of program: String) -> String? {
        if program.contains("/") { return program }
        let searched = getenv("PATH").map { String(cString: $0) } ?? "/bin:/usr/bin"
        for folder in searched.split(separator: ":") {
            let path = "\(folder)/\(program)"
            if access(path, X_OK) == 0 { return path }
        }
        return nil
    }

    private static func failure(_ program: String, _ status: Int32) -> SpawnFailure {
        if status == ENOENT, !program.contains("/") {
            return SpawnFailure(exitCode: 127, message: "\(program): command not found")
        }
        let reason = ErrnoText.text(of: status)
        return SpawnFailure(
            exitCode: status == ENOENT ? 127 : 126, message: "\(program): \(reason)")
    }
}
