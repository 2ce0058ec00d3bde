import Foundation
import TestSupport
import Testing

/// `ledger serve` as a process, on a port that the system chose.
final class RunningService: @unchecked Sendable {
    let ledger: BuiltLedger
    let url: String
    private let process: TestProcess
    private let errors: Lines

    struct Answer: Sendable {
        let status: Int
        let body: String
    }

    struct NotServing: Error, CustomStringConvertible {
        let description: String
    }

    /// Starts it, and returns once it takes connections.
    ///
    /// - Parameter arguments: without any, it listens on a free port of the loopback interface.
    init(
        _ ledger: BuiltLedger, _ arguments: [String] = ["--listen", "127.0.0.1:0"],
        environment: [String: String] = [:]
    ) throws {
        self.ledger = ledger
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw NotServing(description: "no pipe") }
        var variables = ledger.variables.merging(["LC_ALL": "C.UTF-8", "TZ": "UTC"]) { $1 }
        variables["PATH"] = ProcessInfo.processInfo.environment["PATH"]
        process = try TestProcess(
            [BuiltLedger.executable(), "serve"] + arguments, folder: ledger.folder.path,
            variables: variables.merging(environment) { $1 },
            streams: [
                .file("/dev/null"), .file(ledger.folder.file("served")), .descriptor(ends[1]),
            ])
        close(ends[1])
        errors = Lines(ends[0])
        guard let line = errors.first(containing: "serving "),
            let place = line.range(of: " at http")
        else {
            process.send(SIGKILL)
            process.wait()
            throw NotServing(description: errors.text)
        }
        url = String(line[place.lowerBound...].dropFirst(4))
    }

    /// On a new ledger.
    convenience init() throws {
        try self.init(BuiltLedger())
    }

    deinit {
        process.send(SIGKILL)
        process.wait()
    }

    var processID: Int32 { process.id }

    /// What it said on standard error so far.
    var log: String { errors.text }

    /// Waits for a line on standard error; nil if it ended without it.
    func line(containing text: String) -> String? { errors.first(containing: text) }

    /// Sends a request with `curl`.
    func request(
        _ method: String, _ path: String, headers: [String] = [], body: Data? = nil
    ) throws -> Answer {
        var arguments = ["-sS", "-X", method, "-w", "\n%{http_code}", url + path]
        for header in headers { arguments += ["-H", header] }
        if body != nil { arguments += ["--data-binary", "@-"] }
        let result = try Shell.execute("curl", arguments, input: body)
        guard result.status == 0, let end = result.standardOutput.lastIndex(of: "\n"),
            let status = Int(result.standardOutput[end...].dropFirst())
        else { throw NotServing(description: result.standardError + errors.text) }
        return Answer(status: status, body: String(result.standardOutput[..<end]))
    }

    func signal(_ number: Int32) {
        process.send(number)
    }

    /// A new token, made at the ledger's file.
    func token(_ role: String) throws -> String {
        let output = try ledger.output("token", "create", "--role", role)
        return output.trimmingCharacters(in: .newlines)
    }

    /// Ends it as an operator would, and expects that it ends well.
    func endWell() {
        let ending = end()
        #expect(ending.exitCode == 0)
        #expect(ending.signal == nil)
    }

    /// Waits until it has ended.
    func wait() -> TestProcess.Ending { process.wait() }

    /// Ends it.
    @discardableResult
    func end(_ signal: Int32 = SIGTERM) -> TestProcess.Ending {
        process.send(signal)
        return process.wait()
    }
}

/// Reads lines as they come.
private final class Lines: @unchecked Sendable {
    // Guarded by `condition`.
    private let condition = NSCondition()
    private var bytes = Data()
    private var hasEnded = false

    init(_ descriptor: Int32) {
        Thread { [self] in
            var buffer = [UInt8](repeating: 0, count: 4096)
            while true {
                let count = read(descriptor, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                condition.lock()
                if count > 0 { bytes += buffer[..<count] } else { hasEnded = true }
                condition.broadcast()
                condition.unlock()
                if count <= 0 { break }
            }
            close(descriptor)
        }.start()
    }

    var text: String {
        condition.lock()
        defer { condition.unlock() }
        return String(decoding: bytes, as: UTF8.self)
    }

    func first(containing text: String) -> String? {
        condition.lock()
        defer { condition.unlock() }
        while true {
            let whole = bytes.prefix(through: bytes.lastIndex(of: 0x0A) ?? bytes.startIndex - 1)
            let lines = String(decoding: whole, as: UTF8.self).split(separator: "\n")
            if let line = lines.first(where: { $0.contains(text) }) { return String(line) }
            if hasEnded { return nil }
            condition.wait()
        }
    }
}
