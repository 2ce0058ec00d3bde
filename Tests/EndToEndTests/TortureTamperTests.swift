import Foundation
import LedgerCore
import LedgerProof
import LedgerStore
import TestSupport
import Testing

/// Ledgers that somebody changed by hand: what `ledger verify` and the verifier in Python say.
@Suite struct TortureTamperTests {
    private static let change = #"{"service":"orders","environment":"prod","tenant":"#
    private static let events = """
        \(change)"acme","change":{"id":"1"},"deployment":{"status":"succeeded"},"actor":"ann","attachments":{"script":{"text":"SELECT 1;"}}}
        \(change)"acme","change":{"id":"2"},"deployment":{"status":"failed"},"actor":"ann","error":"no"}
        \(change)"globex","change":{"id":"1"},"deployment":{"status":"succeeded"},"actor":"bob"}
        {"type":"note","message":"as planned","about":[{"entry":1}]}
        \(change)"acme","change":{"id":"3"},"deployment":{"status":"succeeded"},"actor":"ann"}
        {"type":"note","message":"the end","attachments":{"output":{"text":"OK"}}}
        """

    private static let original: Result<BuiltLedger, any Error> = Result {
        let ledger = try BuiltLedger()
        let run = try ledger.run("import", "events", "-", input: Data(events.utf8))
        try #require(run.status == 0, "\(run)")
        return ledger
    }

    private static func ledger() throws -> BuiltLedger {
        try BuiltLedger(copying: original.get())
    }

    private static func withoutTriggers(_ sql: String) -> String {
        let tables = ["meta", "entry", "body", "private", "attachment"]
        let kinds = ["insert", "update", "delete"]
        let drops = tables.flatMap { table in kinds.map { "DROP TRIGGER \(table)_\($0);" } }
        return drops.joined() + sql
    }

