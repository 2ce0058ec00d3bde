import Foundation
import LedgerCore
import TestSupport
import Testing

@Suite struct CommandRunTests {
    private static let target = ["run", "--service", "orders", "--env", "prod"]

    private func run(
        _ ledger: BuiltLedger, _ arguments: [String], _ variables: [String: String] = [:]
    ) throws -> Shell.Result {
        try Shell.execute(
            BuiltLedger.executable(), arguments,
            environment: ledger.variables.merging(variables) { $1 }, folder: ledger.folder.path)
    }

    @Test func itRecordsTheBeginningAndTheEndAndExitsAsTheCommandDid() throws {
        let ledger = try BuiltLedger()
        try ledger.folder.write("CREATE TABLE t (a);\n", to: "V1__t.sql")
        let good = try run(
            ledger,
            Self.target + ["-m", "why", "--", "sqlite3", "-bail", "a.db", ".read V1__t.sql"])
        good.expect(0, "ledger: #1 ")
        #expect(good.standardOutput.isEmpty)
        try run(ledger, Self.target + ["--", "sqlite3", "-bail", "a.db", ".read V1__t.sql"])
            .expect(1, "already exists", "ledger: #3 ")
        try run(ledger, Self.target + ["--", "sh", "-c", "echo out; exit 7"]).expect(7)
        let rows = try ledger.rows()
        #expect(rows.map { $0["status"]?.string } == ["failed", "failed", "succeeded"])
        #expect(rows.map { $0["exit_code"]?.integer } == [7, 1, 0])
        #expect(rows[2]["name"]?.string == "V1__t")
        #expect(rows[2]["reason"]?.string == "why")
        #expect(rows[2]["first_index"]?.integer == 0)
        #expect(rows[1]["error"]?.string?.contains("already exists") == true)
        #expect(try ledger.count() == 6)
        #expect(try ledger.output("show", "orders:V1__t", "--script") == "CREATE TABLE t (a);\n")
        try ledger.run("verify").expect(0)
    }

    @Test func aScriptsContentNamesItsChangeAsInGit() throws {
        let ledger = try BuiltLedger()
        try ledger.folder.write(
            "--liquibase formatted sql\n--changeset ann:7\nCREATE TABLE t (a);\n", to: "db/a.sql")
        try run(ledger, Self.target + ["--", "sqlite3", "-bail", "a.db", ".read db/a.sql"]).expect(
            0)
        #expect(try ledger.rows().first?["change"]?.string == "db/a.sql::7::ann")
    }

    @Test func psqlInAShellIsNoSuccessForItsExitStatus() throws {
        let ledger = try BuiltLedger()
        try ledger.folder.writeProgram("#!/bin/sh\n", to: "psql")
        try run(ledger, Self.target + ["--", "sh", "-c", "./psql -f a.sql"])
            .expect(0, "recorded as unknown", "ON_ERROR_STOP")
        try run(ledger, Self.target + ["--", "sh", "-c", "./psql -v ON_ERROR_STOP=1 -f a.sql"])
            .expect(0)
        #expect(try ledger.rows().map { $0["status"]?.string } == ["succeeded", "unknown"])
    }

    @Test(.timeLimit(.minutes(3))) func whatWasKilledIsShownAsNotFinished() throws {
        let ledger = try BuiltLedger()
        let (go, output) = (ledger.folder.file("go"), ledger.folder.file("output"))
        #expect(mkfifo(go, 0o600) == 0)
        // The command tells that it runs, and then waits for a word that never comes.
        let command = ["--require-record", "--", "sh", "-c", "echo > go; exec cat go"]
        let process = try TestProcess(
            [BuiltLedger.executable()] + Self.target + command, folder: ledger.folder.path,
            variables: ledger.variables.merging(["PATH": "/usr/bin:/bin"]) { $1 },
            streams: [.file("/dev/null"), .file(output), .file(output)])
        let words = try #require(FileHandle(forReadingAtPath: go))
        _ = try words.read(upToCount: 1)
        try words.close()
        process.send(SIGKILL)
        process.wait()
        // Lets the orphan end.
        try FileHandle(forWritingTo: URL(fileURLWithPath: go)).close()
        let row = try #require(try ledger.rows().first)
        #expect(row["status"]?.string == "started")
        #expect(row["ended"] == nil)
        #expect(try ledger.output("query").contains("not finished"))
        try ledger.run("verify").expect(0)
    }

