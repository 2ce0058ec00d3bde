import Dispatch
import LedgerCore
import LedgerCrypto
import Synchronization

/// Gives every accepted event its place in the ledger: the one writer of a process.
///
/// Requests that wait are written together, in one transaction: a disk that takes 5 ms to sync
/// then serves as many requests as came in those 5 ms. A request survives the cancellation of the
/// task that made it.
public final class Sequencer: Sendable {
    private struct Request {
        /// Of each part all are recorded or none.
        let parts: [[Submission]]
        let answer: CheckedContinuation<[Result<[Receipt], LedgerError>], Never>
    }

    /// So many requests may wait unless told otherwise.
    public static let waitingLimit = 4096
    /// At most so many requests are written in one transaction.
    private static let groupLimit = 512

    private struct State {
        // In order of arrival, at most `waitingLimit`.
        var waiting: [Request] = []
        // Somebody is writing, and will write what waits.
        var isRunning = false
        var recordedCount = 0
        var batches = Histogram([1, 2, 4, 8, 16, 32, 64, 128, 256, 512])
    }

    private let store: any EntryStore
    private let clock: Clock
    private let recorded: @Sendable () -> Void
    private let waitingLimit: Int
    // Writes block on locks and disks: they have a thread of their own, not one of the pool's.
    private let thread = DispatchQueue(label: "ledger.sequencer")
    private let state = Mutex(State())

    /// What was done so far.
    public struct Counts: Sendable {
        public let entries: Int
        /// Requests per transaction.
        public let batches: Histogram
        public let waiting: Int
    }

    public var counts: Counts {
        state.withLock {
            Counts(entries: $0.recordedCount, batches: $0.batches, waiting: $0.waiting.count)
        }
    }

    /// - Parameters:
    ///   - waitingLimit: beyond so many requests that wait, `submit` throws `busy`.
    ///   - recorded: called whenever entries may have become durable.
    public init(
        store: any EntryStore, clock: Clock = .system, waitingLimit: Int = Sequencer.waitingLimit,
        recorded: @escaping @Sendable () -> Void = {}
    ) {
        self.store = store
        self.waitingLimit = waitingLimit
        self.clock = clock
        self.recorded = recorded
    }

    /// Records the submissions, all or none, and returns once they are durable.
    public func submit(_ submissions: [Submission]) async throws(LedgerError) -> [Receipt] {
        let results = try await submit(parts: [submissions])
        guard let result = results.first else { throw .noReceipt }
        return try result.get()
    }

    /// Records each submission that can be recorded, in order, and returns once they are durable.
    public func submitEach(
        _ submissions: [Submission]
    ) async throws(LedgerError) -> [Result<Receipt, LedgerError>] {
        try await submit(parts: submissions.map { [$0] }).map { result in
            result.flatMap { $0.first.map(Result.success) ?? .failure(.noReceipt) }
        }
    }

    private func submit(
        parts: [[Submission]]
    ) async throws(LedgerError) -> [Result<[Receipt], LedgerError>] {
        let results = await withCheckedContinuation { answer in
            if !accept(Request(parts: parts, answer: answer)) { answer.resume(returning: []) }
        }
        // Every part has a result, unless the request was not accepted.
        if results.isEmpty, !parts.isEmpty {
            throw LedgerError(
                .busy, "\(waitingLimit) requests are waiting to be recorded", advice: "try again")
        }
        return results
    }

    /// False if too many wait already.
    private func accept(_ request: Request) -> Bool {
        let (isAccepted, begins) = state.withLock { state in
            guard state.waiting.count < waitingLimit else { return (false, false) }
            state.waiting.append(request)
            defer { state.isRunning = true }
            return (true, !state.isRunning)
        }
        if begins { thread.async { self.run() } }
        return isAccepted
    }

    /// Writes until nothing waits.
    private func run() {
        while let group = nextGroup() {
            let results = write(group.map(\.parts))
            let count = results.joined().reduce(0) { count, result in
                guard case .success(let receipts) = result else { return count }
                return count + receipts.count { !$0.isRepeat }
            }
            state.withLock { state in
                state.batches.add(Double(group.count))
                state.recordedCount += count
            }
            recorded()
            for (request, results) in zip(group, results) {
                request.answer.resume(returning: results)
            }
        }
    }

    private func nextGroup() -> [Request]? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isRunning = false
                return nil
            }
            let group = Array(state.waiting.prefix(Self.groupLimit))
            state.waiting.removeFirst(group.count)
            return group
        }
    }

    private func write(_ group: [[[Submission]]]) -> [[Result<[Receipt], LedgerError>]] {
        let (clock, sequencing) = (clock, Sequencing(log: store.log))
        do throws(LedgerError) {
            return try store.write { writer in
                try group.map { parts in
                    try parts.map { submissions in
                        do {
                            return .success(
                                try sequencing.place(submissions, in: writer, now: clock.now()))
                        } catch let error as LedgerError where error.code == .conflict {
                            return .failure(error)
                        }
                    }
                }
            }
        } catch {
            return group.map { parts in parts.map { _ in .failure(error) } }
        }
    }
}

extension LedgerError {
    /// A store that breaks its word.
    public static let noReceipt = LedgerError(.internal, "the ledger gave no receipt")
}
