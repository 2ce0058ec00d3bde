import Foundation

/// The python3 command, where it is installed: another program's reading of what we write.
enum Python {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    static let isThere = canRun("pass")
    static let hasJSONSchema = canRun("import jsonschema")

    /// Runs a script with arguments and gives back its standard output.
    @discardableResult
    static func run(_ script: String, _ arguments: String...) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script] + arguments
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let text = String(
            decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let complaint = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        if process.terminationStatus != 0 {
            throw Failure(description: String(decoding: complaint, as: UTF8.self))
        }
        return text
    }

    private static func canRun(_ script: String) -> Bool {
        (try? run(script)) != nil
    }
}
