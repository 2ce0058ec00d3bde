import LedgerIngest

/// Runs tasks on one thread of its own.
///
/// What records may block: on a file's lock, on a disk, on a network that is silent. On the shared
/// pool, which has one thread on a machine with one core, that would stop everything else.
final class ThreadExecutor: TaskExecutor {
    private struct Queue {
        var jobs: [UnownedJob] = []
        var isStopped = false

        mutating func next() -> Next? {
            if !jobs.isEmpty { return .job(jobs.removeFirst()) }
            return isStopped ? .end : nil
        }
    }

    private enum Next {
        case job(UnownedJob)
        case end
    }

    private let queue = Monitor(Queue())

    init() {
        let queue = queue
        WorkerThread { [weak self] in
            while case .job(let job)? = queue.wait({ $0.next() }), let executor = self {
                job.runSynchronously(on: executor.asUnownedTaskExecutor())
            }
        }.detach()
    }

    deinit {
        queue.change { $0.isStopped = true }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.change { $0.jobs.append(job) }
    }

    /// Runs one task to its end, and blocks for it.
    func run<Result: Sendable>(_ body: @escaping @Sendable () async -> Result) -> Result {
        let result = Monitor(Result?.none)
        Task.detached(executorPreference: self) {
            let value = await body()
            result.change { $0 = value }
        }
        while true {
            if let value = result.wait({ $0 }) { return value }
        }
    }
}