    @Test func nothingThatIsWrongKeepsTheCommandFromRunning() throws {
        let ledger = try BuiltLedger()
        let command = ["--", "sh", "-c", "echo ran; exit 3"]
        for (arguments, words) in [
            (["run"], "give --service or LEDGER_SERVICE and --env or LEDGER_ENV"),
            (["run", "--env", "", "--service", "orders"], "environment is empty"),
            (Self.target + ["--ledger", "no.db"], "there is no ledger at"),
            (Self.target + ["--ledger", ""], "--ledger is empty"),
            (Self.target + ["--attempt", "many"], "attempt"),
            (Self.target + ["--record-timeout", "soon"], "--record-timeout"),
        ] {
            let result = try run(ledger, arguments + command)
            result.expect(3, words)
            #expect(result.standardOutput == "ran\n", "\(arguments)")
        }
        try ledger.folder.write("nonsense: [", to: "ledger.yaml")
        try run(ledger, Self.target + command).expect(3, "ledger.yaml")
        try run(ledger, Self.target + ["--", "no-such-command"]).expect(127, "no-such-command")
    }

    @Test func whatCouldNotBeRecordedWaitsAndIsSent() throws {
        let ledger = try BuiltLedger()
        let later = ledger.folder.file("later.db")
        let command = Self.target + ["--ledger", "later.db", "--change", "V9", "--", "true"]
        try run(ledger, command).expect(0, "not recorded yet", "ledger spool send")
        let list = try ledger.output("spool")
        #expect(list.contains("orders/prod V9 succeeded"), "\(list)")
        #expect(try ledger.output("spool", "list", "--json").contains("\"v\":1"))
        try ledger.run("spool", "send").expect(1, "still waiting")
        try ledger.run("init", "--ledger", later).expect(0)
        try ledger.run("spool", "send").expect(0, "2 recorded, 0 refused, 0 still waiting")
        #expect(try ledger.output("query", "--ledger", later).contains("V9"))
        try ledger.run("spool").expect(0, "nothing waits")
        try ledger.run("spool", "drop", "no-such.json").expect(1, "no-such.json")
    }

    @Test func whatWasRefusedIsMendedByFlagsAndSent() throws {
        let ledger = try BuiltLedger()
        try run(ledger, ["run", "--service", "orders", "--change", "V9", "--", "true"])
            .expect(0, "--env or LEDGER_ENV", "ledger spool mend")
        try ledger.run("spool", "mend", "--all", "--tenant", "acme")
            .expect(1, "needs environment", ".json")
        try ledger.run("spool", "mend", "--env", "prod").expect(64, "names")
        try ledger.run("spool", "mend", "--all", "--env", "prod", "--tenant", "acme")
            .expect(0, "2 mended", "ledger spool send")
        try ledger.run("spool", "send").expect(0, "2 recorded, 0 refused, 0 still waiting")
        let row = try #require(try ledger.rows().first)
        #expect(row["environment"]?.string == "prod" && row["tenant"]?.string == "acme")
        #expect(row["status"]?.string == "succeeded" && row["first_index"]?.integer == 0)
    }

    @Test func theStrictModeDoesNotStartWhatCanNotBeRecorded() throws {
        let ledger = try BuiltLedger()
        let strict = Self.target + ["--require-record", "--ledger", "no.db", "--", "touch", "ran"]
        try run(ledger, strict).expect(1, "not started")
        #expect(!FileManager.default.fileExists(atPath: ledger.folder.file("ran")))
    }

    @Test func secretsOfTheCommandLineAreLeftOut() throws {
        let ledger = try BuiltLedger()
        try run(
            ledger,
            Self.target + ["--", "true", "--password=hunter2", "postgres://app:hunter2@db1/orders"]
        ).expect(0)
        let command = try #require(try ledger.rows().first?["command"]?.string)
        #expect(command.contains("db1/orders"))
        #expect(!command.contains("hunter2"), "\(command)")
    }

    @Test func theTargetOfADatabaseComesFromTheFile() throws {
        let ledger = try BuiltLedger()
        try ledger.folder.write(
            """
            targets:
              - {address: db1/orders, service: orders, environment: prod, tenant: acme}
              - {address: data/dev.db, service: orders, environment: dev}
            """, to: "ledger.yaml")
        try ledger.folder.writeProgram("#!/bin/sh\nexit 0\n", to: "bin/psql")
        try ledger.folder.write("", to: "data/keep")
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        try run(
            ledger,
            ["run", "--", "psql", "-v", "ON_ERROR_STOP=1", "-h", "db1", "-d", "orders", "-c", "x"],
            ["PATH": "\(ledger.folder.file("bin")):\(path)"]
        ).expect(0)
        try run(ledger, ["run", "--", "sqlite3", "data/dev.db", "SELECT 1"]).expect(0)
        // Another file of that name, with no target of its own.
        try run(ledger, ["run", "--", "sqlite3", "dev.db", "SELECT 1"]).expect(0, "--service")
        let rows = try ledger.rows()
        #expect(rows.map { $0["environment"]?.string } == ["dev", "prod"])
        #expect(rows.map { $0["tenant"]?.string } == [nil, "acme"])
    }
}
