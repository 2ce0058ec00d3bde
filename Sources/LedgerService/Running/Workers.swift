import NIOPosix
import Synchronization

/// Threads for work that blocks, such as reading the ledger's file: so that it never keeps a
/// request from being taken that only waits.
final class Workers: TaskExecutor {
    private let pool: NIOThreadPool
    private let stopping = Atomic(false)

    init(threadCount: Int) {
        pool = NIOThreadPool(numberOfThreads: threadCount)
        pool.start()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = asUnownedTaskExecutor()
        pool.submit { _ in job.runSynchronously(on: executor) }
    }

    /// Runs `body` on one of the threads.
    func run<Result: Sendable>(
        _ body: @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withTaskExecutorPreference(self) { try await body() }
    }

    /// Whether whoever works for long should give up.
    var isStopping: Bool { stopping.load(ordering: .relaxed) }

    func interrupt() {
        stopping.store(true, ordering: .relaxed)
    }

    func stop() async {
        try? await pool.shutdownGracefully()
    }
}
