import Foundation
import LedgerCore
import Testing

/// The package's own files, and the other implementation: Python.
enum PackageFiles {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    static func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: root + "/" + path)))
    }

    static func object(_ path: String) throws -> JSONObject {
        try #require(try JSONReader.read(bytes(path)).object)
    }

    static let hasPython = (try? python("-c", "").status) == 0
    static let hasJSONSchema = (try? python("-c", "import jsonschema.validators").status) == 0

    /// Runs `python3` at the package's root; output holds standard output and standard error.
    static func python(_ arguments: String...) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-W", "ignore"] + arguments
        process.currentDirectoryURL = URL(fileURLWithPath: root)
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }
}

extension JSONObject {
    func text(_ name: String) throws -> String {
        try #require(self[name]?.string, "no \(name)")
    }
}

func bytes(hex: String) throws -> [UInt8] {
    let digits = Array(hex.utf8)
    return try stride(from: 0, to: digits.count, by: 2).map { place in
        try #require(UInt8(String(decoding: digits[place..<place + 2], as: UTF8.self), radix: 16))
    }
}
