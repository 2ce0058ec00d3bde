/// A time within which something must be done.
public enum Deadline {
    public struct Passed: Error {
        public let limit: Duration
    }

    /// - Throws: `Passed` if `body` takes longer; it is cancelled then.
    public static func run<Result: Sendable>(
        within limit: Duration, _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let result = first else {
                throw Passed(limit: limit)
            }
            return result
        }
    }
}
