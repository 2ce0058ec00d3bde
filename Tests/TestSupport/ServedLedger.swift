import Foundation

/// The built `ledger serve` on a ledger of its own, at a port that the system chose. It is told to
/// end with this value.
public final class ServedLedger: Sendable {
    public let ledger: BuiltLedger
    public let url: String
    private let process: TestProcess
    private let log: String

    /// Where it listens.
    public var port: UInt16 { UInt16(url.split(separator: ":").last ?? "") ?? 0 }

    public init(_ ledger: BuiltLedger, _ flags: String...) throws {
        self.ledger = ledger
        log = ledger.folder.file("serve-\(UUID().uuidString).log")
        process = try TestProcess(
            [BuiltLedger.executable(), "serve", "--listen", "127.0.0.1:0"] + flags,
            folder: ledger.folder.path, variables: ledger.variables.merging(["TZ": "UTC"]) { $1 },
            streams: [.file("/dev/null"), .file("/dev/null"), .file(log)])
        url = try Self.url(in: log, process)
    }

    deinit {
        process.send(SIGTERM)
        process.wait()
    }

    public struct NotServed: Error {
        public let log: String
    }

    private static func url(in log: String, _ process: TestProcess) throws -> String {
        while true {
            let text = String(
                decoding: FileManager.default.contents(atPath: log) ?? Data(), as: UTF8.self)
            for line in text.split(separator: "\n") where line.hasPrefix("ledger: serving ") {
                // The rest of the line may not be there yet.
                guard text.contains(line + "\n"), let url = line.split(separator: " ").last else {
                    continue
                }
                return String(url)
            }
            if kill(process.id, 0) != 0 || process.hasEnded { throw NotServed(log: text) }
            usleep(2000)
        }
    }

    /// A new token, made at the ledger's file.
    public func token(_ role: String, _ flags: String...) throws -> String {
        let result = try Shell.execute(
            BuiltLedger.executable(), ["token", "create", "--role", role] + flags,
            environment: ledger.variables, folder: ledger.folder.path)
        guard result.status == 0 else { throw NotServed(log: result.standardError) }
        return String(result.standardOutput.dropLast())
    }

    /// Runs the command against the server, in the ledger's folder.
    public func run(
        _ arguments: [String], token: String?, input: Data? = nil,
        environment: [String: String] = [:]
    ) throws -> Shell.Result {
        var variables = ledger.variables
        variables["LEDGER"] = url
        variables["LEDGER_TOKEN"] = token
        return try Shell.execute(
            BuiltLedger.executable(), arguments, input: input,
            environment: variables.merging(environment) { $1 }, folder: ledger.folder.path)
    }
}
