import Foundation
import TestSupport

/// A repository with a branch `main`, and a bare clone of it, made by the `git` command.
struct GitFolder {
    let folder: TemporaryFolder
    let origin: String
    let clone: String

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    init() throws {
        folder = try TemporaryFolder()
        origin = folder.file("orders")
        clone = folder.file("clone.git")
        try Self.run(folder.path, ["init", "-q", "-b", "main", origin])
        try commit(["README.md": "orders"], "begin")
        try Self.run(folder.path, ["clone", "-q", "--bare", origin, clone])
    }

    @discardableResult
    private static func run(_ folder: String, _ arguments: [String]) throws -> String {
        var variables = ["GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"]
        for role in ["AUTHOR", "COMMITTER"] {
            variables["GIT_\(role)_NAME"] = "Bob"
            variables["GIT_\(role)_EMAIL"] = "bob@example.com"
        }
        let result = try Shell.execute("git", arguments, environment: variables, folder: folder)
        guard result.status == 0 else {
            throw Failure(description: "git \(arguments): \(result.standardError)")
        }
        return result.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    @discardableResult
    func git(_ arguments: String...) throws -> String { try Self.run(origin, arguments) }

    func configureClone(_ name: String, _ value: String) throws {
        try Self.run(clone, ["config", name, value])
    }

    /// Commits on the branch that is checked out; gives the commit.
    @discardableResult
    func commit(_ files: [String: String], _ message: String = "a change") throws -> String {
        for (name, text) in files { try folder.write(text, to: "orders/" + name) }
        try git("add", "-A")
        try git("commit", "-q", "--allow-empty", "-m", message)
        return try git("rev-parse", "HEAD")
    }

    /// Merges a branch with these files into `branch`; gives the merge.
    @discardableResult
    func merge(_ files: [String: String], into branch: String = "main") throws -> String {
        try git("checkout", "-q", "-b", "work", branch)
        try commit(files)
        try git("checkout", "-q", branch)
        try git("merge", "-q", "--no-ff", "-m", "Merge branch 'work'", "work")
        try git("branch", "-q", "-D", "work")
        return try git("rev-parse", "HEAD")
    }

    /// Makes every fetch wait until `release` was called, once for each.
    ///
    /// - Returns: a file in which each fetch leaves its process's number and then its variables.
    func holdFetches() throws -> String {
        let (gate, seen) = (folder.file("gate"), folder.file("seen"))
        guard mkfifo(gate, 0o600) == 0 else { throw Failure(description: "no fifo") }
        let script = try folder.writeProgram(
            """
            #!/bin/sh
            { echo $$; env; } > '\(seen)'
            read _ < '\(gate)'
            exec git-upload-pack "$@"
            """, to: "upload-pack")
        try configureClone("remote.origin.uploadpack", script)
        return seen
    }

    /// Lets one fetch go on; waits for it to come.
    func release() throws {
        let gate = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.file("gate")))
        try gate.write(contentsOf: Data("go\n".utf8))
        try gate.close()
    }
}
