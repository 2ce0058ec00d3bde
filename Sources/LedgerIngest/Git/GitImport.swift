import LedgerCore

// GitImport.swift
//
// The branch is followed from its tip along first parents, the line of what was merged into it.
// A commit there counts if it brings or changes a script and is
//    (1) a merge, of two parents or more, or
//    (2) a squash: one parent, and committed by a forge, or with a message that names the request
//        ("… (#12)", "See merge request g/p!12", "Merged PR 12"), or
//    (3) any other, if direct commits are included.
// A first walk, newest first, only compares trees and keeps the ids of those that count. A second
// makes their events, oldest first. So memory grows by some bytes for a merge, never by a script:
// of what the first walk finds, no more than `keptFilesLimit` paths are kept for the second.
//
// A service's walk ends at the newest merge that the ledger knows of it. That merge is told once
// more: if the last import was cut off between two of its scripts, the rest comes now, and the
// ledger answers what it has with the first receipt. All before it is known, as events come oldest
// first.

/// Reads what was merged into a branch, as events.
public struct GitImport {
    private let options: GitImportOptions
    let repository: GitRepository
    let branch: GitRepository.Branch
    let changes: TreeChanges
    private let events: MergeEvents

    /// Opens the repository and finds the branch.
    ///
    /// - Throws: `LedgerError` `usage` for a path or pattern that can't be used, `notFound` for a
    ///   repository or branch that isn't there, `io` for a repository that can't be read.
    public init(_ options: GitImportOptions) throws(LedgerError) {
        let paths = try ScriptPaths(
            options.services.map {
                (paths: $0.paths, readsChangelogs: $0.naming.tool == .liquibase)
            })
        let tickets = try TicketPattern(options.ticketPattern)
        if options.services.allSatisfy(\.paths.isEmpty) {
            throw LedgerError(
                .usage, "nothing says where the scripts are",
                advice: "give --service and --paths, such as --paths 'migrations/**', or list "
                    + "services in ledger.yaml")
        }
        self.options = options
        repository = try GitRepository(at: options.repository)
        branch = try repository.branch(named: options.branch)
        changes = TreeChanges(repository: repository, paths: paths)
        events = MergeEvents(
            repository: repository, ref: branch.ref, services: options.services, tickets: tickets)
    }

    /// `source` of the events: the repository by a name that every clone of it has.
    public var source: String { events.source }

    /// The branch's whole name, `refs/heads/main`: `git.ref` of the events.
    public var ref: String { branch.ref }

    /// Makes the events, oldest first.
    ///
    /// - Parameters:
    ///   - knows: whether the ledger has an event of this source for this commit and service. Nil
    ///     reads the whole branch, which is what an import with other paths, an earlier `since` or
    ///     direct commits needs: the ledger answers what it has with the first receipt.
    ///   - newestKnown: the newest commit of this source and `ref` that the ledger has; if it is
    ///     not on the branch any more, the report says so.
    ///   - onProgress: called now and then, at least once for each merge.
    ///   - record: takes each event; what it throws ends the import.
    public func run(
        knows: ((_ commit: String, _ service: String) -> Bool)? = nil, newestKnown: String? = nil,
        onProgress: (GitImportReport) -> Void = { _ in }, record: (Event) throws -> Void
    ) throws -> GitImportReport {
        var report = GitImportReport()
        report.branch =
            branch.ref.hasPrefix("refs/heads/") ? String(branch.ref.dropFirst(11)) : branch.ref
        let newest = newestKnown.flatMap(ObjectID.init(hex:))
        let found = try walk(knows: knows, until: newest, &report, onProgress)
        if let newest, !found.metNewest, report.shallowBoundary == nil,
            try !repository.isAncestor(newest, of: branch.tip)
        {
            report.rewrittenFrom = newest.hex
        }
        for merge in found.merges.reversed() {
            try tell(merge, &report, record)
            report.mergesDone += 1
            onProgress(report)
        }
        if found.merges.isEmpty, report.directCommits == 0 {
            report.matchedNothing = try !hasScripts(branch.tip)
        }
        return report
    }

