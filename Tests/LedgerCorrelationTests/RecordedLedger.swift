import LedgerCore
import TestSupport

@testable import LedgerOperations

/// A ledger in a folder of its own, with some events.
struct RecordedLedger {
    let folder: TemporaryFolder
    private let path: String

    init(_ events: [Event]) async throws {
        folder = try TemporaryFolder()
        path = folder.file("ledger.db")
        try LocalLedger.create(at: path, log: "local/test")
        let ledger = try LocalLedger(path: path, principal: Principal(kind: .local, id: "0"))
        _ = try await ledger.record(events, source: "test")
        try ledger.close()
    }

    /// - Parameter lines: an event on each.
    init(_ lines: String) async throws {
        try await self.init(
            lines.split(separator: "\n").map { try EventReader.read(Array($0.utf8)) })
    }

    func view(clock: Clock = .system) throws -> LocalView {
        try LocalView(path: path, clock: clock)
    }
}
