import Foundation

/// Runs real commands.
public enum Shell {
    /// Gives the exit status, and standard output and error as one text.
    public static func run(
        _ command: String, _ arguments: [String], input: String? = nil,
        environment: [String: String] = [:], folder: String? = nil
    ) throws -> (status: Int32, output: String) {
        let result = try execute(
            command, arguments, input: input.map { Data($0.utf8) }, environment: environment,
            folder: folder)
        return (result.status, result.standardOutput + result.standardError)
    }

    public struct Result: Sendable {
        public let status: Int32
        public let standardOutput: String
        public let standardError: String
    }

    /// Runs a command from PATH, or a path, with these variables besides PATH and HOME.
    public static func execute(
        _ command: String, _ arguments: [String], input: Data? = nil,
        environment: [String: String] = [:], folder: String? = nil
    ) throws -> Result {
        let process = Process()
        process.executableURL = URL(
            fileURLWithPath: command.contains("/") ? command : "/usr/bin/env")
        process.arguments = command.contains("/") ? arguments : [command] + arguments
        var variables = ["LC_ALL": "C.UTF-8", "TZ": "UTC"]
        for name in ["PATH", "HOME", "LD_LIBRARY_PATH"] {
            variables[name] = ProcessInfo.processInfo.environment[name]
        }
        process.environment = variables.merging(environment) { $1 }
        if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
        // Files, not pipes: nothing has to be read while the command runs.
        let scratch = try TemporaryFolder()
        let (output, error) = (scratch.file("out"), scratch.file("err"))
        for path in [output, error] { try Data().write(to: URL(fileURLWithPath: path)) }
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: error))
        if let input {
            let path = scratch.file("in")
            try input.write(to: URL(fileURLWithPath: path))
            process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        } else {
            process.standardInput = FileHandle.nullDevice
        }
        try process.run()
        process.waitUntilExit()
        let status =
            process.terminationReason == .uncaughtSignal
            ? 128 + process.terminationStatus : process.terminationStatus
        return Result(
            status: status, standardOutput: try text(output), standardError: try text(error))
    }

    private static func text(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    }
}
