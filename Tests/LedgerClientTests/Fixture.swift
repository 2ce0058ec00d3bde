import Foundation
import LedgerCore
import TestSupport

/// A process that runs a command as `ledger run` does, in a folder of its own.
struct Fixture {
    let folder: TemporaryFolder

    struct Result {
        let exitCode: Int32
        /// The signal that ended it.
        let signal: Int32?
        let output: String
        let errors: String
    }

    init() throws {
        folder = try TemporaryFolder()
    }

    /// The folder of the built programs is where this test's own is.
    static let program: String = {
        let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(fileURLWithPath: own ?? "").deletingLastPathComponent()
            .appendingPathComponent("RunFixture").path
    }()

    static func isInstalled(_ program: String) -> Bool {
        ["/usr/bin/", "/bin/", "/usr/local/bin/"].contains { folder in
            FileManager.default.isExecutableFile(atPath: folder + program)
        }
    }

    var spool: String { folder.file("spool") }
    var ledger: String { folder.file("ledger.ndjson") }

    /// The variables with which a run starts: of our own only the path.
    func variables(_ others: [String: String] = [:]) -> [String: String] {
        ["PATH": "/usr/local/bin:/usr/bin:/bin", "LEDGER_SPOOL": spool].merging(others) { $1 }
    }

    func arguments(
        _ command: [String], mode: String = "ok", options: [String] = []
    ) -> [String] {
        [Self.program, ledger, mode] + options + ["--"] + command
    }

    func run(
        _ command: [String], mode: String = "ok", options: [String] = [],
        variables others: [String: String] = [:], input: TestProcess.Stream = .file("/dev/null"),
        during body: (TestProcess) throws -> Void = { _ in }
    ) throws -> Result {
        let output = folder.file("output-\(UUID().uuidString)")
        let errors = folder.file("errors-\(UUID().uuidString)")
        let process = try TestProcess(
            arguments(command, mode: mode, options: options), folder: folder.path,
            variables: variables(others), streams: [input, .file(output), .file(errors)])
        try body(process)
        let ending = process.wait()
        return Result(
            exitCode: ending.exitCode, signal: ending.signal, output: text(of: output),
            errors: text(of: errors))
    }

    func text(of path: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }

    /// What was recorded, in order.
    func recorded() throws -> [JSONObject] {
        try text(of: ledger).split(separator: "\n").map { line in
            try JSONReader.read(Array(line.utf8)).object ?? JSONObject()
        }
    }

    func statuses() throws -> [String] {
        try recorded().compactMap { $0[["deployment", "status"]]?.string }
    }

    /// Waits until the command has made a file.
    func waitForFile(_ name: String) {
        while !FileManager.default.fileExists(atPath: folder.file(name)) { usleep(2000) }
    }

    /// The number in a file that the command has written.
    func number(in name: String) -> Int32? {
        Int32(text(of: folder.file(name)).split(separator: "\n").first ?? "")
    }
}