    struct Tampering: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let sql: String
        /// Besides that the triggers are gone.
        let codes: [String]
        var derived: [String] = []
    }

    static let tamperings = [
        Tampering(
            testDescription: "a leaf says another time",
            sql: """
                UPDATE entry SET leaf = replace(leaf, '"time":1', '"time":2') WHERE idx = 2;
                """,
            codes: ["2:hash-wrong", "3:chain-broken"]),
        Tampering(
            testDescription: "a leaf of spaces",
            sql: "UPDATE entry SET leaf = ' ' WHERE idx = 4",
            codes: ["4:hash-wrong", "4:leaf-invalid", "5:chain-broken"]),
        Tampering(
            testDescription: "another hash",
            sql: "UPDATE entry SET hash = zeroblob(32) WHERE idx = 1", codes: ["1:hash-wrong"]),
        Tampering(
            testDescription: "an entry taken out, with all that belongs to it",
            sql: """
                DELETE FROM entry WHERE idx = 3; DELETE FROM body WHERE idx = 3;
                DELETE FROM private WHERE idx = 3
                """,
            codes: ["3:leaf-missing", "4:chain-broken", "5:stream-broken"]),
        Tampering(
            testDescription: "two entries swapped",
            sql: ["entry", "body", "private"].map { table in
                """
                UPDATE \(table) SET idx = 99 WHERE idx = 1; UPDATE \(table) SET idx = 1 WHERE idx = 2;
                UPDATE \(table) SET idx = 2 WHERE idx = 99;
                """
            }.joined(),
            codes: [
                "1:chain-broken", "1:index-wrong", "2:chain-broken", "2:index-wrong",
                "3:chain-broken",
            ]),
        Tampering(
            testDescription: "the body of another entry",
            sql: "UPDATE body SET bytes = (SELECT bytes FROM body WHERE idx = 0) WHERE idx = 4",
            codes: ["4:body-wrong"]),
        Tampering(
            testDescription: "another status in a body",
            sql: "UPDATE body SET bytes = replace(bytes, 'failed', 'passed') WHERE idx = 1",
            codes: ["1:body-wrong"]),
        Tampering(
            testDescription: "no body",
            sql: "DELETE FROM body WHERE idx = 2", codes: ["2:body-missing"]),
        Tampering(
            testDescription: "another actor, with a salt that is as good",
            sql: """
                UPDATE private SET actor = '["AAAAAAAAAAAAAAAAAAAAAA","actor",{"id":"eve"}]'
                WHERE idx = 1
                """,
            codes: ["1:private-wrong"]),
        Tampering(
            testDescription: "an actor of another entry",
            sql:
                "UPDATE private SET actor = (SELECT actor FROM private WHERE idx = 0) WHERE idx = 2",
            codes: ["2:private-wrong"]),
        Tampering(
            testDescription: "private values erased without a redaction",
            sql: "UPDATE private SET actor = NULL, error = NULL WHERE idx = 1",
            codes: ["1:private-missing", "1:private-missing"]),
        Tampering(
            testDescription: "a private value more",
            sql: """
                UPDATE private SET title = '["AAAAAAAAAAAAAAAAAAAAAA","title","x"]' WHERE idx = 0
                """,
            codes: ["0:private-extra"]),
        Tampering(
            testDescription: "other bytes of a script",
            sql: "UPDATE attachment SET bytes = CAST('SELECT 2;' AS BLOB) WHERE number = 1",
            codes: ["0:attachment-wrong"]),
        Tampering(
            testDescription: "a script that is gone",
            sql: "DELETE FROM attachment WHERE number = 1", codes: ["0:attachment-missing"]),
        Tampering(
            testDescription: "another log",
            sql: "UPDATE meta SET value = 'local/other' WHERE name = 'log'",
            codes: (0...5).map { "\($0):log-wrong" }),
        Tampering(
            testDescription: "an entry at the next index by hand",
            sql: """
                INSERT OR REPLACE INTO entry (idx, leaf, hash)
                SELECT 6, leaf, hash FROM entry WHERE idx = 5
                """,
            codes: ["6:body-missing", "6:chain-broken", "6:index-wrong", "6:stream-broken"]),
    ]

    @Test(arguments: tamperings) func isFoundByBothVerifiers(tampering: Tampering) throws {
        let ledger = try Self.ledger()
        let changed = try ledger.sqlite3(Self.withoutTriggers(tampering.sql))
        #expect(changed.status == 0, "\(changed)")
        let ours = try Verdict.ofLedger(at: ledger.path)
        let theirs = try Verdict.ofPython(at: ledger.path)
        #expect(ours.status == 5)
        #expect(ours.withoutDerived == tampering.codes.sorted())
        #expect(ours.codes.contains("-:schema-changed"))
        #expect(theirs == Verdict(status: 5, codes: tampering.codes.sorted()))
    }

    /// For eyes: the first bad index, what is wrong with it, and how many more.
    @Test func namesTheFirstBadIndexFirst() throws {
        let ledger = try Self.ledger()
        let sql = "DELETE FROM body WHERE idx = 3; UPDATE entry SET hash = x'00' WHERE idx > 3"
        #expect(try ledger.sqlite3(Self.withoutTriggers(sql)).status == 0)
        let run = try ledger.run("verify")
        #expect(run.status == 5)
        let lines = run.standardOutput.split(separator: "\n")
        #expect(lines.first == "NOT VERIFIED: #3 body-missing: the entry has no body")
        #expect(lines.dropFirst().first?.hasPrefix("  also: #4 hash-wrong: ") == true)
    }

    /// What is tried while the triggers stand is refused, and changes nothing.
    @Test func refusesWhatIsTriedWhileTheTriggersStand() throws {
        let ledger = try Self.ledger()
        for sql in Self.refused {
            let run = try ledger.sqlite3(sql)
            #expect(run.status != 0)
            #expect(run.output.contains("ledger: "), "\(run)")
        }
        try expectVerified(ledger.path)
    }

    private static let refused = [
        "UPDATE entry SET leaf = '{}' WHERE idx = 0", "DELETE FROM entry WHERE idx = 5",
        "INSERT OR REPLACE INTO entry (idx, leaf, hash) VALUES (0, '{}', x'00')",
        "INSERT OR REPLACE INTO body (idx, bytes) VALUES (5, '{}')",
        "UPDATE body SET bytes = '{}'", "UPDATE private SET actor = NULL",
        "DELETE FROM attachment", "UPDATE meta SET value = 'other' WHERE name = 'log'",
    ]

    @Test func findsADroppedTriggerByItself() throws {
        let ledger = try Self.ledger()
        #expect(try ledger.sqlite3("DROP TRIGGER entry_delete").status == 0)
        let ours = try Verdict.ofLedger(at: ledger.path)
        #expect(ours == Verdict(status: 5, codes: ["-:schema-changed"]))
    }

    /// A forgery with right hashes stands by itself, and falls against what somebody kept.
    @Test(arguments: [true, false]) func findsAPerfectForgeryByWhatWasKept(isCut: Bool) throws {
        let ledger = try Self.ledger()
        let head = try ledger.run("head").standardOutput.trimmingCharacters(in: .newlines)
        let receipt = try ledger.run("record", "note", "--message", "m").standardOutput
        let log = try ledger.folder.write("building\n\(receipt)done\n", to: "job.log")
        if isCut {
            let tables = ["entry", "body", "private"]
            let triggers = try Shell.execute(
                "sqlite3",
                [
                    "-readonly", ledger.path,
                    "SELECT sql || ';' FROM sqlite_schema WHERE type = 'trigger' AND name LIKE '%_delete'",
                ]
            ).standardOutput
            let cut = tables.map { "DROP TRIGGER \($0)_delete; DELETE FROM \($0) WHERE idx >= 5;" }
            let kept = [
                "DROP TRIGGER meta_delete; DROP TRIGGER attachment_delete; DROP TRIGGER carried_delete;",
                "DELETE FROM attachment WHERE number = 2;",
            ]
            let run = try ledger.sqlite3((cut + kept).joined() + triggers)
            #expect(run.status == 0, "\(run)")
        } else {
            let script = Torture.package + "/Tests/Vectors/rewrite_chain.py"
            let run = try Shell.run("python3", ["-B", script, ledger.path, "1"])
            #expect(run.status == 0, "\(run)")
        }
        #expect(try ledger.run("reindex").status == 0)
        try expectVerified(ledger.path)

        let wrong = Verdict(status: 5, codes: ["5:head-wrong"])
        #expect(try Verdict.ofLedger(at: ledger.path, ["--expect", head]) == wrong)
        #expect(try Verdict.ofPython(at: ledger.path, ["--expect", head]) == wrong)
        let byReceipt = try Verdict.ofLedger(at: ledger.path, ["--receipts", log])
        #expect(byReceipt == Verdict(status: 5, codes: ["6:head-wrong"]))
    }

    /// Every ledger that the tests of the verifier in Python tamper with.
    @Test func bothVerifiersNameTheSameInEveryLedger() throws {
        let folder = try TemporaryFolder()
        let script = Torture.package + "/Tests/Vectors/write_tampered_ledgers.py"
        let run = try Shell.run("python3", ["-B", script, folder.path])
        try #require(run.status == 0, "\(run.output)")
        let data = try Data(contentsOf: URL(fileURLWithPath: folder.file("cases")))
        let cases = try JSONDecoder().decode([Case].self, from: data)
        #expect(cases.count > 60)
        for item in cases { try item.check(in: folder) }
        Torture.say("\(cases.count) tampered ledgers: both verifiers name the same in each")
    }

    private struct Case: Decodable {
        let ledger: String
        let name: String
        let expect: String
        let findings: [String]

        func check(in folder: TemporaryFolder) throws {
            let path = folder.file(ledger)
            let expected = Head(expect).map { [$0] } ?? []
            let verifier = Verifier { () throws(LedgerError) in try SQLiteBytesReader(path: path) }
            do throws(LedgerError) {
                let problems = try verifier.verify(expected: expected).problems
                let found = problems.kept.map { problem in
                    "\(problem.index.map(String.init) ?? "-"):\(problem.code.rawValue)"
                }
                // Only the first are told one by one.
                #expect(problems.count == findings.count, "\(name): \(found)")
                let isSame =
                    problems.count == found.count
                    ? found.sorted() == findings.sorted() : Set(found).isSubset(of: findings)
                #expect(isSame, "\(name): \(found), \(findings)")
            } catch {
                #expect(["-:\(error.code.rawValue)"] == findings, "\(name): \(error)")
            }
        }
    }
}
