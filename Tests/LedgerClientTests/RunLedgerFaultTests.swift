import Foundation
import LedgerCore
import TestSupport
import Testing

@testable import LedgerClient

/// A ledger, a spool or an event that is at fault never breaks a deployment.
struct RunLedgerFaultTests {
    let fixture: Fixture

    init() throws {
        fixture = try Fixture()
    }

    private func waitingCount() throws -> Int {
        try Spool(path: fixture.spool).list().count { $0.refusal == nil }
    }

    @Test(arguments: ["io", "busy"])
    func aLedgerThatIsAwayGetsTheEventsWithTheNextRun(mode: String) throws {
        let result = try fixture.run(["sh", "-c", "exit 3"], mode: mode, options: ["timeout=0.3"])
        #expect(result.exitCode == 3)
        #expect(result.errors.split(separator: "\n").count == 1)
        #expect(result.errors.hasPrefix("ledger: not recorded yet: "))
        #expect(try waitingCount() == 2)
        #expect(try fixture.run(["true"]).exitCode == 0)
        #expect(try fixture.statuses() == ["started", "failed", "started", "succeeded"])
        #expect(try waitingCount() == 0)
    }

    @Test(arguments: ["hang", "block"])
    func aLedgerThatHangsGetsItsTimeAndNoMore(mode: String) throws {
        let before = Date()
        let result = try fixture.run(["sh", "-c", "exit 3"], mode: mode, options: ["timeout=0.3"])
        #expect(Date().timeIntervalSince(before) < 4)
        #expect(result.exitCode == 3)
        #expect(result.errors.contains("no answer in 0.3 s"))
        #expect(try waitingCount() == 2)
    }

    @Test func aSignalAfterTheCommandsEndEndsTheWaiting() throws {
        let before = Date()
        let result = try fixture.run(
            ["sh", "-c", "touch ready; exit 3"], mode: "hang", options: ["timeout=60"]
        ) { process in
            fixture.waitForFile("ready")
            // The end is in the spool once the command is gone.
            while try waitingCount() < 2 { usleep(2000) }
            process.send(SIGINT)
        }
        #expect(result.exitCode == 3)
        #expect(Date().timeIntervalSince(before) < 30)
        #expect(try waitingCount() == 2)
    }

    @Test func theCommandDoesNotWaitForTheLedger() throws {
        let result = try fixture.run(["date", "+%s%N"], mode: "hang", options: ["timeout=1"])
        let started = try #require(Int(result.output.dropLast()))
        let ended = Int(Date().timeIntervalSince1970 * 1e9)
        #expect(ended - started > 900_000_000)
    }

    @Test func aRefusedEventIsPutAsideWithItsReason() throws {
        let result = try fixture.run(["sh", "-c", "exit 3"], mode: "refuse")
        #expect(result.exitCode == 3)
        #expect(result.errors.split(separator: "\n").count == 1)
        let rows = try Spool(path: fixture.spool).list()
        #expect(rows.map(\.refusal) == ["this token may not write", "this token may not write"])
        #expect(rows.allSatisfy { $0.summary.hasPrefix("orders/test sh -c") })
    }

    @Test func anEventThatIsNoneIsKeptForAPersonToMend() throws {
        let result = try fixture.run(["sh", "-c", "exit 3"], options: ["environment=a/b"])
        #expect(result.exitCode == 3)
        #expect(result.errors.split(separator: "\n").count == 1)
        let rows = try Spool(path: fixture.spool).list()
        #expect(rows.count == 2)
        #expect(rows.allSatisfy { $0.refusal?.contains("environment must not contain /") == true })
        #expect(try fixture.recorded().isEmpty)
    }

