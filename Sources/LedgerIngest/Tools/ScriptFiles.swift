import Glibc
import LedgerCore

/// The files that may be scripts of a migration tool.
enum ScriptFiles {
    private static let fileLimit = 20_000
    private static let depthLimit = 6

    /// In these folders and those in them, by name.
    static func paths(in folders: [String]) -> [String] {
        var paths: [String] = []
        for folder in folders { collect(folder, 0, &paths) }
        return paths
    }

    private static func collect(_ folder: String, _ depth: Int, _ paths: inout [String]) {
        guard depth <= depthLimit, let stream = opendir(folder) else { return }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        for name in names.sorted() where paths.count < fileLimit {
            let path = folder == "." ? name : "\(folder)/\(name)"
            var status = stat()
            guard lstat(path, &status) == 0 else { continue }
            switch status.st_mode & S_IFMT {
            case S_IFDIR: collect(path, depth + 1, &paths)
            case S_IFREG where extensions.contains(ScriptPath(path).fileExtension):
                paths.append(path)
            default: break
            }
        }
    }

    private static let extensions: Set = ["sql", "py", "rb", "js", "ts", "go"]

    /// Nil for what can't be read, or is larger than an attachment may be.
    static func bytes(_ path: String) -> [UInt8]? {
        guard let script = try? RunScript.file(path) else { return nil }
        return script.bytes
    }
}
