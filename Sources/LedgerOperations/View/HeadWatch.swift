import Dispatch
import LedgerCore
import LedgerStore
import Synchronization

/// Tells all who wait for new entries of a file when there are some, whichever process recorded
/// them.
///
/// One look at the file serves all: each `interval`, sooner after `nudge`, and none while nobody
/// waits.
public actor HeadWatch {
    public enum News: Sendable, Equatable {
        /// The index of the last entry, beyond the one that was asked about.
        case head(Int64)
        /// Nothing was recorded for as long as was asked.
        case nothing
        /// The watch has ended, or who waited was cancelled.
        case ended
    }

    private struct Waiter {
        let index: Int64
        let deadline: ContinuousClock.Instant
        let answer: CheckedContinuation<Result<News, LedgerError>, Never>
    }

    public static let interval = Duration.milliseconds(250)
    /// However often something is recorded, looks are at least this far apart.
    private static let rest = Duration.milliseconds(20)

    private let path: String
    // Opening a file blocks: not on one of the pool's threads.
    private let thread = DispatchQueue(label: "ledger.head-watch")
    private nonisolated let isLooking = Atomic(false)
    private nonisolated let isNudged = Atomic(false)
    private var last: Int64 = -1
    private var waiting: [UInt64: Waiter] = [:]
    private var nextID: UInt64 = 0
    private var pause: Task<Void, Never>?
    private var isEnded = false

    public init(path: String) {
        self.path = path
    }

    /// Says that something was recorded. Costs nothing while nobody waits.
    public nonisolated func nudge() {
        guard isLooking.load(ordering: .relaxed),
            !isNudged.exchange(true, ordering: .relaxed)
        else { return }
        Task { await self.wake() }
    }

    /// Waits until there are entries after `index`, but not longer than `patience`.
    ///
    /// - Throws: why the file can't be read; `damaged` if it has fewer entries than that.
    public func news(
        after index: Int64, within patience: Duration
    ) async throws(LedgerError) -> News {
        if isEnded { return .ended }
        if last > index { return .head(last) }
        let id = nextID
        nextID += 1
        let deadline = ContinuousClock.now + patience
        let result: Result<News, LedgerError> = await withTaskCancellationHandler {
            await withCheckedContinuation { answer in
                if Task.isCancelled { return answer.resume(returning: .success(.ended)) }
                waiting[id] = Waiter(index: index, deadline: deadline, answer: answer)
                if !isLooking.exchange(true, ordering: .relaxed) { Task { await self.look() } }
            }
        } onCancel: {
            Task { await self.leave(id) }
        }
        return try result.get()
    }

    /// Sends everybody away, for good.
    public func end() {
        isEnded = true
        for id in waiting.keys { leave(id) }
        pause?.cancel()
    }

    private func leave(_ id: UInt64) {
        waiting.removeValue(forKey: id)?.answer.resume(returning: .success(.ended))
    }

    private func wake() {
        pause?.cancel()
    }

    private func look() async {
        while !waiting.isEmpty {
            isNudged.store(false, ordering: .relaxed)
            answer(with: await readHead())
            try? await Task.sleep(for: Self.rest)
            if isNudged.load(ordering: .relaxed) || isEnded { continue }
            let pause = Task<Void, Never> { try? await Task.sleep(for: Self.interval - Self.rest) }
            self.pause = pause
            await pause.value
            self.pause = nil
        }
        isLooking.store(false, ordering: .relaxed)
    }

    private func readHead() async -> Result<Int64, LedgerError> {
        let path = path
        return await withCheckedContinuation { continuation in
            thread.async {
                let head = Result { () throws(LedgerError) in
                    try SQLiteEntryReader(path: path).head().index
                }
                continuation.resume(returning: head)
            }
        }
    }

    private func answer(with head: Result<Int64, LedgerError>) {
        let now = ContinuousClock.now
        for (id, waiter) in waiting {
            guard let answer = answer(for: waiter, head, now) else { continue }
            waiting[id] = nil
            waiter.answer.resume(returning: answer)
        }
        if case .success(let index) = head { last = index }
    }

    private func answer(
        for waiter: Waiter, _ head: Result<Int64, LedgerError>, _ now: ContinuousClock.Instant
    ) -> Result<News, LedgerError>? {
        switch head {
        case .success(let index) where index > waiter.index: .success(.head(index))
        case .success(let index) where index < waiter.index:
            .failure(
                LedgerError(
                    .damaged, "\(path) had entry #\(waiter.index), and now ends with #\(index)",
                    advice: "see whether another file was put in its place"))
        // Who writes holds it for a moment.
        case .failure(let error) where error.code != .busy: .failure(error)
        case .success, .failure: waiter.deadline <= now ? .success(.nothing) : nil
        }
    }
}
