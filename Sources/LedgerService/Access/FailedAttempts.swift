import LedgerCore

/// Slows down those who try credentials: each failure of an address within a minute makes its next
/// one wait longer, and at last it is told to come again. Good credentials never wait.
actor FailedAttempts {
    private struct Record {
        var count: Int
        var last: ContinuousClock.Instant
    }

    /// So many failures cost nothing: a mistyped token is no attack.
    private static let freeCount = 5
    private static let refusedCount = 60
    private static let memory = Duration.seconds(60)
    // Addresses that failed within `memory`, at most so many.
    private static let limit = 10_000
    private var records: [String: Record] = [:]

    /// - Throws: `tooMany` for an address that fails all the time.
    func failed(_ address: String) async throws(LedgerError) {
        let now = ContinuousClock.now
        if records.count >= Self.limit {
            records = records.filter { now - $0.value.last < Self.memory }
            if records.count >= Self.limit { records.removeAll() }
        }
        var record = records[address] ?? Record(count: 0, last: now)
        if now - record.last >= Self.memory { record.count = 0 }
        record.count += 1
        record.last = now
        records[address] = record
        if record.count > Self.refusedCount {
            throw LedgerError(
                .tooMany, "too many requests from \(address) had no valid credential",
                advice: "wait a minute")
        }
        if record.count > Self.freeCount {
            let milliseconds = min(2000, 50 << min(10, record.count - Self.freeCount))
            try? await Task.sleep(for: .milliseconds(milliseconds))
        }
    }
}
