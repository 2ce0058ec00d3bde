import LedgerCore
import Synchronization
import TestSupport

@testable import LedgerOperations

/// A ledger in a folder of its own, with some events.
///
/// Suites that make many are serialized: with over a thousand open files in one process, Foundation's
/// `Process` reads beyond the list of them and crashes.
struct RecordedLedger {
    let folder: TemporaryFolder
    let path: String

    /// - Parameter recorded: when each of the events is recorded; now if left out.
    init(_ events: [Event], recorded: [Int64]? = nil) async throws {
        folder = try TemporaryFolder()
        path = folder.file("ledger.db")
        try LocalLedger.create(at: path, log: "local/test")
        let times = Mutex((recorded ?? [])[...])
        let system = Clock.system
        let ledger = try LocalLedger(
            path: path, principal: Principal(kind: .local, id: "0"),
            clock: Clock { times.withLock { $0.popFirst() } ?? system.now() })
        // With an id of its own, the clock is asked once for each event.
        let named = events.enumerated().map { number, event in
            event.withDefaults(source: "test", id: "recorded\(number)")
        }
        for result in try await ledger.recordEach(
            named, source: "test", as: Principal(kind: .local, id: "0"))
        {
            _ = try result.get()
        }
        try ledger.close()
    }

    /// - Parameter lines: an event on each.
    init(_ lines: String) async throws {
        try await self.init(
            lines.split(separator: "\n").map { try EventReader.read(Array($0.utf8)) })
    }

    func view(as role: Role = .admin, clock: Clock = .system) throws -> LocalView {
        try LocalView(path: path, as: role, clock: clock)
    }
}
