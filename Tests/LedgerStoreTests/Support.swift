import Foundation
import LedgerCore
import LedgerCrypto
import TestSupport

@testable import LedgerStore

/// A ledger in a folder of its own.
struct TestLedger {
    let folder: TemporaryFolder
    let path: String
    let store: SQLiteEntryStore

    init(log: String = "local/test") throws {
        folder = try TemporaryFolder()
        path = folder.file("ledger.db")
        try SQLiteEntryStore.create(at: path, log: log)
        store = try SQLiteEntryStore(path: path)
    }

    /// Records events, each as a request of its own, at one moment.
    @discardableResult
    func record(_ events: [Event], now: Int64 = 1_767_225_600_000) throws -> [Receipt] {
        let submissions = events.map { Self.submission($0, log: store.log) }
        let sequencing = Sequencing(log: store.log)
        return try store.write { writer in
            try submissions.flatMap { try sequencing.place([$0], in: writer, now: now) }
        }
    }

    static func submission(_ event: Event, log: String) -> Submission {
        var random = SecureRandom()
        return Submission(
            event: event.withDefaults(source: "test", id: UUID().uuidString),
            principal: Principal(kind: .local, id: "0", name: "tester"), log: log, random: &random,
            hasher: SHA256())
    }

    func reader() throws -> SQLiteEntryReader {
        try SQLiteEntryReader(path: path)
    }

    /// Runs the real `sqlite3` on the ledger; gives what it prints, errors too.
    @discardableResult
    func sqlite3(_ sql: String) throws -> (status: Int32, output: String) {
        try Shell.run("sqlite3", [path, sql])
    }
}

enum Events {
    static func event(_ json: String) throws -> Event {
        try EventReader.read(Array(json.utf8))
    }

    static func deployment(
        _ change: String, env: String = "prod", tenant: String? = nil, status: String = "succeeded",
        deployment: String? = nil, id: String? = nil, time: String? = nil
    ) throws -> Event {
        var object = JSONObject()
        object.set("orders", at: "service")
        object.set(env, at: "environment")
        object.set(tenant, at: "tenant")
        object.set(change, at: "change", "id")
        object.set(status, at: "deployment", "status")
        object.set(deployment, at: "deployment", "id")
        object.set(id, at: "id")
        object.set(time, at: "time")
        object.set("ann@example.com", at: "actor")
        return try EventReader.event(from: object)
    }
}
