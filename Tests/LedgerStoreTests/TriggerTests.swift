import LedgerCore
import LedgerProof
import TestSupport
import Testing

@testable import LedgerStore

/// What somebody may try with `sqlite3` on a ledger's file.
@Suite struct TriggerTests {
    private static let refused = [
        "UPDATE entry SET leaf = '{}' WHERE idx = 0",
        "UPDATE entry SET idx = 7 WHERE idx = 1",
        "DELETE FROM entry WHERE idx = 1",
        "DELETE FROM entry",
        "INSERT OR REPLACE INTO entry (idx, leaf, hash) VALUES (0, '{}', x'00')",
        "REPLACE INTO entry (idx, leaf, hash) SELECT 1, leaf, hash FROM entry WHERE idx = 0",
        "INSERT INTO entry (idx, leaf, hash) VALUES (9, '{}', x'00')",
        "INSERT INTO entry (idx, leaf, hash) VALUES (-1, '{}', x'00')",
        "INSERT OR IGNORE INTO entry (idx, leaf, hash) VALUES (1, '{}', x'00')",
        "INSERT INTO entry (leaf, hash) VALUES ('{}', x'00')",
        "UPDATE OR REPLACE entry SET idx = 0 WHERE idx = 1",
        "UPDATE body SET bytes = '{}' WHERE idx = 0",
        "DELETE FROM body WHERE idx = 0",
        "INSERT OR REPLACE INTO body (idx, bytes) VALUES (1, '{}')",
        "INSERT INTO body (idx, bytes) VALUES (2, '{}')",
        "UPDATE private SET actor = NULL WHERE idx = 0",
        "DELETE FROM private",
        "INSERT OR REPLACE INTO private (idx, actor) VALUES (1, '[]')",
        "UPDATE attachment SET bytes = x'00'",
        "DELETE FROM attachment",
        "INSERT OR REPLACE INTO attachment (number, digest, bytes) VALUES (1, x'00', x'00')",
        "INSERT INTO attachment (digest, bytes) SELECT digest, x'00' FROM attachment",
        "UPDATE meta SET value = 'other' WHERE name = 'log'",
        "DELETE FROM meta",
        "INSERT OR REPLACE INTO meta (name, value) VALUES ('log', 'other')",
    ]

    private static func ledger() throws -> TestLedger {
        let ledger = try TestLedger()
        var withScript = JSONObject()
        withScript.set("orders", at: "service")
        withScript.set("prod", at: "environment")
        withScript.set("succeeded", at: "deployment", "status")
        withScript.set("ann", at: "actor")
        let script = Attachment(name: Attachment.script, bytes: Array("SELECT 1;".utf8))
        try ledger.record([
            EventReader.event(from: withScript, attachments: [script]), Events.deployment("42"),
        ])
        return ledger
    }

    private static func verdict(_ ledger: TestLedger) throws -> Verifier.Verdict {
        let path = ledger.path
        return try Verifier { () throws(LedgerError) in try SQLiteBytesReader(path: path) }.verify()
    }

    @Test(arguments: refused) func stops(sql: String) throws {
        let ledger = try Self.ledger()
        let result = try ledger.sqlite3(sql)
        #expect(result.output.contains("ledger: ") || sql.contains("OR IGNORE"), "\(result)")
        #expect(try Self.verdict(ledger).problems.count == 0)
        #expect(try ledger.sqlite3("SELECT count(*), max(idx) FROM entry").output == "2|1\n")
    }

    private static let refusedAfterARedaction = [
        "UPDATE private SET actor = NULL WHERE idx = 1",
        "UPDATE private SET actor = NULL, title = NULL WHERE idx = 0",
        "UPDATE private SET actor = '[]' WHERE idx = 0",
        "UPDATE private SET idx = 7, actor = NULL WHERE idx = 0",
        "UPDATE private SET other = NULL WHERE idx = 0",
        "UPDATE private SET other = '[]' WHERE idx = 0",
        "UPDATE private SET other = json_remove(other, '$[0]') WHERE idx = 0",
        "UPDATE private SET other = json_array(json_extract(other, '$[0]')) WHERE idx = 0",
        "UPDATE private SET other = other || ' ' WHERE idx = 0",
        "UPDATE private SET principal_name = NULL WHERE idx = 2",
        "DELETE FROM private WHERE idx = 0",
        "DELETE FROM attachment",
        "DELETE FROM attachment WHERE number = 1",
        "UPDATE attachment SET bytes = x'00' WHERE number = 2",
        "INSERT OR REPLACE INTO private (idx) VALUES (0)",
    ]

