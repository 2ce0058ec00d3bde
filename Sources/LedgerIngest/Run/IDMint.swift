import LedgerCore
import LedgerCrypto
import Synchronization

/// Makes ids that sort in the order in which this process made them.
public final class IDMint: Sendable {
    public static let shared = IDMint()

    private struct State: @unchecked Sendable {
        // Used under the mutex that holds it.
        var random = SecureRandom()
        var last: Int64 = 0
    }

    private let state = Mutex(State())

    public init() {}

    public func next() -> String {
        state.withLock { state in
            state.last = max(RunClock.now().milliseconds, state.last + 1)
            return TimeOrderedID.text(time: state.last, random: state.random.bytes(10))
        }
    }
}
