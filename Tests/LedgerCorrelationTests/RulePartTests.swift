import LedgerCore
import LedgerSQL
import TestSupport
import Testing

@testable import LedgerCorrelation
@testable import LedgerOperations

@Suite struct ScriptDifferenceTests {
    private func difference(_ old: String, _ new: String) -> ScriptDifference? {
        ScriptDifference(Array(old.utf8), Array(new.utf8), names: ("old", "new"))
    }

    @Test func showsWhatDiffersWithThreeLinesAround() throws {
        let old = (1...12).map { "line \($0)\n" }.joined()
        let new = old.replacing("line 6\n", with: "line six\n")
        let difference = try #require(self.difference(old, new))
        #expect(
            difference.text == """
                --- old
                +++ new
                @@ -3,7 +3,7 @@
                 line 3
                 line 4
                 line 5
                -line 6
                +line six
                 line 7
                 line 8
                 line 9
                """)
        #expect(difference.line == 6)
        #expect(difference.byte == 41)
    }

    @Test func tellsLinesApartByTheirBytes() throws {
        #expect(difference("é\n", "e\u{301}\n")?.text.contains("-é\n+e\u{301}") == true)
        #expect(difference("a\r\n", "a\n")?.text.unicodeScalars.contains("\r") == true)
        let end = try #require(self.difference("a\n", "a"))
        #expect(end.text.hasSuffix("-a\n+a\n\\ No newline at end of file"))
        #expect(difference("a\n", "a\n") == nil)
        #expect(difference("", "a\n")?.text.contains("@@ -0,0 +1,1 @@\n+a") == true)
    }

    @Test func saysHowMuchIsCut() throws {
        let old = (1...500).map { "line \($0)\n" }.joined()
        let difference = try #require(self.difference(old, ""))
        let lines = difference.text.split(separator: "\n")
        #expect(lines.count == ScriptDifference.lineLimit + 1)
        #expect(lines.last == "… 463 more lines")
        let long = String(repeating: "x", count: 5000)
        #expect((self.difference(long, "x")?.text.utf8.count ?? .max) < 400)
        #expect(self.difference("a\0b", "a")?.text.hasSuffix("they are no text") == true)
    }

    /// `patch` makes the one of the other.
    @Test(arguments: 0..<40)
    func isWhatPatchTakes(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let folder = try TemporaryFolder()
        func text() -> String {
            (0..<Int.random(in: 0...12, using: &random)).map { _ in
                "\(Int.random(in: 0...3, using: &random))\n"
            }.joined() + (Bool.random(using: &random) ? "" : "end")
        }
        let (old, new) = (text(), text())
        guard let difference = self.difference(old, new) else { return #expect(old == new) }
        try folder.write(old, to: "script")
        try folder.write(difference.text + "\n", to: "difference")
        let patched = try Shell.execute(
            "/usr/bin/env",
            ["patch", "-s", "-o", "-", folder.file("script"), folder.file("difference")])
        #expect(patched.standardOutput == new, "\(patched.standardError)")
    }
}

@Suite struct FindingRoleTests {
    /// What stands in attachments and private values is not told to whoever may not see them.
    @Test(arguments: Role.allCases.filter(\.mayRead))
    func aReaderSeesThatScriptsDifferAndNotHow(role: Role) async throws {
        let events = try ExampleEvents(
            """
            path dev prod; target prod at db1.example.com/orders
            run 42 dev day 1 on db1.example.com/orders sql SELECT secret
            run 42 prod day 2 sql SELECT other
            """)
        let ledger = try await RecordedLedger(events.events, recorded: events.recorded)
        let now = ExampleEvents.dayZero + 3 * 86_400_000
        let found = try await ledger.view(as: role, clock: Clock { now })
            .reply(to: CheckInquiry()).findings
        let edited = try #require(found.first { $0.code == "edited-between-environments" })
        #expect((edited.difference != nil) == role.seesEverything)
        #expect(edited.detail.contains("differ from line") == role.seesEverything)
        let strayed = try #require(found.first { $0.code == "target-mismatch" })
        #expect(strayed.detail == "it connected to the database of orders/prod")
        #expect(!found.contains { "\($0)".contains("secret") } || role.seesEverything)
    }
}

@Suite struct ObjectConflictTests {
    private func conflict(_ earlier: String, _ later: String) -> ObjectConflict? {
        func objects(_ sql: String) -> [TouchedObject] {
            SQLScript(Array(sql.utf8)).objects.filter { $0.name == "t" }
        }
        return ObjectConflict(objects(earlier), objects(later))
    }

    @Test(arguments: [
        ("ALTER TABLE t ADD a int", "UPDATE t SET a = 1"),
        ("TRUNCATE t", "INSERT INTO t VALUES (1)"),
        ("DROP TABLE t", "GRANT SELECT ON t TO app"),
        ("DROP TABLE t; CREATE TABLE t (a int)", "ALTER TABLE t ADD b int"),
        ("ALTER TABLE t RENAME TO u", "DELETE FROM t"),
        ("GRANT SELECT ON t TO app", "REVOKE SELECT ON t FROM app"),
        ("CREATE VIEW t AS SELECT 1", "CREATE VIEW t AS SELECT 2"),
    ])
    func theOrderMatters(one: String, other: String) {
        #expect(conflict(one, other) != nil)
        #expect(conflict(other, one) != nil)
    }

    @Test(arguments: [
        ("INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (2)"),
        ("CREATE TABLE t (a int)", "UPDATE t SET a = 1"),
        ("CREATE TABLE t (a int); INSERT INTO t VALUES (1)", "ALTER TABLE t ADD b int"),
        ("CREATE SCHEMA t", "CREATE SCHEMA t"),
        ("GRANT SELECT ON t TO app", "GRANT SELECT ON t TO report"),
        ("SELECT * FROM t", "ALTER TABLE t ADD b int"),
        ("CREATE INDEX i ON t (a)", "INSERT INTO t VALUES (1)"),
    ])
    func theOrderDoesNotMatter(one: String, other: String) {
        #expect(conflict(one, other) == nil)
        #expect(conflict(other, one) == nil)
    }

    @Test func saysWhatEachDoes() {
        #expect(
            conflict("ALTER TABLE t ADD a int; UPDATE t SET a = 1", "DROP TABLE t")?
                .words("V42") == "V42 alters table t, which this one drops")
    }
}

@Suite struct DatabaseAddressTests {
    @Test(arguments: [
        ("db1/orders", "DB1/orders", true), ("db1/orders", "db1:5433/orders", true),
        ("db1:5433/orders", "db1/orders", false), ("db1/orders", "db1/Orders", false),
        ("[2001:db8::1]:5433/o", "[2001:DB8::1]:5433/o", true),
        ("2001:db8::1/o", "[2001:db8::1]:5433/o", true), ("db1/orders", "db2/orders", false),
    ])
    func isReachedByAConnection(declared: String, used: String, isReached: Bool) throws {
        let address = try #require(DatabaseAddress(declared))
        #expect(address.isReached(by: try #require(DatabaseAddress(used))) == isReached)
    }

    @Test(arguments: ["localhost/o", "127.0.0.1:5432/o", "[::1]/o", "/var/run/o.db", "o", "db1/"])
    func isNoneOnAMachineThatNobodyNames(text: String) {
        #expect(DatabaseAddress(text) == nil)
    }
}
