import ArgumentParser
import Glibc
import LedgerClient
import LedgerCore
import LedgerOperations
import Synchronization

/// Which ledger is meant.
struct LedgerOptions: ParsableArguments {
    @Option(
        name: .customLong("ledger"),
        help: ArgumentHelp(
            "The ledger's file, or a server's URL. [$LEDGER, else ledger.yaml, else ./ledger.db]",
            valueName: "path|url"))
    var flag: String?

    @Option(
        help: ArgumentHelp(
            "Answer with what this archive holds, from a copy; repeatable. [$LEDGER_ARCHIVE]",
            valueName: "folder"))
    var archive: [String] = []

    /// The archives with which is answered.
    var archives: [String] {
        get throws(LedgerError) {
            if !archive.isEmpty { return try Setting.values(archive, "--archive") }
            return try Setting.value(nil, "--archive", "LEDGER_ARCHIVE").map { [$0] } ?? []
        }
    }

    /// From flag, variable, `ledger.yaml` or default.
    ///
    /// - Parameter configured: what another file names; it goes before `ledger.yaml`.
    func address(configured: String? = nil) throws(LedgerError) -> LedgerAddress {
        if let given = try Setting.value(flag, "--ledger", "LEDGER") ?? configured {
            return try LedgerAddress(given)
        }
        return try LedgerAddress(Configuration.current().ledger ?? "ledger.db")
    }

    /// The path of a ledger's file, for what only works on one.
    func path(configured: String? = nil) throws(LedgerError) -> String {
        switch try address(configured: configured) {
        case .file(let path): return path
        case .server(let url): throw Self.isServer(url)
        }
    }

    func view() throws(LedgerError) -> any LedgerView {
        switch try address() {
        case .file(let path):
            let archives = try archives
            if archives.isEmpty { return try LocalView(path: path) }
            Terminal.note("answered from a copy in which the archive is restored")
            return try LocalView(path: path, with: archives)
        case .server(let url):
            if !archive.isEmpty { throw Self.isServer(url) }
            return try Servers.ledger(at: url)
        }
    }

    func open() throws(LedgerError) -> any Ledger {
        if !archive.isEmpty {
            throw LedgerError(
                .usage, "--archive is for answers, and this records",
                advice: "leave it out, or see ledger archive restore")
        }
        return try address().open()
    }

    private static func isServer(_ url: String) -> LedgerError {
        LedgerError(
            .usage, "this works on a ledger's file, and \(url) is a server",
            advice: "run it where the file is, with --ledger PATH")
    }

    /// Runs `body` with the ledger open to write, and closes it so that its file is complete.
    func withWriter<Result>(
        _ body: (any Ledger) async throws -> Result
    ) async throws -> Result {
        let ledger = try open()
        do {
            let result = try await body(ledger)
            try await ledger.close()
            return result
        } catch {
            try? await ledger.close()
            throw error
        }
    }
}

extension LedgerAddress {
    /// The same from whatever folder it is used.
    var absolute: LedgerAddress {
        if case .file(let path) = self { .file(AbsolutePath.text(path)) } else { self }
    }

    /// Opens the ledger to write, as the user of this machine or with the server's token.
    func open() throws(LedgerError) -> any Ledger {
        switch self {
        case .file(let path): return try LocalLedger(path: path, principal: LocalUser.principal)
        case .server(let url): return try Servers.ledger(at: url)
        }
    }
}

/// The servers that this process talks to, each over one connection.
enum Servers {
    private static let known = Mutex<[String: RemoteLedger]>([:])

    /// Opens no connection yet.
    static func ledger(at url: String) throws(LedgerError) -> RemoteLedger {
        try known.withLock { (known) throws(LedgerError) -> RemoteLedger in
            if let ledger = known[url] { return ledger }
            let ledger = RemoteLedger(
                try RemoteSettings(url: url, variables: Environment.all))
            known[url] = ledger
            return ledger
        }
    }

    /// Ends the connections as the servers expect it.
    static func close() async {
        for ledger in known.withLock({ Array($0.values) }) { await ledger.close() }
    }
}

/// A value from a flag or, if that is absent, from a variable.
enum Setting {
    /// - Throws: `usage` for an empty value: `--env "$UNSET"` must not mean "everywhere".
    static func value(
        _ flag: String?, _ name: String, _ variable: String? = nil
    ) throws(LedgerError) -> String? {
        if let flag {
            if flag.isEmpty {
                throw LedgerError(
                    .usage, "\(name) is empty",
                    advice: "a variable in its place may be unset; leave \(name) out to not use it")
            }
            return flag
        }
        guard let variable, let value = Environment[variable], !value.isEmpty else { return nil }
        return value
    }
}

extension Setting {
    /// The values of a flag that may be given several times.
    ///
    /// - Throws: `usage` for an empty one.
    static func values(_ flags: [String], _ name: String) throws(LedgerError) -> [String] {
        for flag in flags { _ = try value(flag, name) }
        return flags
    }
}

/// The user of this machine who runs the command.
enum LocalUser {
    static let name: String? = getpwuid(getuid()).flatMap { entry in
        entry.pointee.pw_name.map { String(cString: $0) }
    }

    static let principal = Principal(kind: .local, id: String(getuid()), name: name)

    static let host: String? = {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return nil }
        return buffer.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } }
    }()
}
