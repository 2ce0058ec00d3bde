import Foundation
import LedgerCore
import LedgerIngest
import TestSupport

/// A repository made by the `git` command, with a clock and people of its own.
final class GitTestRepository {
    struct Person {
        let name: String
        let email: String

        static let ann = Person(name: "Ann", email: "ann@example.com")
        static let bob = Person(name: "Bob", email: "bob@example.com")
        static let gitHub = Person(name: "GitHub", email: "noreply@github.com")
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    static let start: Int64 = 1_767_225_600

    let folder: TemporaryFolder
    let path: String
    // A minute passes between two commits.
    private var minutes: Int64 = 0

    init(
        folder: TemporaryFolder? = nil, name: String = "shop", format: String = "sha1"
    ) throws {
        self.folder = try folder ?? TemporaryFolder()
        path = self.folder.file(name)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try git("init", "-q", "-b", "main", "--object-format=\(format)")
    }

    /// Runs `git` in the repository and gives back what it prints.
    @discardableResult
    func git(
        _ arguments: String..., author: Person = .ann, committer: Person? = nil, input: String = ""
    ) throws -> String {
        let committer = committer ?? author
        let date = "\(Self.start + minutes * 60) +0100"
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["git", "-C", path, "-c", "protocol.file.allow=always"] + arguments
        process.environment = [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
            "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": author.name, "GIT_AUTHOR_EMAIL": author.email,
            "GIT_COMMITTER_NAME": committer.name, "GIT_COMMITTER_EMAIL": committer.email,
            "GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date,
        ]
        let output = folder.file("output-\(UUID().uuidString)")
        _ = FileManager.default.createFile(atPath: output, contents: nil)
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
        let inputPath = try folder.write(input, to: "input-\(UUID().uuidString)")
        process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: inputPath))
        process.standardOutput = handle
        process.standardError = handle
        try process.run()
        process.waitUntilExit()
        let text = String(
            decoding: try Data(contentsOf: URL(fileURLWithPath: output)), as: UTF8.self)
        guard process.terminationStatus == 0 else {
            throw Failure(description: "git \(arguments.joined(separator: " ")): \(text)")
        }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Writes files (nil deletes one) and commits them; gives back the commit.
    @discardableResult
    func commit(
        _ files: KeyValuePairs<String, String?>, _ message: String = "a change",
        author: Person = .ann, committer: Person? = nil
    ) throws -> String {
        for (name, content) in files {
            if let content {
                try write(Data(content.utf8), to: name)
            } else {
                try FileManager.default.removeItem(atPath: path + "/" + name)
            }
        }
        minutes += 1
        try git("add", "-A")
        try git(
            "commit", "-q", "--allow-empty", "-m", message, author: author, committer: committer)
        return try git("rev-parse", "HEAD")
    }

    func write(_ content: Data, to name: String) throws {
        let file = URL(fileURLWithPath: path + "/" + name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try content.write(to: file)
    }

    /// Commits on a new branch from `main`, and merges it into `main`; gives back the merge.
    @discardableResult
    func merge(
        _ files: KeyValuePairs<String, String?>, branch: String? = nil, _ message: String? = nil,
        commitMessage: String = "write it", author: Person = .ann, merger: Person = .bob,
        mergeAuthor: Person? = nil
    ) throws -> String {
        let branch = branch ?? "work-\(minutes)"
        try git("checkout", "-q", "-b", branch, "main")
        try commit(files, commitMessage, author: author)
        return try merge(branches: branch, message, merger: merger, mergeAuthor: mergeAuthor)
    }

    /// Merges branches that are there into `main`.
    @discardableResult
    func merge(
        branches: String..., message: String? = nil, merger: Person = .bob,
        mergeAuthor: Person? = nil
    ) throws -> String {
        try merge(branches, message, merger, mergeAuthor)
    }

    private func merge(
        branches branch: String, _ message: String?, merger: Person, mergeAuthor: Person?
    ) throws -> String {
        try merge([branch], message, merger, mergeAuthor)
    }

    private func merge(
        _ branches: [String], _ message: String?, _ merger: Person, _ mergeAuthor: Person?
    ) throws -> String {
        minutes += 1
        try git("checkout", "-q", "main")
        // `git merge` has no list of arguments here, since `git` takes them one by one.
        let text = message ?? "Merge branch '\(branches.joined(separator: "', '"))'"
        switch branches.count {
        case 1:
            try git(
                "merge", "-q", "--no-ff", "-m", text, branches[0], author: mergeAuthor ?? merger,
                committer: merger)
        default:
            try git(
                "merge", "-q", "--no-ff", "-m", text, branches[0], branches[1],
                author: mergeAuthor ?? merger, committer: merger)
        }
        return try git("rev-parse", "HEAD")
    }

    /// Imports `orders` from `migrations/**`, unless other options are given.
    func importing(
        paths: [String] = ["migrations/**"], tool: MigrationTool? = nil, direct: Bool = false,
        branch: String? = nil, since: Timestamp? = nil, at path: String? = nil,
        ticketPattern: String? = nil
    ) throws -> GitImport {
        try GitImport(
            GitImportOptions(
                repository: path ?? self.path,
                services: [
                    .init(name: "orders", paths: paths, naming: try ChangeNaming(tool: tool))
                ], branch: branch, since: since, isDirectIncluded: direct,
                ticketPattern: ticketPattern))
    }
}

extension GitImport {
    /// The events and the report of a run.
    func all(
        knows: ((String, String) -> Bool)? = nil, newestKnown: String? = nil
    ) throws -> (events: [Event], report: GitImportReport) {
        var events: [Event] = []
        let report = try run(knows: knows, newestKnown: newestKnown) { events.append($0) }
        return (events, report)
    }
}

extension Event {
    func person(_ name: String) -> String? { privateMembers[[name, "id"]]?.string }
    func privateText(_ name: String) -> String? { privateMembers[name]?.string }

    func attached(_ name: String) -> String? {
        attachments.first { $0.name == name }.map { String(decoding: $0.bytes, as: UTF8.self) }
    }
}
