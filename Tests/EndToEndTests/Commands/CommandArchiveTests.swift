import Foundation
import LedgerCore
import TestSupport
import Testing

@Suite struct CommandArchiveTests {
    /// A ledger with deployments that started and ended, one that has not, outputs and a note.
    private static func ledger(count: Int = 6) throws -> BuiltLedger {
        let ledger = try BuiltLedger()
        var lines = ""
        for number in 0..<count {
            for status in ["started", "succeeded"] {
                lines += """
                    {"id":"\(status)-\(number)","service":"orders","environment":"prod",\
                    "tenant":"t\(number % 3)","change":{"id":"\(number / 3)"},\
                    "deployment":{"id":"d\(number)","status":"\(status)"},"actor":"ann@example.com",\
                    "message":"number \(number)","labels":{"team":"blue"},\
                    "attachments":{"output":{"text":"done \(number)"},\
                    "script":{"text":"ALTER TABLE t\(number / 3) ADD x;"}}}

                    """
            }
        }
        lines += """
            {"id":"open","service":"orders","environment":"prod","tenant":"t0",\
            "change":{"id":"9"},"deployment":{"id":"open","status":"started"},"actor":"eve"}
            {"id":"n","type":"note","message":"a word"}
            {"id":"m","type":"merge","service":"orders","change":{"id":"1"},\
            "git":{"commit":"\(String(repeating: "a", count: 40))"},"author":"bob"}

            """
        let file = try ledger.folder.write(lines, to: "events.ndjson")
        try ledger.output("import", "events", file, "--source", "test")
        return ledger
    }

    private static func archive(_ ledger: BuiltLedger, to name: String = "archive") throws {
        try ledger.output("archive", "--before", Self.tomorrowless(), "--out", name)
    }

