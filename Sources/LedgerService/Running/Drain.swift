import LedgerCore
import Synchronization

/// The end of the service: what was accepted is done, what comes is told to go elsewhere.
final class Drain: Sendable {
    private struct State {
        var isDraining = false
        var activeCount = 0
    }

    private let state = Mutex(State())

    var isDraining: Bool { state.withLock(\.isDraining) }
    var activeCount: Int { state.withLock(\.activeCount) }

    func begin() {
        state.withLock { $0.isDraining = true }
    }

    /// Waits until nothing is being done any more, or so long.
    func wait(_ limit: Duration) async {
        let deadline = ContinuousClock.now + limit
        while activeCount > 0, ContinuousClock.now < deadline {
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Runs `body` as something that the end waits for.
    ///
    /// - Throws: `busy` once the end has begun.
    func during<Result>(_ body: () async throws -> Result) async throws -> Result {
        let isAccepted = state.withLock { state in
            if state.isDraining { return false }
            state.activeCount += 1
            return true
        }
        guard isAccepted else {
            throw LedgerError(.busy, "the service is about to end", advice: "try again")
        }
        defer { state.withLock { $0.activeCount -= 1 } }
        return try await body()
    }
}
