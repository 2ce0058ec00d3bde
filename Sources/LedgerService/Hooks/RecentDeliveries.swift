import LedgerCore
import LedgerCrypto

/// Remembers which deliveries came, and what they were answered: a forge sends one again when it
/// did not hear the answer, or when somebody presses a button.
///
/// What is forgotten here makes no second event either, since its events have the same ids.
actor RecentDeliveries {
    struct Key: Hashable, Sendable {
        /// The hook's.
        let hook: String
        /// As the forge names the delivery. It is not signed: the bytes are.
        let delivery: String
        let body: Digest
    }

    private enum Standing {
        case running(Task<HookAnswer, any Error>)
        case answered(HookAnswer)

        var byteCount: Int { if case .answered(let answer) = self { answer.byteCount } else { 0 } }
    }

    private static let countLimit = 10_000
    private static let byteLimit = 16 << 20

    // At most `countLimit`, and at most `byteLimit` of answers in all. `order` has the same keys,
    // oldest first, from `oldest` on.
    private var standings: [Key: Standing] = [:]
    private var order: [Key] = []
    private var oldest = 0
    private var byteCount = 0

    /// Starts the work on a delivery, or gives that of the one that came before.
    func begin(
        _ key: Key, _ start: @Sendable () -> Task<HookAnswer, any Error>
    ) -> (work: Task<HookAnswer, any Error>, isRepeated: Bool) {
        switch standings[key] {
        case .running(let work): return (work, true)
        case .answered(let answer): return (Task { answer }, true)
        case nil:
            let work = start()
            standings[key] = .running(work)
            order.append(key)
            forgetOldest()
            return (work, false)
        }
    }

    func end(_ key: Key, _ answer: HookAnswer) {
        guard case .running = standings[key] else { return }
        standings[key] = .answered(answer)
        byteCount += answer.byteCount
        forgetOldest()
    }

    /// It failed, and may come again.
    func forget(_ key: Key) {
        guard standings.removeValue(forKey: key) != nil else { return }
        order.removeAll { $0 == key }
    }

    private func forgetOldest() {
        while standings.count > Self.countLimit || byteCount > Self.byteLimit, oldest < order.count
        {
            byteCount -= standings.removeValue(forKey: order[oldest])?.byteCount ?? 0
            oldest += 1
        }
        if oldest > Self.countLimit {
            order.removeFirst(oldest)
            oldest = 0
        }
    }
}