    /// A commit that counts, and the services of which it brings scripts that are wanted.
    struct Merge {
        let id: ObjectID
        let services: Set<Int>
        /// What it brings; nil if that is to be found again.
        let files: [FileChange]?
    }

    private static let keptFilesLimit = 4096

    private func walk(
        knows: ((String, String) -> Bool)?, until newest: ObjectID?,
        _ report: inout GitImportReport, _ onProgress: (GitImportReport) -> Void
    ) throws(LedgerError) -> (merges: [Merge], metNewest: Bool) {
        var merges: [Merge] = []
        var metNewest = false
        var keptCount = 0
        let shallow = try repository.shallowCommits()
        // The services whose newest known merge has not been met yet.
        var wanted = Set(options.services.indices.filter { !options.services[$0].paths.isEmpty })
        var commit = try repository.commit(branch.tip)
        var tree = try repository.tree(commit.treeID)
        while true {
            report.commits += 1
            if report.commits % 512 == 0 { onProgress(report) }
            if commit.id == newest { metNewest = true }
            if shallow.contains(commit.id) {
                report.shallowBoundary = commit.id.hex
                break
            }
            let parent = try commit.firstParentID.map { id throws(LedgerError) in
                try repository.commit(id)
            }
            let parentTree = try parent.map { parent throws(LedgerError) in
                parent.treeID == commit.treeID ? tree : try repository.tree(parent.treeID)
            }
            if isRecent(commit), parent?.treeID != commit.treeID {
                var services: Set<Int> = []
                var files: [FileChange] = []
                try changes.find(from: parentTree, to: tree) { file in
                    services.insert(file.service)
                    if keptCount + files.count <= Self.keptFilesLimit { files.append(file) }
                }
                services.formIntersection(wanted)
                if !services.isEmpty {
                    if counts(commit) {
                        let isKept = keptCount + files.count <= Self.keptFilesLimit
                        if isKept { keptCount += files.count }
                        merges.append(
                            Merge(
                                id: commit.id, services: services, files: isKept ? files : nil))
                        report.merges += 1
                    } else {
                        report.directCommits += 1
                    }
                    // Also of a commit that counts no more: a forge called it a merge, or an import
                    // with direct commits took it.
                    if let knows {
                        let hex = commit.id.hex
                        wanted.subtract(services.filter { knows(hex, options.services[$0].name) })
                    }
                }
            }
            guard !wanted.isEmpty, let parent, let parentTree else { break }
            (commit, tree) = (parent, parentTree)
        }
        return (merges, metNewest)
    }

    // Clocks differ, so an older time does not mean that all before is older still.
    private func isRecent(_ commit: Commit) -> Bool {
        guard let since = options.since else { return true }
        return commit.seconds
            >= (since.milliseconds + 999).quotientAndRemainder(dividingBy: 1000).quotient
    }

    func counts(_ commit: Commit) -> Bool {
        commit.isMerge || options.isDirectIncluded || Forge.isSquash(commit)
    }

    func tell(
        _ merge: Merge, _ report: inout GitImportReport, _ record: (Event) throws -> Void
    ) throws {
        let commit = try repository.verifiedCommit(merge.id)
        let files = try (merge.files ?? files(of: commit)).filter {
            merge.services.contains($0.service)
        }
        try events.make(of: commit, files: files, report: &report, record: record)
    }

    private func files(of commit: Commit) throws(LedgerError) -> [FileChange] {
        let tree = try repository.tree(commit.treeID)
        let parentTree = try commit.firstParentID.map { id throws(LedgerError) in
            try repository.tree(try repository.commit(id).treeID)
        }
        var files: [FileChange] = []
        try changes.find(from: parentTree, to: tree) { files.append($0) }
        return files
    }

    private func hasScripts(_ id: ObjectID) throws(LedgerError) -> Bool {
        var isFound = false
        let tree = try repository.tree(try repository.commit(id).treeID)
        try changes.find(from: nil, to: tree) { _ in isFound = true }
        return isFound
    }
}