    /// A moment after everything that was recorded so far.
    private static func tomorrowless() throws -> String {
        // The next millisecond has come by the time that another process runs.
        Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)).utc
    }

    @Test func aLedgerIsArchivedReadProvedAndRestored() throws {
        let ledger = try Self.ledger()
        let head = try ledger.output("head").trimmingCharacters(in: .newlines)
        let before = try ledger.rows("--tenants")
        let status = try ledger.output("status", "-o", "json")
        try Self.archive(ledger)
        try expectVerified(ledger.path)
        try ledger.output("verify", "--expect", head)
        #expect(try ledger.output("status", "-o", "json") == status)
        #expect(try ledger.sqlite3("SELECT count(*) FROM carried").output == "13\n")
        #expect(try ledger.sqlite3("SELECT count(*) FROM attachment").output == "2\n")
        let whole = ["--archive", ledger.folder.file("archive")]
        let theirs = try Verdict.ofPython(at: ledger.path, whole)
        #expect(theirs == Verdict(status: 0, codes: []))
        #expect(try Verdict.ofLedger(at: ledger.path, whole) == theirs)

        // It says so.
        let query = try ledger.run("query")
        query.expect(0, "13 entries recorded up to", "are archived (#15)")
        try ledger.run("query", "--since", "2099-01-01").expect(0)
        #expect(
            !(try ledger.run("query", "--since", "2099-01-01").standardError.contains("archived")))
        try ledger.run("log", "--to", "3").expect(0, "archived (#15)")
        let shown = try ledger.run("show", "0")
        shown.expect(0, "archived (#15)")
        #expect(shown.standardOutput.contains("archived by #15"))
        try ledger.run("show", "0", "--script").expect(1, "archived by #15")
        try ledger.run("show", "orders:0", "--script").expect(0)
        let rows = try ledger.rows("--tenants")
        #expect(rows.count == before.count)
        #expect(rows.filter { $0["archived_by"]?.integer == 15 }.count == 6)
        let list = try JSONReader.read(
            Array(try ledger.output("archive", "list", "-o", "json").utf8))
        let part = try #require(list.object?["rows"]?.array?.first?.object)
        #expect(part["entries"] == 13)
        #expect(part["restored"] == false)

        // With the archive, all is answered as before.
        let answered = try ledger.run("query", "--tenants", "-o", "json", "--archive", "archive")
        answered.expect(0, "a copy in which the archive is restored")
        let document = try JSONReader.read(Array(answered.standardOutput.utf8)).object
        #expect(document?["rows"]?.array?.compactMap(\.object) == before)
        let variable = ["LEDGER_ARCHIVE": ledger.folder.file("archive")]
        #expect(
            try ledger.output("show", "0", environment: variable).contains("number 0"))

        try ledger.output("archive", "restore", "archive", "-m", "asked for")
        try expectVerified(ledger.path)
        #expect(try ledger.rows("--tenants") == before)
        #expect(try ledger.sqlite3("SELECT count(*) FROM carried").output == "0\n")
        #expect(try ledger.sqlite3("SELECT count(*) FROM attachment").output == "8\n")
        try ledger.run("archive", "restore", "archive").expect(1, "in the ledger again")
        #expect(!(try ledger.run("query").standardError.contains("archived")))
        // And again, from the start.
        try Self.archive(ledger, to: "second")
        try expectVerified(ledger.path)
    }

    @Test func whatIsArchivedInTwoPartsIsAnsweredWithBoth() throws {
        let ledger = try Self.ledger()
        try Self.archive(ledger)
        let end = """
            {"id":"end","service":"orders","environment":"prod","tenant":"t0",\
            "change":{"id":"9"},"deployment":{"id":"open","status":"succeeded"},"actor":"eve"}
            """
        try ledger.output("import", "events", "-", "--source", "test", input: end)
        try ledger.run("show", "orders:9").expect(0)
        let row = try #require(try ledger.rows("--change", "9").first)
        #expect(row["first_index"] == 12)
        try Self.archive(ledger, to: "second")
        try expectVerified(ledger.path)
        let arguments = ["archive", "second"].flatMap { ["--archive", ledger.folder.file($0)] }
        #expect(try Verdict.ofPython(at: ledger.path, arguments).status == 0)
        #expect(try Verdict.ofLedger(at: ledger.path, arguments).status == 0)
        try ledger.output("archive", "restore", "archive")
        try expectVerified(ledger.path)
        try ledger.output("reindex")
        try expectVerified(ledger.path)
    }

    @Test func anIdThatWasSeenGetsItsFirstReceipt() throws {
        let ledger = try Self.ledger()
        let again = """
            {"id":"succeeded-0","service":"orders","environment":"prod","tenant":"t0",\
            "change":{"id":"0"},"deployment":{"id":"d0","status":"failed"}}
            """
        let file = try ledger.folder.write(again, to: "again")
        try ledger.run("import", "events", file, "--source", "test").expect(1, "other content")
        try Self.archive(ledger)
        let count = try ledger.count()
        let result = try ledger.run("import", "events", file, "--source", "test")
        result.expect(0)
        #expect(try ledger.count() == count, "\(result)")
    }

    @Test func whatCannotBeDoneIsSaid() throws {
        let ledger = try Self.ledger()
        let before = try Self.tomorrowless()
        try ledger.run("archive", "--before", "2020-01-01", "--out", "a").expect(0, "nothing to")
        #expect(!FileManager.default.fileExists(atPath: ledger.folder.file("a")))
        try ledger.run("archive", "--before", "2099-01-01", "--out", "a").expect(64, "not come")
        try ledger.run("archive", "--before", before, "--out", ledger.path)
            .expect(1, "exists already")
        try ledger.run("archive", "--before", before, "--out", "no/where").expect(1, "No such file")
        try ledger.run(
            "archive", "--before", before, "--out", "a", "--ledger", "http://127.0.0.1:1"
        )
        .expect(64, "where the file is")
        try ledger.run("archive", "restore", "nowhere").expect(1, "no archive")
        try ledger.run("record", "note", "--message", "x", "--archive", "a").expect(64, "answers")
        #expect(try ledger.sqlite3("SELECT count(*) FROM carried").output == "0\n")

        let other = try BuiltLedger(copying: ledger)
        try Self.archive(ledger)
        let folder = ledger.folder.file("archive")
        try other.run("archive", "restore", folder).expect(1, "no entry of this ledger names")
        for name in ["entries", "carried", "attachments"] {
            let path = "\(folder)/\(name).ndjson"
            let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            var changed = bytes
            changed[bytes.count / 2] ^= 1
            try changed.write(to: URL(fileURLWithPath: path))
            try ledger.run("archive", "restore", folder).expect(5, "damaged")
            try ledger.run("verify", "--archive", folder).expect(5, "damaged")
            #expect(try Verdict.ofPython(at: ledger.path, ["--archive", folder]).status == 5)
            try bytes.write(to: URL(fileURLWithPath: path))
        }
        try ledger.output("archive", "restore", folder)
        try expectVerified(ledger.path)
    }

    private static let byHand = [
        "DELETE FROM body WHERE idx = 12", "DELETE FROM body WHERE idx = 14",
        "DELETE FROM body WHERE idx = 15",
        "DELETE FROM carried WHERE idx = 0", "UPDATE carried SET bytes = '{}' WHERE idx = 0",
        "INSERT INTO carried (idx, archive, bytes) VALUES (15, 15, '{}')",
        "INSERT OR REPLACE INTO carried (idx, archive, bytes) VALUES (0, 15, '{}')",
        "INSERT INTO body (idx, bytes) VALUES (0, '{}')",
        "DELETE FROM private WHERE idx = 14", "UPDATE private SET author = NULL WHERE idx = 14",
    ]

    @Test func nothingGoesByHand() throws {
        let ledger = try Self.ledger()
        let early = try ledger.sqlite3("DELETE FROM body WHERE idx = 0")
        #expect(early.output.contains("ledger: "))
        try Self.archive(ledger)
        for sql in Self.byHand {
            #expect(try ledger.sqlite3(sql).output.contains("ledger: "), "\(sql)")
        }
        try expectVerified(ledger.path)
        // What is not stopped is seen, by both.
        for (sql, code) in [
            (
                """
                DROP TRIGGER carried_update; UPDATE carried
                SET bytes = replace(bytes, '"succeeded"', '"failed"') WHERE idx = 1
                """, "15:carried-wrong"
            ),
            ("DROP TRIGGER carried_delete; DELETE FROM carried WHERE idx = 3", "3:body-missing"),
            (
                "DROP TRIGGER carried_update; UPDATE carried SET archive = 14 WHERE idx = 3",
                "14:carried-wrong"
            ),
            (
                "DROP TRIGGER private_delete; DELETE FROM private WHERE idx IN (9, 11)",
                "11:private-missing"
            ),
        ] {
            let copy = try BuiltLedger(copying: ledger)
            try copy.sqlite3(sql)
            let (ours, theirs) = (
                try Verdict.ofLedger(at: copy.path), try Verdict.ofPython(at: copy.path)
            )
            #expect(ours.withoutDerived.contains(code), "\(sql): \(ours)")
            #expect(ours.withoutDerived == theirs.codes, "\(sql)")
        }
    }

    @Test func aKillLeavesEverythingInTheLedgerOrInAVerifiedArchive() throws {
        var generator = SeededGenerator()
        let seed = generator.seed
        let original = try Self.ledger(count: 300)
        let before = try Self.tomorrowless()
        let once = try BuiltLedger(copying: original)
        let start = ContinuousClock.now
        try once.output("archive", "--before", before, "--out", "a")
        let microseconds = (ContinuousClock.now - start) / .microseconds(1)
        var outcomes: Set<String> = []
        for round in 0..<(Torture.isWhole ? 100 : 5) {
            let ledger = try BuiltLedger(copying: original)
            let process = try ledger.start(
                ["archive", "--before", before, "--out", "a"], output: ledger.folder.file("log"))
            usleep(UInt32(Double.random(in: 0...microseconds, using: &generator)))
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            try ledger.output("verify")
            let bodies = try ledger.sqlite3("SELECT count(*) FROM body").output
            let carried = try ledger.sqlite3("SELECT count(*) FROM carried").output
            outcomes.insert("\(bodies) \(carried)")
            if carried == "0\n" {
                #expect(bodies == "603\n", "seed \(seed), round \(round)")
            } else {
                try ledger.output("verify", "--archive", ledger.folder.file("a"))
                try ledger.output("archive", "restore", "a")
            }
            // The next one works.
            try ledger.output("archive", "--before", before, "--out", "next")
        }
        #expect(outcomes.count <= 2, "\(outcomes), seed \(seed)")
    }

    @Test(.enabled(if: SmallDisk.isAvailable, "needs root"))
    func withoutRoomNothingIsRemoved() throws {
        let ledger = try Self.ledger(count: 300)
        let before = try Self.tomorrowless()
        let disk = try SmallDisk(bytes: 1 << 18)
        try ledger.run("archive", "--before", before, "--out", disk.path + "/a")
            .expect(1, "no room to write", "make room")
        #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path) == [])
        #expect(try ledger.sqlite3("SELECT count(*) FROM body").output == "603\n")
        // And where the ledger itself has none.
        let small = try SmallDisk(bytes: 8 << 20)
        let path = small.path + "/ledger.db"
        try FileManager.default.copyItem(atPath: ledger.path, toPath: path)
        try small.fill(leaving: 200_000)
        try ledger.run("archive", "--before", before, "--out", "b", "--ledger", path)
            .expect(1, "no room")
        #expect(!FileManager.default.fileExists(atPath: ledger.folder.file("b")))
        try small.makeRoom()
        try expectVerified(path)
        try ledger.output("archive", "--before", before, "--out", "b", "--ledger", path)
        try expectVerified(path)
    }
}
