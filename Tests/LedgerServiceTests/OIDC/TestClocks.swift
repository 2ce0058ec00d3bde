import LedgerOperations
import Synchronization

/// Clocks that stand still until the test moves them.
final class TestClocks: Sendable {
    private let start = ContinuousClock.now
    // Since the start, in seconds.
    private let passed = Mutex<Int64>(0)

    func pass(_ seconds: Int64) {
        passed.withLock { $0 += seconds }
    }

    /// 2026-01-01T00:00:00Z at the start.
    var wall: Clock {
        Clock { [self] in (1_767_225_600 + passed.withLock { $0 }) * 1000 }
    }

    var uptime: @Sendable () -> ContinuousClock.Instant {
        { [self] in start + .seconds(passed.withLock { $0 }) }
    }
}
