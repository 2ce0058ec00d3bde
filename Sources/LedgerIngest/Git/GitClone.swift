import Glibc
import LedgerCore

// GitClone.swift
//
// What is run is the `git` of the machine, so that credentials, proxies, keys and known hosts are
// as its user set them up:
//
//    git -C PATH fetch --quiet --no-tags origin +refs/heads/BRANCH:REF
//
// REF is refs/heads/BRANCH in a bare clone, where nobody works, and refs/remotes/origin/BRANCH in
// any other. A password or a host's key is never asked for: what needs one fails.

/// A clone on this machine that is brought up to date from its remote `origin`.
public struct GitClone: Sendable {
    public let path: String
    private let isBare: Bool

    /// - Throws: `usage` unless a repository lies at `path` itself.
    public init(at path: String) throws(LedgerError) {
        self.path = path
        isBare = access(path + "/HEAD", F_OK) == 0 && access(path + "/objects", F_OK) == 0
        guard isBare || access(path + "/.git", F_OK) == 0 else {
            throw LedgerError(
                .usage, "there is no clone at \(path)",
                advice: "make it: git clone --bare URL \(path)")
        }
    }

    /// Brings a branch; blocks until it is there.
    ///
    /// - Parameters:
    ///   - branch: such as `main`.
    ///   - seconds: after so many it is given up.
    ///   - hidden: variables that `git` and what it starts must not see.
    ///   - isCancelled: asked often; once true, it is given up.
    /// - Returns: the name by which `GitImportOptions` finds the branch as the remote has it.
    /// - Throws: `io` if `git` fails, with the last line that it said.
    public func fetch(
        _ branch: String, seconds: Int, hiding hidden: [String] = [],
        isCancelled: () -> Bool = { false }
    ) throws(LedgerError) -> String {
        // What begins so would be an option or another place; Git allows no such names.
        guard !branch.isEmpty, branch.utf8.first != UInt8(ascii: "-"),
            !branch.utf8.contains(where: { $0 <= 0x20 || ":*?[\\^~".utf8.contains($0) })
        else { throw LedgerError(.usage, "the forge names a branch that can't be one") }
        let name = (isBare ? "refs/heads/" : "refs/remotes/origin/") + branch
        var variables: [String: String?] = [
            "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C", "GIT_DIR": nil, "GIT_WORK_TREE": nil,
            "GIT_INDEX_FILE": nil, "GIT_NAMESPACE": nil,
        ]
        for variable in hidden { variables[variable] = .some(nil) }
        let command = BoundedCommand(
            arguments: [
                "git", "-C", path, "fetch", "--quiet", "--no-tags", "origin",
                "+refs/heads/\(branch):\(name)",
            ], variables: variables, milliseconds: Int64(seconds) * 1000)
        let (ending, standardError) = command.run(isCancelled: isCancelled)
        switch ending {
        case .exited(0): return isBare ? branch : "origin/" + branch
        case .exited, .signaled:
            throw LedgerError(
                .io, "git fetch failed in \(path): \(Self.lastLine(standardError))",
                advice: "try it by hand, as the user that serves: git -C \(path) fetch origin")
        case .outOfTime:
            throw LedgerError(.io, "git fetch in \(path) took more than \(seconds) s")
        case .cancelled:
            throw LedgerError(.io, "git fetch in \(path) was given up")
        case .notStarted(let reason):
            throw LedgerError(.io, "git fetch in \(path) did not start: \(reason)")
        }
    }

    /// The first error that it tells, else the last line.
    private static func lastLine(_ bytes: [UInt8]) -> String {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        let line = lines.first { $0.hasPrefix("fatal:") } ?? lines.last ?? "it said nothing"
        return GitText.line(SecretFreeText.text(of: String(line)), limit: 300) ?? ""
    }
}
