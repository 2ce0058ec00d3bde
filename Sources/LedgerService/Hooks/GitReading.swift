import LedgerCore
import LedgerIngest
import LedgerOperations
import Synchronization

/// Reads a repository on a thread of its own, while what was read before is recorded.
public final class GitReading: Sendable {
    private static let batchCount = 512

    /// To be taken until the end, or until an error.
    public let batches: Pipeline<EventBatch>
    private let found: Found

    private final class Found: Sendable {
        let report = Mutex<GitImportReport?>(nil)
    }

    /// The thread is the only one that uses it, until the end.
    private struct Repository: @unchecked Sendable {
        let git: GitImport
    }

    /// The merges that the ledger does not know yet.
    ///
    /// - Parameter known: the last commits that it knows, by service; nil reads all.
    public convenience init(
        _ git: GitImport, known: [(service: String, commit: String)]?,
        onProgress: @escaping @Sendable (GitImportReport) -> Void = { _ in }
    ) {
        let last = known.map { Dictionary($0.map { ($0.service, $0.commit) }) { $1 } }
        let newest = known?.last?.commit
        self.init(git) { git, record in
            try git.run(
                knows: last.map { last in { commit, service in last[service] == commit } },
                newestKnown: newest, onProgress: onProgress, record: record)
        }
    }

    /// One commit.
    convenience init(_ git: GitImport, only standing: GitImport.Standing) {
        self.init(git) { git, record in try git.run(only: standing, record: record) }
    }

    private init(
        _ git: GitImport,
        read:
            @escaping @Sendable (
                GitImport, (Event) throws -> Void
            ) throws -> GitImportReport
    ) {
        let repository = Repository(git: git)
        let found = Found()
        self.found = found
        batches = Pipeline(depth: 2) { give in
            var batch: EventBatch = []
            let report = try read(repository.git) { event in
                batch.append((batch.count + 1, event))
                guard batch.count == Self.batchCount else { return }
                guard give(batch) else { throw CancellationError() }
                batch.removeAll(keepingCapacity: true)
            }
            found.report.withLock { $0 = report }
            if !batch.isEmpty { _ = give(batch) }
        }
    }

    /// What there is to say once all batches were taken.
    public var report: GitImportReport? { found.report.withLock(\.self) }

    /// Lets the thread end.
    public func end() {
        batches.stop()
    }
}
