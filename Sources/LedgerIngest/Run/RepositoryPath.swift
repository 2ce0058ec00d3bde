import Glibc

/// A script's path in the repository that it lies in, as a merge of it names it.
enum RepositoryPath {
    /// Nil if the file is not there or in no work tree.
    static func find(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        let whole = String(cString: resolved)
        var folder = whole[...]
        while let slash = folder.lastIndex(of: "/") {
            folder = folder[..<slash]
            if access("\(folder)/.git", F_OK) == 0 {
                return String(whole[whole.index(after: slash)...])
            }
        }
        return nil
    }
}
