import Foundation
import LedgerCore
import TestSupport
import Testing

/// `ledger-run.sh` in a folder of its own, with a server that records as the service does.
final class ScriptFixture: @unchecked Sendable {
    /// A shell, and what it finds beside itself.
    enum Shells: String, CaseIterable, Sendable {
        case dash, busybox
        /// A container's image: busybox and curl, and nothing else.
        case busyboxAlone
    }

    static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    static let script = package.appendingPathComponent("schema/http/ledger-run.sh").path
    static let token = #"s3cr3t-"\token"#
    static let target = ["--service", "orders", "--env", "prod"]

    let folder: TemporaryFolder
    let shell: Shells
    private let server: TestProcess
    private let port: String

    init(_ shell: Shells, mode: String = "record") throws {
        self.shell = shell
        let folder = try TemporaryFolder()
        self.folder = folder
        try mode.write(toFile: folder.file("mode"), atomically: true, encoding: .ascii)
        let recorder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("recorder.py")
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        server = try TestProcess(
            ["/usr/bin/env", "python3", recorder.path, folder.path], folder: folder.path,
            variables: ["PATH": path],
            streams: [.file("/dev/null"), .file("/dev/null"), .file(folder.file("recorder"))])
        while !FileManager.default.fileExists(atPath: folder.file("port")) { usleep(2000) }
        port = try String(contentsOfFile: folder.file("port"), encoding: .ascii)
        try FileManager.default.createDirectory(
            atPath: folder.file("bin"), withIntermediateDirectories: true)
        if shell == .busyboxAlone { try installBusybox() }
    }

    deinit {
        server.send(SIGKILL)
        server.wait()
    }

    private func installBusybox() throws {
        let busybox = try Shell.run("which", ["busybox"]).output.trimmingCharacters(in: .newlines)
        let curl = try Shell.run("which", ["curl"]).output.trimmingCharacters(in: .newlines)
        for name in try Shell.run("busybox", ["--list"]).output.split(separator: "\n") {
            try FileManager.default.createSymbolicLink(
                atPath: folder.file("bin/\(name)"), withDestinationPath: busybox)
        }
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("bin/curl"), withDestinationPath: curl)
    }

    /// How the recorder answers from now on.
    func setMode(_ mode: String) throws {
        try mode.write(toFile: folder.file("mode"), atomically: true, encoding: .ascii)
    }

    var address: String { "http://127.0.0.1:\(port)" }
    var spool: String { folder.file("spool") }

    var variables: [String: String] {
        var variables = [
            "LEDGER": address + "/", "LEDGER_TOKEN": Self.token, "LEDGER_SPOOL": spool,
            "HOME": folder.path, "TMPDIR": folder.path, "PATH": "/usr/bin:/bin",
        ]
        if shell == .busyboxAlone { variables["PATH"] = folder.file("bin") }
        return variables
    }

    /// The command line of the script.
    func arguments(_ flags: [String], _ command: [String]) -> [String] {
        let program =
            switch shell {
            case .dash: ["/usr/bin/env", "dash"]
            case .busybox: ["/usr/bin/env", "busybox", "sh"]
            case .busyboxAlone: [folder.file("bin/sh")]
            }
        return program + [Self.script] + Self.target + flags + ["--"] + command
    }

    struct Result {
        let status: Int32
        let standardOutput: String
        let standardError: String

        /// The lines of standard error, each of which the script begins with its name.
        var notes: [String] { standardError.split(separator: "\n").map(String.init) }

        /// That it ended in this way and said so.
        func expect(
            _ status: Int32, _ words: String..., sourceLocation: SourceLocation = #_sourceLocation
        ) {
            #expect(self.status == status, "\(standardError)", sourceLocation: sourceLocation)
            for word in words {
                #expect(standardError.contains(word), sourceLocation: sourceLocation)
            }
        }
    }

    /// Runs the script to its end.
    func run(
        _ command: [String], flags: [String] = [], environment: [String: String] = [:],
        input: String = ""
    ) throws -> Result {
        try execute(arguments(flags, command), environment: environment, input: input)
    }

    /// Runs any command as the script is run. Not by Foundation's `Process`, which hands on the
    /// signals that its thread blocks: busybox would never see its command end.
    func execute(
        _ arguments: [String], environment: [String: String] = [:], input: String = ""
    ) throws -> Result {
        let name = UUID().uuidString
        let paths = ["in", "out", "err"].map { folder.file("\(name).\($0)") }
        try Data(input.utf8).write(to: URL(fileURLWithPath: paths[0]))
        let process = try TestProcess(
            arguments, folder: folder.path,
            variables: variables.merging(environment) { $1 },
            streams: paths.map { .file($0) })
        let ending = process.wait()
        let texts = try paths.map {
            String(decoding: try Data(contentsOf: URL(fileURLWithPath: $0)), as: UTF8.self)
        }
        return Result(
            status: ending.signal.map { 128 + $0 } ?? ending.exitCode, standardOutput: texts[1],
            standardError: texts[2])
    }

    /// What was recorded, in order. Each is an event that a ledger takes.
    func events() throws -> [JSONObject] {
        try lines("events.ndjson").map { line in
            let bytes = Array(line.utf8)
            #expect(throws: Never.self) { try EventReader.read(bytes) }
            return try #require(try JSONReader.read(bytes).object)
        }
    }

    func statuses() throws -> [String] {
        try events().map { $0[["deployment", "status"]]?.string ?? "" }
    }

    /// The requests with their headers, as the server got them.
    func requests() throws -> [JSONObject] {
        try lines("requests.ndjson").map {
            try #require(try JSONReader.read(Array($0.utf8)).object)
        }
    }

    private func lines(_ name: String) throws -> [Substring] {
        guard FileManager.default.fileExists(atPath: folder.file(name)) else { return [] }
        return try String(contentsOfFile: folder.file(name), encoding: .utf8).split(
            separator: "\n")
    }

    /// The names of files in the spool, without the folder of those that were refused.
    func waiting() -> [String] { files("spool") }
    func refused() -> [String] { files("spool/refused").filter { $0.hasSuffix(".json") } }

    private func files(_ path: String) -> [String] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: folder.file(path))
        return (names ?? []).filter { $0 != "refused" }.sorted()
    }

    func reasons() throws -> [String] {
        try files("spool/refused").filter { $0.hasSuffix(".reason") }.map {
            try String(contentsOfFile: folder.file("spool/refused/\($0)"), encoding: .utf8)
        }
    }

    func exists(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: folder.file(name))
    }

    func waitForFile(_ name: String) {
        while !exists(name) { usleep(2000) }
    }
}
