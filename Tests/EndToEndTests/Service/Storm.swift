import Foundation
import TestSupport
import Testing

/// The programs in `Storm/`, which do to a running service what no well-behaved client does. Each
/// says at the end what it saw, and fails with what should not have been.
enum Storm {
    private static let folder = Torture.package + "/Tests/EndToEndTests/Service/Storm/"

    static func command(_ program: String, _ arguments: [String]) -> [String] {
        ["-B", folder + program] + arguments
    }

    /// Runs one to its end.
    ///
    /// - Returns: its figures.
    @discardableResult
    static func run(
        _ program: String, _ arguments: [String], comment: Comment? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> String {
        let result = try Shell.execute("python3", command(program, arguments))
        #expect(
            result.status == 0, "\(program) \(arguments.first ?? ""): \(result.standardError)",
            sourceLocation: sourceLocation)
        if result.status != 0, let comment {
            Issue.record(comment, sourceLocation: sourceLocation)
        }
        return result.standardOutput.trimmingCharacters(in: .newlines)
    }

    /// One that runs while the test goes on.
    final class Running {
        private let process: TestProcess
        private let output: String

        init(_ program: String, _ arguments: [String], in folder: TemporaryFolder) throws {
            output = folder.file("storm-\(UUID().uuidString)")
            process = try TestProcess(
                ["/usr/bin/env", "python3"] + Storm.command(program, arguments),
                folder: folder.path,
                variables: ProcessInfo.processInfo.environment,
                streams: [.file("/dev/null"), .file(output), .file(output + ".errors")])
        }

        deinit {
            process.send(SIGKILL)
            process.wait()
        }

        private func text(_ suffix: String = "") -> String {
            let bytes = FileManager.default.contents(atPath: output + suffix) ?? Data()
            return String(decoding: bytes, as: UTF8.self)
        }

        /// Waits until it has said this.
        func waitFor(_ word: String) throws {
            try EndToEndTests.waitFor("\(word): \(text(".errors"))") {
                text().contains(word + "\n") || process.hasEnded ? true : nil
            }
        }

        /// Waits for its end, and gives its last line.
        func figures(_ comment: Comment, sourceLocation: SourceLocation = #_sourceLocation)
            -> String
        {
            let ending = process.wait()
            #expect(
                ending.exitCode == 0 && ending.signal == nil, "\(comment): \(text(".errors"))",
                sourceLocation: sourceLocation)
            return text().split(separator: "\n").last.map(String.init) ?? ""
        }
    }

    /// Settings with these limits, such as `waiting: 2`.
    static func settings(_ limits: String, in folder: TemporaryFolder) throws -> [String] {
        let file = try folder.write("limits: {\(limits)}\n", to: "settings.yaml")
        return ["--listen", "127.0.0.1:0", "--config", file]
    }
}
