import Glibc

enum AbsolutePath {
    /// A path seen from the root with its links resolved, whether or not its file exists yet.
    static func text(_ path: String) -> String {
        if let real = resolved(path) { return real }
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        let folder = path.contains("/") ? String(path.dropLast(name.count)) : "."
        guard !path.hasSuffix("/"), let real = resolved(folder) else { return path }
        return real == "/" ? "/" + name : "\(real)/\(name)"
    }

    private static func resolved(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
    }
}
