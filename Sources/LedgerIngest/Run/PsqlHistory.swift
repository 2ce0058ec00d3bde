import Glibc
import LedgerCore

/// A history file for one interactive psql: it begins as the person's own, so that the arrow keys find
/// what they found before, and what came to it goes there too.
public struct PsqlHistory: Sendable {
    /// For the variable `PSQL_HISTORY`.
    public let path: String
    private let own: String?
    private let before: [UInt8]

    /// - Parameters:
    ///   - folder: one that nobody else may look into.
    ///   - variables: those with which psql would start.
    public init(in folder: String, variables: [String: String]) throws(LedgerError) {
        path = "\(folder)/history"
        own = variables["PSQL_HISTORY"] ?? variables["HOME"].map { "\($0)/.psql_history" }
        let bytes = own.flatMap(Self.bytes) ?? []
        // What is typed must find room too.
        before = bytes.count <= EventSchema.attachmentByteLimit / 2 ? bytes : []
        guard Self.append(before, to: path) else {
            throw LedgerError(.io, "\(path): \(ErrnoText.text())")
        }
    }

    /// What was typed; nil if the file shows nothing.
    public func finish() -> RunScript? {
        guard let after = Self.bytes(path) else { return nil }
        let typed = TypedStatements(before: before, after: after)
        if typed.lines.isEmpty { return nil }
        if let own {
            // At the end: by now other sessions may have written there.
            _ = Self.append(typed.lines.flatMap { $0 + [UInt8(ascii: "\n")] }, to: own)
        }
        return RunScript(inline: typed.script)
    }

    private static func bytes(_ path: String) -> [UInt8]? {
        (try? RunScript.file(path))?.bytes
    }

    private static func append(_ bytes: [UInt8], to path: String) -> Bool {
        let flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK
        let descriptor = open(path, flags, 0o600)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return Descriptor.write(bytes[...], to: descriptor, unless: -1)
    }
}
