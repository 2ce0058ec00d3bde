import Foundation
import TestSupport

/// A server of PostgreSQL in a folder of its own, reachable by a socket there and nowhere else.
final class PostgresServer {
    private let folder: TemporaryFolder
    private static let programs = "/usr/lib/postgresql/15/bin"
    private static let prefix = geteuid() == 0 ? ["runuser", "-u", "postgres", "--"] : []

    static let isInstalled =
        Fixture.isInstalled("psql")
        && FileManager.default.isExecutableFile(atPath: programs + "/initdb")
        && (geteuid() != 0 || getpwnam("postgres") != nil)

    var socketFolder: String { folder.path }

    struct StartFailure: Error {
        let output: String
    }

    init() throws {
        folder = try TemporaryFolder()
        // The server refuses to run as root, and its user must get in.
        chmod(folder.path, 0o777)
        try call(["initdb", "-A", "trust", "-U", "postgres", "--no-sync", "-D", data])
        let options = "-k \(folder.path) -c listen_addresses='' -c fsync=off"
        try call(["pg_ctl", "-D", data, "-w", "-o", options, "-l", folder.file("log"), "start"])
    }

    private var data: String { folder.file("data") }

    func stop() {
        try? call(["pg_ctl", "-D", data, "-m", "immediate", "stop"])
    }

    private func call(_ command: [String]) throws {
        let output = folder.file("output")
        let process = try TestProcess(
            Self.prefix + ["\(Self.programs)/\(command[0])"] + command.dropFirst(),
            folder: folder.path,
            variables: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"],
            streams: [.file("/dev/null"), .file(output), .file(output)])
        guard process.wait().exitCode == 0 else {
            let text = FileManager.default.contents(atPath: output) ?? Data()
            throw StartFailure(output: String(decoding: text, as: UTF8.self))
        }
    }
}
