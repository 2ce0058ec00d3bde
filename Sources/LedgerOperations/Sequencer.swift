import Dispatch
import LedgerCore
import LedgerCrypto

/// Gives every accepted event its place in the ledger: the one writer of a process.
///
/// Requests that wait are written together, in one transaction: a disk that takes 5 ms to sync
/// then serves as many requests as came in those 5 ms. A request survives the cancellation of the
/// task that made it.
public actor Sequencer {
    private struct Request {
        /// Of each part all are recorded or none.
        let parts: [[Submission]]
        let answer: CheckedContinuation<[Result<[Receipt], LedgerError>], Never>
    }

    /// So many requests may wait unless told otherwise.
    public static let waitingLimit = 4096
    /// At most so many requests are written in one transaction.
    private static let groupLimit = 512

    private let store: any EntryStore
    private let clock: Clock
    private let recorded: @Sendable () -> Void
    // Writes block on locks and disks: they have a thread of their own, not one of the pool's.
    private let thread = DispatchQueue(label: "ledger.sequencer")
    private let waitingLimit: Int
    // In order of arrival, at most `waitingLimit`.
    private var waiting: [Request] = []
    private var isRunning = false
    private var recordedCount = 0
    private var batches = Histogram([1, 2, 4, 8, 16, 32, 64, 128, 256, 512])

    /// What was done so far.
    public struct Counts: Sendable {
        public let entries: Int
        /// Requests per transaction.
        public let batches: Histogram
        public let waiting: Int
    }

    public var counts: Counts {
        Counts(entries: recordedCount, batches: batches, waiting: waiting.count)
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
        guard waiting.count < waitingLimit else {
            throw LedgerError(
                .busy, "\(waiting.count) requests are waiting to be recorded", advice: "try again")
        }
        return await withCheckedContinuation { answer in
            waiting.append(Request(parts: parts, answer: answer))
            if !isRunning {
                isRunning = true
                Task { await self.run() }
            }
        }
    }

    private func run() async {
        while !waiting.isEmpty {
            let group = Array(waiting.prefix(Self.groupLimit))
            waiting.removeFirst(group.count)
            let results = await write(group.map(\.parts))
            batches.add(Double(group.count))
            for case .success(let receipts) in results.joined() {
                recordedCount += receipts.count { !$0.isRepeat }
            }
            for (request, results) in zip(group, results) {
                request.answer.resume(returning: results)
            }
            recorded()
        }
        isRunning = false
    }

    private func write(
        _ group: [[[Submission]]]
    ) async -> [[Result<[Receipt], LedgerError>]] {
        let (store, clock) = (store, clock)
        return await withCheckedContinuation { continuation in
            thread.async {
                continuation.resume(returning: Self.write(group, to: store, clock: clock))
            }
        }
    }

    private static func write(
        _ group: [[[Submission]]], to store: any EntryStore, clock: Clock
    ) -> [[Result<[Receipt], LedgerError>]] {
        let sequencing = Sequencing(log: store.log)
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
