import Foundation

/// Test data from public projects. It is not part of this repository: tests that need it are
/// skipped where the folder is absent.
public enum SharedVectors {
    /// `../shared/vectors` beside the package, or nil.
    public static let folder: String? = {
        let package = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let folder = package.deletingLastPathComponent().appendingPathComponent("shared/vectors")
        return FileManager.default.fileExists(atPath: folder.path) ? folder.path : nil
    }()

    public static var isThere: Bool { folder != nil }
}
