import LedgerCore
import Synchronization

/// Bounds how often one principal may ask.
final class RequestRates: Sendable {
    private struct Window {
        var start: ContinuousClock.Instant
        var counts: [String: Int] = [:]
    }

    private let limit: Int
    private let window = Mutex(Window(start: .now))

    /// - Parameter limit: requests in a minute.
    init(limit: Int) {
        self.limit = limit
    }

    /// - Throws: `tooMany` beyond the limit.
    func take(_ principal: String) throws(LedgerError) {
        let isAllowed = window.withLock { window in
            let now = ContinuousClock.now
            if now - window.start >= .seconds(60) { window = Window(start: now) }
            window.counts[principal, default: 0] += 1
            return window.counts[principal, default: 0] <= limit
        }
        if !isAllowed {
            throw LedgerError(
                .tooMany, "more than \(limit) requests came with this token within a minute",
                advice: "wait a minute, or send several events in one request")
        }
    }
}
