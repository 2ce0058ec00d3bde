import CLibgit2
import Glibc
import LedgerCore

/// Turns libgit2's failures into errors that say what to do.
enum GitFailure {
    static func error(_ what: String, status: Int32, advice: String? = nil) -> LedgerError {
        LedgerError(.io, "\(what): \(lastMessage(status))", advice: advice)
    }

    static func opening(_ path: String, status: Int32) -> LedgerError {
        let message = lastMessage(status)
        // Without any safe.directory in the configuration, libgit2 1.5 says that this setting was
        // not found where it means that the owner is another.
        if status == GIT_EOWNER.rawValue || message.contains("safe.directory") {
            return LedgerError(
                .io,
                "the repository \(path) belongs to another user, so it is not read: its settings "
                    + "could name programs",
                advice:
                    "if you trust it: git config --global --add safe.directory \(root(of: path)) "
                    + "(libgit2 doesn't know *); or run as its owner")
        }
        if message.contains("objectformat") {
            return LedgerError(
                .io,
                "the repository \(path) names its objects by SHA-256, which libgit2 can't read",
                advice: "import from a clone with SHA-1 names, or record its merges with "
                    + "`ledger record` or a webhook")
        }
        if message.contains("partialclone") {
            return LedgerError(
                .io, "the repository \(path) is a partial clone, which lacks the scripts' bytes",
                advice: "clone it without --filter; --single-branch keeps the clone small")
        }
        if status == GIT_ENOTFOUND.rawValue {
            return LedgerError(
                .notFound, "\(path) is not in a Git repository",
                advice: "name the repository's folder: ledger import git PATH")
        }
        return LedgerError(.io, "the repository \(path) can't be opened: \(message)")
    }

    // The folder that safe.directory must name: the one with `.git`, or the bare repository.
    private static func root(of path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        var folder = String(cString: resolved)
        while !folder.isEmpty {
            let isBare =
                access(folder + "/HEAD", F_OK) == 0 && access(folder + "/objects", F_OK) == 0
            if isBare || access(folder + "/.git", F_OK) == 0 { return folder }
            folder = String(folder[..<(folder.lastIndex(of: "/") ?? folder.startIndex)])
        }
        return String(cString: resolved)
    }

    private static func lastMessage(_ status: Int32) -> String {
        guard let error = git_error_last(), let message = error.pointee.message else {
            return "libgit2 says error \(status)"
        }
        return GitText.decoded(message)
    }
}
