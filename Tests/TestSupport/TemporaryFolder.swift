import Foundation

/// A folder of a test's own, removed with it.
public final class TemporaryFolder: Sendable {
    public let path: String

    public init() throws {
        path = NSTemporaryDirectory() + "ledger-test-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    public func file(_ name: String) -> String {
        path + "/" + name
    }

    @discardableResult
    public func write(_ text: String, to name: String) throws -> String {
        let url = URL(fileURLWithPath: file(name))
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
        return url.path
    }

    /// Writes a shell script that can be run at once.
    ///
    /// A child writes it: what another thread starts at that moment would inherit our descriptor,
    /// and a file that somebody has open to write can't be executed.
    @discardableResult
    public func writeProgram(_ text: String, to name: String) throws -> String {
        let draft = try write(text, to: name + ".draft")
        let path = file(name)
        let made = try Shell.run("install", ["-m", "755", draft, path])
        guard made.status == 0 else { throw CocoaError(.fileWriteUnknown) }
        return path
    }
}
