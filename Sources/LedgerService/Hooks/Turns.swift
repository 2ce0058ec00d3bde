import LedgerCore

/// Lets one at a time do something, in the order in which they came.
actor Turns {
    private static let limit = 256
    // Who came last, and how many have not ended: at most `limit`.
    private var last: Task<Void, Never>?
    private var count = 0

    /// - Throws: `busy` if too many wait.
    func take<Result: Sendable>(
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        guard count < Self.limit else {
            throw LedgerError(.busy, "\(count) merges are waiting for the same clone")
        }
        count += 1
        defer { count -= 1 }
        let before = last
        let turn = Task {
            await before?.value
            return try await body()
        }
        last = Task { _ = await turn.result }
        return try await turn.value
    }
}
