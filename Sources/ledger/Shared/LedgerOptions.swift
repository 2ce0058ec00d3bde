import ArgumentParser
import Glibc
import LedgerCore
import LedgerOperations

/// Which ledger is meant.
struct LedgerOptions: ParsableArguments {
    @Option(
        name: .customLong("ledger"),
        help: ArgumentHelp(
            "The ledger's file. [$LEDGER, else ledger.yaml, else ./ledger.db]", valueName: "path"))
    var flag: String?

    /// The path from flag, variable, `ledger.yaml` or default.
    func path() throws(LedgerError) -> String {
        if let given = try Setting.value(flag, "--ledger", "LEDGER") {
            if given.contains("://") {
                throw LedgerError(
                    .usage, "\(given) is a URL, and this version keeps ledgers in files",
                    advice: "give the path of a file")
            }
            return given
        }
        return try Configuration.current().ledger ?? "ledger.db"
    }

    func openToWrite(lockTimeout: Duration = .seconds(10)) throws(LedgerError) -> LocalLedger {
        try LocalLedger(path: path(), principal: LocalUser.principal, lockTimeout: lockTimeout)
    }

    func openToRead() throws(LedgerError) -> any EntryReader {
        try LocalLedger.reader(at: path())
    }

    /// Runs `body` with the ledger open to write, and closes it so that its file is complete.
    func withWriter<Result>(
        _ body: (LocalLedger) async throws -> Result
    ) async throws -> Result {
        let ledger = try openToWrite()
        do {
            let result = try await body(ledger)
            try ledger.close()
            return result
        } catch {
            try? ledger.close()
            throw error
        }
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
