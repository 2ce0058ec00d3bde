import Foundation
import TestSupport

/// A server of PostgreSQL 15, reachable by a socket in its folder without a password, and if it has
/// one, with it on loopback.
final class PostgresServer {
    private static let programs = "/usr/lib/postgresql/15/bin"
    static let isInstalled =
        FileManager.default.isExecutableFile(atPath: programs + "/initdb")
        && (geteuid() != 0 || getpwnam("postgres") != nil)
    static let hasPgAudit =
        isInstalled
        && FileManager.default.fileExists(atPath: "/usr/lib/postgresql/15/lib/pgaudit.so")

    private let folder: TemporaryFolder
    /// On loopback.
    let port: UInt16?

    struct Failure: Error {
        let output: String
    }

    /// - Parameter password: of the user `postgres`, asked for on loopback.
    init(password: String? = nil) throws {
        port = try password.map { _ in try Self.freePort() }
        folder = try TemporaryFolder()
        chmod(folder.path, 0o777)
        let file = try password.map { try folder.write($0 + "\n", to: "password") }
        try call(
            ["\(Self.programs)/initdb", "-U", "postgres", "--no-sync", "--no-locale", "-E", "UTF8"]
                + ["-D", data, "--auth-local=trust"]
                + ["--auth-host=\(file == nil ? "trust" : "scram-sha-256")"]
                + (file.map { ["--pwfile", $0] } ?? []))
        let own =
            "fsync=off\nlog_timezone='UTC'\nlisten_addresses='\(port == nil ? "" : "127.0.0.1")'\n"
            + (port.map { "port=\($0)\n" } ?? "")
        try call(
            [
                "sh", "-c", "cat >> \(data)/postgresql.conf <<'E'\n\(own)\nE\n",
            ])
        try start()
    }

    func start() throws {
        try call([
            "\(Self.programs)/pg_ctl", "-D", data, "-w", "-o", "-k \(folder.path)", "-l",
            folder.file("start"), "start",
        ])
    }

    private var data: String { folder.file("data") }

    /// One that nobody listens at.
    private static func freePort() throws -> UInt16 {
        try FaultyServer(isAway: true).port
    }

    var url: String {
        "host=\(folder.path) user=postgres dbname=postgres" + (port.map { " port=\($0)" } ?? "")
    }

    /// The logs, by the end of their names.
    func log(_ end: String) throws -> Data {
        let path = folder.file("log")
        let name = try FileManager.default.contentsOfDirectory(atPath: path)
            .first { $0.hasSuffix(end) }
        let copy = try call(["cat", "\(path)/\(name ?? "?")"])
        return Data(copy.utf8)
    }

    var logFolder: String { folder.file("log") }

    /// Runs SQL as a person would; what fails is no failure of the test.
    @discardableResult
    func run(_ sql: String, application: String? = nil) throws -> Shell.Result {
        try Shell.execute(
            "psql", ["-X", "-q", "-d", url], input: Data(sql.utf8),
            environment: application.map { ["PGAPPNAME": $0] } ?? [:])
    }

    func stop() {
        _ = try? call(["\(Self.programs)/pg_ctl", "-D", data, "-m", "fast", "-w", "stop"])
    }

    @discardableResult
    private func call(_ command: [String]) throws -> String {
        let prefix = geteuid() == 0 ? ["runuser", "-u", "postgres", "--"] : []
        let output = folder.file("output")
        // Foundation's Process would wait for the server that pg_ctl leaves behind.
        let process = try TestProcess(
            prefix + command, folder: folder.path,
            variables: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"],
            streams: [.file("/dev/null"), .file(output), .file(output)])
        let ending = process.wait()
        let data = FileManager.default.contents(atPath: output) ?? Data()
        let text = String(decoding: data, as: UTF8.self)
        guard ending.exitCode == 0 else { throw Failure(output: text) }
        return text
    }
}