    /// A ledger whose last entry is a redaction, before anything is erased.
    private static func ledgerWithRedaction() throws -> TestLedger {
        let ledger = try TestLedger()
        try ledger.record([
            Events.event(
                """
                {"type":"note","message":"m","title":"t","actor":"ann","attachments":{
                "a":{"text":"1"},"b":{"text":"2"},"c":{"text":"3"}}}
                """), Events.deployment("42"),
        ])
        var redaction = JSONObject()
        redaction.set("redaction", at: "type")
        redaction.set([["entry": 0]], at: "about")
        redaction.set(["actor", "attachment:b"], at: "redaction", "members")
        try ledger.record([EventReader.event(from: redaction, mayBeOwn: true)])
        return ledger
    }

    @Test(arguments: refusedAfterARedaction) func stopsWhatARedactionDoesNotName(
        sql: String
    ) throws {
        let ledger = try Self.ledgerWithRedaction()
        let result = try ledger.sqlite3(sql)
        #expect(result.output.contains("ledger: "), "\(result)")
        let codes = try Self.verdict(ledger).problems.kept.map(\.code)
        #expect(codes == [.redactionUndone, .redactionUndone, .redactionUndone])
    }

    @Test func letsThroughWhatTheLastEntryErases() throws {
        let ledger = try Self.ledgerWithRedaction()
        let erasing = """
            DELETE FROM attachment WHERE bytes = x'32';
            UPDATE private SET actor = NULL, other = json_remove(other, '$[1]') WHERE idx = 0
            """
        let later = try Self.ledgerWithRedaction()
        try later.record([Events.deployment("43")])
        #expect(try later.sqlite3(erasing).output.contains("ledger: "))
        #expect(try ledger.sqlite3(erasing).output == "")
        #expect(try Self.verdict(ledger).problems.count == 0)
    }

    @Test func anOlderLedgerGetsTheTriggersWhenItIsIndexedAnew() throws {
        let ledger = try Self.ledger()
        try ledger.sqlite3(
            """
            DROP TRIGGER private_update; DROP TRIGGER attachment_delete; DROP VIEW erasable;
            CREATE TRIGGER private_update BEFORE UPDATE ON private
            BEGIN SELECT RAISE(ABORT, 'ledger: private values never change'); END;
            UPDATE meta SET value = '4' WHERE name = 'projection'
            """)
        let error = #expect(throws: LedgerError.self) {
            try ledger.record([Events.deployment("43")])
        }
        #expect(error?.advice?.contains("ledger reindex") == true)
        try ledger.store.reindex()
        #expect(try ProjectionCheck.differences(at: ledger.path).map(\.detail) == [])
    }

    @Test func showsAnEntryThatSomebodyAppendedByHand() throws {
        let ledger = try Self.ledger()
        let result = try ledger.sqlite3(
            "INSERT OR REPLACE INTO entry (idx, leaf, hash) SELECT 2, leaf, hash FROM entry WHERE idx = 1"
        )
        #expect(result.status == 0)
        let problems = try Self.verdict(ledger).problems
        #expect(problems.kept.contains { $0.index == 2 && $0.code == .indexWrong })
    }

    @Test func showsWhatWasChangedAfterATriggerWasDropped() throws {
        let ledger = try Self.ledger()
        try ledger.sqlite3(
            """
            DROP TRIGGER entry_update;
            UPDATE entry SET leaf = replace(leaf, '"time":1767225600000', '"time":1767225600001')
            WHERE idx = 0
            """)
        let problems = try Self.verdict(ledger).problems
        #expect(problems.kept.first?.index == 0)
        #expect(problems.kept.first?.code == .hashWrong)
        #expect(
            try ProjectionCheck.differences(at: ledger.path)
                .contains { $0.detail == "trigger entry_update is missing" })
    }

    @Test func showsARewrittenHashAsABrokenChain() throws {
        let ledger = try Self.ledger()
        try ledger.sqlite3(
            "DROP TRIGGER entry_update; UPDATE entry SET hash = x'\(String(repeating: "ab", count: 32))' WHERE idx = 0"
        )
        let problems = try Self.verdict(ledger).problems
        #expect(problems.kept.first?.code == .hashWrong)
    }
}
