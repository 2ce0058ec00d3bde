import LedgerCore
import LedgerIngest
import LedgerOperations

// MergeResolver.swift
//
// A hook tells that something was merged, and Git tells what:
//    (1) `git fetch` brings the branch,
//    (2) what is new on the clone's own branch is imported as `ledger import git` does it, so that
//        merges whose hooks were lost come too,
//    (3) the events of the hook's merge get what only the forge knows.
// If (2) does not come past the merge, because it went into another branch, was imported before, or
// is none in the eyes of Git (a rebase, a fast-forward), its commit is read on its own.

/// Finds in clones which scripts merges brought, and records them.
final class MergeResolver: Sendable {
    private let ledger: LocalLedger
    private let views: Views
    private let workers: Workers
    private let fetchSeconds: Int
    private let hiddenVariables: [String]
    /// By the clone's path: two at once would only wait for each other's locks.
    private let turns: [String: Turns]

    init(ledger: LocalLedger, views: Views, workers: Workers, settings: ServiceSettings) {
        self.ledger = ledger
        self.views = views
        self.workers = workers
        fetchSeconds = settings.limits.fetchSeconds
        hiddenVariables = settings.secretVariables + ["LEDGER_TOKEN"]
        let paths = Set(settings.hooks.flatMap { $0.clones.values.map(\.git.path) })
        turns = Dictionary(uniqueKeysWithValues: paths.map { ($0, Turns()) })
    }

    struct Job: Sendable {
        let merge: HookMerge
        let clone: HookSettings.Clone
        let ticketPattern: String?
        let principal: Principal
    }

    struct Found: Sendable {
        /// Of the merge's own scripts.
        var receipts: [Receipt] = []
        /// Whether that is all it can have brought. A rebase or fast-forward may have put several
        /// commits on the branch, and only the last one is told.
        var isWhole = true
        /// Of the import, for the log.
        var remarks: [String] = []
    }

    /// - Throws: if Git fails, or doesn't have the merge on its branch.
    func resolve(_ job: Job) async throws -> Found {
        guard let turns = turns[job.clone.git.path] else {
            throw LedgerError(.internal, "the clone \(job.clone.git.path) is not of the settings")
        }
        return try await turns.take { [self] in
            try await workers.run { try await read(job) }
        }
    }

    private func read(_ job: Job) async throws -> Found {
        let prefix = "refs/heads/"
        guard let ref = job.merge.ref, ref.hasPrefix(prefix) else {
            throw LedgerError(.notFound, "the forge doesn't say into which branch")
        }
        let branch = try job.clone.git.fetch(
            String(ref.dropFirst(prefix.utf8.count)), seconds: fetchSeconds,
            hiding: hiddenVariables, isCancelled: { [workers] in workers.isStopping })
        var options = GitImportOptions(
            repository: job.clone.git.path, services: job.clone.services,
            ticketPattern: job.ticketPattern)
        // A clone of which nothing is checked out may have no branch of its own.
        let ownRef = try? GitImport(options).ref
        options.branch = branch
        let git = try GitImport(options)
        var found = Found()
        if git.ref == ownRef {
            let known = try views.open(.admin).lastMerges(source: git.source, ref: git.ref)
            try await record(GitReading(git, known: known), git.source, job, into: &found)
        }
        if !found.receipts.isEmpty { return found }
        guard let standing = try git.standing(of: job.merge.commit) else {
            throw LedgerError(
                .notFound, "the branch of the clone doesn't lead to the commit of the merge")
        }
        if standing.bringsScripts {
            try await record(GitReading(git, only: standing), git.source, job, into: &found)
        }
        found.isWhole = standing.isMerge
        return found
    }

    private func record(
        _ reading: GitReading, _ source: String, _ job: Job, into found: inout Found
    ) async throws {
        defer { reading.end() }
        while let batch = try reading.batches.next() {
            if workers.isStopping { throw LedgerError(.busy, "the service ends") }
            var events: [Event] = []
            var own: Set<Int> = []
            for (place, item) in batch.enumerated() {
                let isOwn = Self.isCommit(item.event.string("git", "commit"), of: job.merge)
                if isOwn { own.insert(place) }
                events.append(isOwn ? try job.merge.completing(item.event) : item.event)
            }
            let results = try await ledger.recordEach(events, source: source, as: job.principal)
            for (place, result) in results.enumerated() {
                let receipt = try result.get()
                if own.contains(place) { found.receipts.append(receipt) }
            }
        }
        found.remarks += reading.report?.remarks ?? []
    }

    private static func isCommit(_ id: String?, of merge: HookMerge) -> Bool {
        merge.commit.utf8.count >= GitImport.commitDigitCount
            && id?.utf8.starts(with: merge.commit.utf8) == true
    }
}
