import Synchronization

/// A `Progress` that threads share; the largest number is shown.
final class ProgressBox: Sendable {
    private struct State: @unchecked Sendable {
        // Used under the mutex.
        let progress: Progress
        var largest: Int64 = 0
    }

    private let state: Mutex<State>

    init(_ what: String) {
        state = Mutex(State(progress: Progress(what)))
    }

    func show(_ count: Int64) {
        state.withLock { state in
            guard count > state.largest else { return }
            state.largest = count
            state.progress.show(count)
        }
    }

    func end() {
        state.withLock { $0.progress.end() }
    }
}
