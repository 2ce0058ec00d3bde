import LedgerCore
import TestSupport
import Testing

@testable import LedgerStore

@Suite struct ScriptProjectionTests {
    private static let scripts = [
        "ALTER TABLE shop.orders ADD note text;", "CREATE INDEX i ON Orders (at);",
        "ALTER TABLE archive.orders DROP note;", "SELECT * FROM orders;",
        "CREATE TABLE \"a.b\" (c int);",
    ]

    private func ledger() throws -> TestLedger {
        let ledger = try TestLedger()
        for (number, script) in Self.scripts.enumerated() {
            try ledger.record([event(String(number), script)])
        }
        return ledger
    }

    private func event(_ change: String, _ script: String, type: String = "deployment") throws
        -> Event
    {
        var object = JSONObject()
        object.set(type, at: "type")
        object.set("orders", at: "service")
        object.set("prod", at: "environment")
        object.set(change, at: "change", "id")
        object.set("succeeded", at: "deployment", "status")
        return try EventReader.event(
            from: object,
            attachments: [Attachment(name: Attachment.script, bytes: Array(script.utf8))])
    }

    private func changes(_ ledger: TestLedger, _ objects: String...) throws -> [String] {
        var query = EntryQuery()
        query.objects = objects
        var changes: [String] = []
        try ledger.reader().forEachRow(matching: query) { row in
            if let change = row.members["change"]?.object?["id"]?.string { changes.append(change) }
            return true
        }
        return changes.sorted()
    }

    @Test func findsWhatChangedOnAnObject() throws {
        let ledger = try ledger()
        #expect(try changes(ledger, "orders") == ["0", "1", "2"])
        #expect(try changes(ledger, "ORDERS") == ["0", "1", "2"])
        // A script without a schema may mean this one.
        #expect(try changes(ledger, "shop.orders") == ["0", "1"])
        #expect(try changes(ledger, "i") == ["1"])
        #expect(try changes(ledger, "a.b", "archive.orders") == ["1", "2", "4"])
        #expect(try changes(ledger, "order").isEmpty)
        let names = try ledger.reader().knownNames(of: .object)
        #expect(names == ["a.b", "archive.orders", "i", "orders", "shop.orders"])
    }

    @Test func knowsAScriptByItsDigestAlone() throws {
        let ledger = try ledger()
        let digest = try #require(event("0", Self.scripts[0]).members["change"]?.object?["digest"])
        var again = JSONObject()
        again.set("orders", at: "service")
        again.set("stage", at: "environment")
        again.set("0", at: "change", "id")
        again.set(digest.string, at: "change", "digest")
        again.set("succeeded", at: "deployment", "status")
        try ledger.record([EventReader.event(from: again)])
        #expect(try changes(ledger, "shop.orders") == ["0", "0", "1"])
    }

    @Test func givesTheSameWhenItIsBuiltAnew() throws {
        let ledger = try ledger()
        #expect(try ProjectionCheck.differences(at: ledger.path).isEmpty)
        try ledger.store.reindex()
        #expect(try changes(ledger, "orders") == ["0", "1", "2"])
        try ledger.sqlite3("DELETE FROM touched WHERE name = 'i'")
        let found = try ProjectionCheck.differences(at: ledger.path)
        #expect(found.first?.detail.hasPrefix("touched ") == true)
    }
}