    @Test(arguments: ["/proc/spool", "/dev/null", "/dev/null/spool"])
    func aSpoolThatCannotBeWrittenIsGoneWithout(path: String) throws {
        let result = try fixture.run(
            ["sh", "-c", "exit 3"], variables: ["LEDGER_SPOOL": path])
        #expect(result.exitCode == 3)
        let lines = result.errors.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines[0].contains("the spool can't be used, the events are sent without it"))
        #expect(lines[1].hasPrefix("ledger: #7"))
        #expect(try fixture.statuses() == ["started", "failed"])
    }

    @Test func withoutAHomeThereIsNoSpool() throws {
        let variables = ["LEDGER_SPOOL": "", "HOME": "", "XDG_STATE_HOME": "relative"]
        let result = try fixture.run(["true"], variables: variables)
        #expect(result.exitCode == 0)
        #expect(result.errors.contains("HOME is not set"))
        #expect(try fixture.statuses() == ["started", "succeeded"])
    }

    @Test func withNeitherSpoolNorLedgerTheCommandStillRuns() throws {
        let result = try fixture.run(
            ["sh", "-c", "exit 3"], mode: "io", variables: ["LEDGER_SPOOL": "/dev/null"])
        #expect(result.exitCode == 3)
        #expect(result.errors.contains("NOT KEPT"))
    }

    @Test func aFileSizeLimitDoesNotKillTheRun() throws {
        // The limit is for spool and ledger alike: nothing can be written at all.
        let script = "(ulimit -f 0; exec \"$@\" 2>&1; echo $?) | cat"
        let path = fixture.folder.file("output")
        let process = try TestProcess(
            ["/bin/sh", "-c", script, "sh"] + fixture.arguments(["sh", "-c", "echo ran"]),
            folder: fixture.folder.path, variables: fixture.variables(),
            streams: [.file("/dev/null"), .file(path), .file("/dev/null")])
        process.wait()
        let output = fixture.text(of: path)
        #expect(output.contains("ran\n"))
        #expect(output.contains("File too large"))
    }

    @Test func aBadTimeLimitIsFiveSeconds() throws {
        let result = try fixture.run(["true"], options: ["timeout=soon"])
        #expect(result.exitCode == 0)
        #expect(result.errors.contains("--record-timeout is no number of seconds"))
        #expect(RunSession.timeout("0.25") == 250)
        #expect(RunSession.timeout(nil) == 5000)
        #expect(RunSession.timeout("-1") == nil)
        #expect(RunSession.timeout("nan") == nil)
    }

    @Test func strictlyTheCommandStartsOnlyWhenItsStartIsRecorded() throws {
        #expect(try fixture.run(["touch", "ran"], options: ["strict"]).exitCode == 0)
        #expect(FileManager.default.fileExists(atPath: fixture.folder.file("ran")))
        for mode in ["io", "refuse", "hang", "busy"] {
            let result = try fixture.run(
                ["touch", "never"], mode: mode, options: ["strict", "timeout=0.2"])
            #expect(result.exitCode == 1)
            #expect(result.errors.contains("the command was not started"))
        }
        #expect(!FileManager.default.fileExists(atPath: fixture.folder.file("never")))
        let bad = try fixture.run(["touch", "never"], options: ["strict", "environment=a/b"])
        #expect(bad.exitCode == 1)
        #expect(!FileManager.default.fileExists(atPath: fixture.folder.file("never")))
    }

    @Test func anAttemptThatWasNotStartedIsToldLater() throws {
        _ = try fixture.run(["true"], mode: "io", options: ["strict"])
        _ = try fixture.run(["true"])
        #expect(try fixture.statuses() == ["started", "skipped", "started", "succeeded"])
    }

    @Test func strictlyALostEndFailsTheRun() throws {
        let outcome = try run(Recorder(failsAfter: 1), command: ["true"])
        #expect(outcome.exitCode == 1)
        #expect(outcome.receipts.count == 1)
        #expect(try Spool(path: fixture.spool).dropAll() == 1)
        let failing = try run(Recorder(failsAfter: 1), command: ["sh", "-c", "exit 7"])
        #expect(failing.exitCode == 7)
    }

    private func run(_ recorder: Recorder, command: [String]) throws -> RunOutcome {
        var request = LedgerIngestRequest(command: command)
        request.service = "orders"
        request.environment = "test"
        request.requiresRecord = true
        let surroundings = LedgerIngestSurroundings(variables: ["LEDGER_SPOOL": fixture.spool])
        return DeploymentRun(
            request: request, surroundings: surroundings, ledger: "test",
            changeFromPath: { _, _ in nil }, record: recorder.record
        ).runBlocking()
    }
}
