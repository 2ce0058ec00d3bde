import Foundation

/// The built command, with a ledger and a spool in a folder of their own.
public struct BuiltLedger: Sendable {
    public let folder: TemporaryFolder
    public let path: String

    /// The command, or another program that was built with the tests: they lie side by side.
    public static func executable(_ name: String = "ledger") -> String {
        let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        return tests.deletingLastPathComponent().appendingPathComponent(name).path
    }

    /// Makes a ledger.
    ///
    /// - Parameter path: where, if not in the folder.
    public init(path: String? = nil, log: String = "local/test") throws {
        folder = try TemporaryFolder()
        self.path = path ?? folder.file("ledger.db")
        let made = try run("init", "--log", log)
        guard made.status == 0 else { throw NotMade(message: made.standardError) }
    }

    /// A copy of a ledger that nobody has open.
    public init(copying other: BuiltLedger) throws {
        folder = try TemporaryFolder()
        path = folder.file("ledger.db")
        try FileManager.default.copyItem(atPath: other.path, toPath: path)
    }

    public struct NotMade: Error {
        public let message: String
    }

    /// The variables that name the ledger and the spool.
    public var variables: [String: String] {
        ["LEDGER": path, "LEDGER_SPOOL": folder.file("spool"), "HOME": folder.path]
    }

    @discardableResult
    public func run(
        _ arguments: String..., input: Data? = nil, environment: [String: String] = [:]
    ) throws -> Shell.Result {
        try run(arguments, input: input, environment: environment)
    }

    @discardableResult
    public func run(
        _ arguments: [String], input: Data? = nil, environment: [String: String] = [:]
    ) throws -> Shell.Result {
        try Shell.execute(
            Self.executable(), arguments, input: input,
            environment: variables.merging(environment) { $1 }, folder: folder.path)
    }

    /// Starts the command and lets it run.
    ///
    /// - Parameters:
    ///   - input: what it reads; nothing, if left out.
    ///   - output: the file that gets both its standard output and its standard error.
    public func start(
        _ arguments: [String], input: Any? = nil, output: String
    ) throws -> Process {
        try Data().write(to: URL(fileURLWithPath: output))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.executable())
        process.arguments = arguments
        process.environment = variables.merging(["LC_ALL": "C.UTF-8", "TZ": "UTC"]) { $1 }
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        process.standardInput = input ?? FileHandle.nullDevice
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
        process.standardOutput = handle
        process.standardError = handle
        try process.run()
        return process
    }

    /// Runs the real `sqlite3` on the ledger's file; gives what it prints, errors too.
    @discardableResult
    public func sqlite3(_ sql: String) throws -> (status: Int32, output: String) {
        try Shell.run("sqlite3", [path, sql])
    }
}
