import LedgerClient
import LedgerCore
import LedgerCrypto
import LedgerIngest
import Synchronization

typealias LedgerIngestRequest = RunRequest
typealias LedgerIngestSurroundings = RunSurroundings

/// A ledger in memory that can be told when to fail.
final class Recorder: Sendable {
    private struct State {
        var events: [Event] = []
        var failure: LedgerError?
        var failsAfter: Int
        var refused: Set<String> = []
    }

    private let state: Mutex<State>

    init(failsAfter: Int = .max) {
        state = Mutex(State(failsAfter: failsAfter))
    }

    /// The names of the changes in the order in which they were recorded.
    var changes: [String] {
        state.withLock { $0.events.compactMap { $0.string("change", "id") } }
    }

    var ids: [String] { state.withLock { $0.events.compactMap(\.id) } }

    /// From now on every event is answered so; nil for a receipt.
    func fail(with error: LedgerError?) {
        state.withLock { $0.failure = error }
    }

    /// Refuses events of this change.
    func refuse(change: String) {
        state.withLock { _ = $0.refused.insert(change) }
    }

    var record: Record {
        { [self] events async throws(LedgerError) -> [Receipt] in
            let result = state.withLock { state -> Result<Int, LedgerError> in
                if let failure = state.failure { return .failure(failure) }
                if state.events.count >= state.failsAfter {
                    return .failure(LedgerError(.io, "it is gone"))
                }
                if events.contains(where: {
                    state.refused.contains($0.string("change", "id") ?? "")
                }) {
                    return .failure(LedgerError(.invalidEvent, "not like this"))
                }
                // As a ledger does: the same id again gets the first receipt.
                for event in events where !state.events.contains(where: { $0.id == event.id }) {
                    state.events.append(event)
                }
                return .success(state.events.count - 1)
            }
            let index = try result.get()
            return events.map { _ in
                Receipt(index: Int64(index), hash: .zero, time: Timestamp(milliseconds: 0))
            }
        }
    }
}
