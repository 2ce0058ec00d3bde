import Foundation
import LedgerCore
import TestSupport
import Testing

/// A ledger, a spool or a flag that is at fault never breaks a deployment.
@Suite(.timeLimit(.minutes(3))) struct LedgerRunScriptFaultTests {
    @Test(arguments: Shells.allCases, ["drop", "busy", "nonsense"])
    func aLedgerThatIsAwayGetsTheEventsWithTheNextRun(shell: Shells, mode: String) throws {
        let fixture = try ScriptFixture(shell, mode: mode)
        let result = try fixture.run(
            ["sh", "-c", "exit 3"], flags: ["--change", "1", "--record-timeout", "0.5"])
        #expect(result.status == 3)
        #expect(result.notes.count == 1, "\(result.notes)")
        #expect(result.notes.first?.hasPrefix("ledger: not recorded yet: ") == true)
        #expect(result.notes.first?.hasSuffix("; kept in \(fixture.spool)") == true)
        #expect(!result.standardError.utf8.contains { $0 < 0x20 && $0 != 0x0A })
        #expect(fixture.waiting().count == 2)
        try fixture.setMode("record")
        try fixture.run(["true"], flags: ["--change", "2"]).expect(0, "ledger: #3 ")
        #expect(try fixture.statuses() == ["started", "failed", "started", "succeeded"])
        let changes = try fixture.events().map { $0[["change", "id"]]?.string }
        #expect(changes == ["1", "1", "2", "2"])
        #expect(fixture.waiting().isEmpty)
    }

    @Test(arguments: Shells.allCases)
    func whereNobodyListensTheReasonIsTold(shell: Shells) throws {
        let fixture = try ScriptFixture(shell)
        let variables = ["LEDGER": "http://127.0.0.1:1"]
        let result = try fixture.run(["true"], environment: variables)
        #expect(result.status == 0)
        #expect(result.notes.first?.contains("can't be reached") == true)
        // Another ledger's events are none of this one's.
        try fixture.run(["true"]).expect(0, "ledger: #1 ")
        #expect(fixture.waiting().count == 2)
        #expect(try fixture.events().count == 2)
    }

    @Test(arguments: Shells.allCases)
    func aLedgerThatHangsGetsItsTimeAndNoMore(shell: Shells) throws {
        let fixture = try ScriptFixture(shell, mode: "hang")
        let before = Date()
        let result = try fixture.run(
            ["sh", "-c", "exit 3"], flags: ["--record-timeout", "0.3"])
        #expect(Date().timeIntervalSince(before) < 4)
        #expect(result.status == 3)
        #expect(result.standardError.contains("no answer in 0.3 s"))
        #expect(fixture.waiting().count == 2)
        // Nothing of it runs on, and nothing lies about.
        let running = try Shell.run(
            "sh", ["-c", "cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'"])
        #expect(!running.output.contains("LEDGER_SPOOL=\(fixture.spool)"))
    }

    @Test(arguments: Shells.allCases)
    func theCommandDoesNotWaitForTheLedger(shell: Shells) throws {
        let fixture = try ScriptFixture(shell, mode: "hang")
        let before = Date()
        let result = try fixture.run(
            ["sh", "-c", ": >ran"], flags: ["--record-timeout", "1.5"])
        #expect(result.status == 0)
        let made = try FileManager.default.attributesOfItem(atPath: fixture.folder.file("ran"))
        let ran = try #require(made[.modificationDate] as? Date)
        #expect(Date().timeIntervalSince(ran) > 1.4)
        #expect(ran.timeIntervalSince(before) < 1.4)
    }

    @Test(arguments: Shells.allCases)
    func aRefusedEventIsPutAsideWithItsReason(shell: Shells) throws {
        let fixture = try ScriptFixture(shell, mode: "refuse")
        let result = try fixture.run(["sh", "-c", "exit 3"], flags: ["--change", "V42__x"])
        #expect(result.status == 3)
        #expect(
            result.notes == [
                #"ledger: the ledger refused the event: environment must not contain "/" (422); kept in "#
                    + "\(fixture.spool)/refused"
            ])
        #expect(fixture.waiting().isEmpty)
        #expect(
            try fixture.reasons()
                == Array(repeating: "environment must not contain \"/\" (422)\n", count: 2))
        // The rest goes on.
        try fixture.setMode("record")
        try fixture.run(["true"]).expect(0, "ledger: #1 ")
        // `ledger` reads what the script writes.
        let list = try Shell.execute(
            BuiltLedger.executable(), ["spool", "list"], environment: fixture.variables)
        #expect(list.status == 0)
        let rows = list.standardOutput.split(separator: "\n").filter { $0.contains("refused") }
        #expect(rows.count == 2)
        #expect(
            rows.first?.contains("refused  orders/prod V42__x started  \(fixture.address)") == true)
        #expect(rows.last?.contains("orders/prod V42__x failed") == true)
    }

    @Test(arguments: Shells.allCases)
    func anEventFromBeforeThatIsRefusedDoesNotHoldUpTheRest(shell: Shells) throws {
        let fixture = try ScriptFixture(shell, mode: "drop")
        try fixture.run(["true"]).expect(0)
        try fixture.setMode("forbid")
        let result = try fixture.run(["true"])
        #expect(result.status == 0)
        #expect(
            result.standardError.contains(
                "ledger: an event from before was refused: this token may not write (403)\n"))
        #expect(fixture.waiting().isEmpty)
        #expect(fixture.refused().count == 4)
    }

    @Test(arguments: Shells.allCases, ["half", "slow", "once-busy"])
    func everyEventIsRecordedOnceHoweverTheAnswersAre(shell: Shells, mode: String) throws {
        let fixture = try ScriptFixture(shell, mode: mode)
        let isUnclear = mode == "half"
        let first = try fixture.run(["true"])
        #expect(first.status == 0)
        #expect(first.standardError.contains("ledger: #1 ") != isUnclear)
        try fixture.setMode("record")
        try fixture.run(["true"]).expect(0, "ledger: #3 ")
        #expect(try fixture.statuses() == ["started", "succeeded", "started", "succeeded"])
        #expect(fixture.waiting().isEmpty)
    }

    @Test(arguments: Shells.allCases)
    func requireRecordStartsNothingThatIsNotRecorded(shell: Shells) throws {
        let fixture = try ScriptFixture(shell)
        let flags = ["--require-record", "--record-timeout", "0.5"]
        try fixture.run(["sh", "-c", "exit 3"], flags: flags).expect(3, "ledger: #1 ")
        try fixture.setMode("busy")
        let refused = try fixture.run(["sh", "-c", ": >ran"], flags: flags)
        refused.expect(1, "the command was not started", "too many wait")
        #expect(!fixture.exists("ran"))
        try fixture.setMode("record")
        try fixture.run(["true"]).expect(0)
        #expect(
            try fixture.statuses() == [
                "started", "failed", "started", "skipped", "started", "succeeded",
            ])
    }

    @Test(arguments: Shells.allCases)
    func requireRecordFailsIfTheEndIsNotRecorded(shell: Shells) throws {
        let fixture = try ScriptFixture(shell, mode: "once")
        let flags = ["--require-record", "--record-timeout", "0.5"]
        let result = try fixture.run(["sh", "-c", ": >ran"], flags: flags)
        result.expect(1, "the end could not be recorded (--require-record)")
        #expect(fixture.exists("ran"))
        #expect(try fixture.statuses() == ["started"])
    }

    @Test(arguments: Shells.allCases)
    func whateverIsWrongTheCommandRuns(shell: Shells) throws {
        let fixture = try ScriptFixture(shell)
        let noCurl = fixture.folder.file("nothing")
        try FileManager.default.createDirectory(
            atPath: noCurl, withIntermediateDirectories: true)
        let faults: [(flags: [String], variables: [String: String], words: String)] = [
            (["--env", ""], [:], "give --env or LEDGER_ENV"),
            (["--service="], [:], "give --service or LEDGER_SERVICE"),
            ([], ["LEDGER": ""], "set LEDGER"), ([], ["LEDGER": "./ledger.db"], "set LEDGER"),
            (["--enviroment", "x"], [:], "--enviroment is not known"),
            (["--verbose", "--attempt", "x"], [:], "--attempt is no number"),
            (["--verbose", "--attempt", "x"], [:], "--verbose is not known"),
            (["--record-timeout", "-1"], [:], "the ledger gets 5"),
            (["word"], [:], "a word before --"),
            (["-m"], [:], "-m has no value"),
            (["--file", "none.sql"], [:], "none.sql can't be read"),
            (["--file", "/dev/zero"], [:], "or is no file"),
            ([], ["LEDGER_SPOOL": "/dev/null/x"], "the events are sent without it"),
            ([], ["LEDGER_SPOOL": "", "HOME": ""], "the events are sent without it"),
            (
                [], ["LEDGER_SPOOL": "/dev/null/x", "LEDGER": "http://127.0.0.1:1"],
                "NOT KEPT: there is no spool"
            ),
            ([], ["LEDGER_SPOOL": "/dev/null/x", "TMPDIR": "/dev/null"], "NOT RECORDED"),
            ([], ["LEDGER_TOKEN": "a\nb\u{1}"], "ledger: #"),
            ([], ["LEDGER": "http://[::\"\\"], "can't be reached"),
        ]
        for fault in faults {
            let result = try fixture.run(
                ["sh", "-c", "echo ran; exit 3"], flags: fault.flags, environment: fault.variables)
            #expect(result.status == 3, "\(fault)")
            #expect(result.standardOutput == "ran\n", "\(fault)")
            #expect(result.standardError.contains(fault.words), "\(fault): \(result.notes)")
            #expect(result.notes.allSatisfy { $0.hasPrefix("ledger: ") }, "\(result.notes)")
            #expect(Set(result.notes).count == result.notes.count)
        }
        let left = try FileManager.default.contentsOfDirectory(atPath: fixture.folder.path)
        #expect(!left.contains { $0.hasPrefix("ledger-run") })
        try fixture.run(["/no/such/command"]).expect(127)
        #expect(try fixture.events().last?["error"] == "the command was not found")
    }

    @Test func withoutCurlTheEventsWait() throws {
        let fixture = try ScriptFixture(.busyboxAlone)
        try FileManager.default.removeItem(atPath: fixture.folder.file("bin/curl"))
        let result = try fixture.run(["sh", "-c", "exit 3"])
        result.expect(3, "ledger: not recorded yet: curl is not there; kept in ")
        #expect(fixture.waiting().count == 2)
    }

    @Test(arguments: Shells.allCases)
    func withoutACommandTheUsageIsShown(shell: Shells) throws {
        let fixture = try ScriptFixture(shell)
        try fixture.run([]).expect(64, "name the command to run after --", "--require-record")
        let help = try fixture.run(["true"], flags: ["--help"])
        #expect(help.status == 0 && help.standardOutput.contains("--record-timeout"))
        #expect(try fixture.events().isEmpty)
    }
}
