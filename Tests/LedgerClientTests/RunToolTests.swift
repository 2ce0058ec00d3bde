import Foundation
import LedgerCore
import LedgerCrypto
import TestSupport
import Testing

/// Runs of the real `sqlite3` and `psql`.
struct RunToolTests {
    let fixture: Fixture

    static let good = "CREATE TABLE a (x);\nINSERT INTO a VALUES (1);\n"
    static let bad =
        "CREATE TABLE a (x);\nINSERT INTO missing VALUES (1);\nINSERT INTO a VALUES (2);\n"

    init() throws {
        fixture = try Fixture()
        try fixture.folder.write(Self.good, to: "V1__good.sql")
        try fixture.folder.write(Self.bad, to: "V2__bad.sql")
    }

    private static func digest(_ text: String) -> JSON {
        .string(SHA256.hash(Array(text.utf8)).hex)
    }

    @Test(.enabled(if: Fixture.isInstalled("sqlite3")))
    func aScriptOfSqlite3IsRecordedWithItsBytes() throws {
        let result = try fixture.run(["sqlite3", "orders.db", ".read V1__good.sql"])
        #expect(result.exitCode == 0, "\(result.errors)")
        for event in try fixture.recorded() {
            #expect(event[["change", "id"]] == "V1__good")
            #expect(event[["change", "tool"]] == "sqlite3")
            #expect(event[["change", "size"]] == .integer(Int64(Self.good.utf8.count)))
            #expect(event["attached:script"] == Self.digest(Self.good))
            #expect(event["database"] == "orders.db")
        }
        #expect(try fixture.statuses() == ["started", "succeeded"])
    }

    @Test(
        .enabled(if: Fixture.isInstalled("sqlite3")),
        arguments: [
            (["orders.db", ".read V2__bad.sql"], 1, "failed"),
            (["-bail", "orders.db", ".read V2__bad.sql"], 1, "failed"),
            (["-init", "V2__bad.sql", "orders.db", "SELECT 1"], 0, "unknown"),
            (["-bail", "-init", "V2__bad.sql", "orders.db", "SELECT 1"], 1, "failed"),
            (["-cmd", "SELECT x FROM missing", "orders.db", "SELECT 1"], 0, "unknown"),
            (["orders.db", "SELECT x FROM missing", "SELECT 1"], 1, "failed"),
            (["orders.db", "SELECT 1"], 0, "succeeded"),
        ])
    func theOutcomeOfSqlite3IsAsSureAsItsExitStatus(
        arguments: [String], code: Int32, status: String
    ) throws {
        let result = try fixture.run(["sqlite3"] + arguments)
        #expect(result.exitCode == code)
        let end = try fixture.recorded()[1]
        #expect(end[["deployment", "status"]] == .string(status))
        #expect((end["error"] != nil) == (status != "succeeded"))
        #expect(result.errors.contains("recorded as unknown") == (status == "unknown"))
    }

    @Test(.enabled(if: Fixture.isInstalled("sqlite3")))
    func aRedirectedFileKeepsItsNameAndItsOffset() throws {
        let result = try fixture.run(
            ["sqlite3", "orders.db"], input: .file(fixture.folder.file("V2__bad.sql")))
        #expect(result.exitCode == 1)
        let events = try fixture.recorded()
        #expect(events[0][["change", "name"]] == "V2__bad")
        #expect(events[0]["attached:script"] == Self.digest(Self.bad))
        #expect(events[1][["deployment", "status"]] == "failed")
        let error = try #require(events[1]["error"]?.string)
        #expect(error.contains("no such table: missing"))
    }

    @Test(.enabled(if: Fixture.isInstalled("sqlite3")))
    func whatComesThroughAPipeIsKept() throws {
        let long = Self.good + String(repeating: "-- filler\n", count: 50_000)
        try fixture.folder.write(long, to: "long.sql")
        let output = fixture.folder.file("output")
        let process = try TestProcess(
            ["sh", "-c", "cat long.sql | \"$@\"", "sh"]
                + fixture.arguments(["sqlite3", "orders.db"]),
            folder: fixture.folder.path, variables: fixture.variables(),
            streams: [.file("/dev/null"), .file(output), .file(output)])
        #expect(process.wait().exitCode == 0)
        let events = try fixture.recorded()
        #expect(events[0][["change", "id"]]?.string?.hasPrefix("manual-") == true)
        #expect(events[0]["attached:script"] == nil)
        #expect(events[1]["attached:script"] == Self.digest(long))
        #expect(events[1][["change", "id"]] == events[0][["change", "id"]])
        let check = try fixture.run(["sqlite3", "orders.db", "SELECT count(*) FROM a"])
        #expect(check.output == "1\n")
    }

    @Test func aCommandThatReadsNothingDoesNotHoldAPipeUp() throws {
        // psql that can't connect reads nothing; the writer of the pipe never ends by itself.
        let output = fixture.folder.file("output")
        try fixture.folder.writeProgram("#!/bin/sh\nexit 2\n", to: "psql")
        let process = try TestProcess(
            ["sh", "-c", "yes | \"$@\"", "sh"] + fixture.arguments(["./psql"]),
            folder: fixture.folder.path, variables: fixture.variables(),
            streams: [.file("/dev/null"), .file(output), .file(output)])
        #expect(process.wait().exitCode == 2)
        #expect(try fixture.statuses() == ["started", "failed"])
    }

    @Test(.enabled(if: Fixture.isInstalled("psql")))
    func psqlThatCannotConnectHasFailed() throws {
        let result = try fixture.run(
            [
                "psql", "-X", "-h", fixture.folder.path, "-d", "orders", "-U", "app", "-f",
                "V1__good.sql",
            ])
        #expect(result.exitCode == 2)
        let end = try fixture.recorded()[1]
        #expect(end[["deployment", "status"]] == "failed")
        #expect(end["database"] == "orders")
        #expect(end["executed_as"] == "app")
        #expect(end["error"]?.string?.contains("No such file or directory") == true)
    }

    @Test func psqlIsToldTheDeploymentsName() throws {
        try fixture.folder.writeProgram("#!/bin/sh\necho \"$PGAPPNAME\"\n", to: "psql")
        let result = try fixture.run(["./psql", "-f", "V1__good.sql"])
        let id = try #require(try fixture.recorded()[0][["deployment", "id"]]?.string)
        #expect(result.output == "ledger/\(id)\n")
        let own = try fixture.run(["./psql"], variables: ["PGAPPNAME": "mine"])
        #expect(own.output == "mine\n")
    }

    @Test(.enabled(if: PostgresServer.isInstalled))
    func theOutcomeOfPsqlIsAsSureAsItsExitStatus() throws {
        let server = try PostgresServer()
        defer { server.stop() }
        let cases: [(arguments: [String], code: Int32, statuses: [String])] = [
            (["-f", "V2__bad.sql"], 0, ["unknown"]),
            (["-f", "V1__pg.sql"], 0, ["unknown"]),
            (["-v", "ON_ERROR_STOP=1", "-f", "V1__pg.sql"], 0, ["succeeded"]),
            (["-v", "ON_ERROR_STOP=1", "-f", "V2__bad.sql"], 3, ["failed"]),
            (["-v", "ON_ERROR_STOP=", "-f", "V2__bad.sql"], 3, ["failed"]),
            (["-c", "SELECT 1; SELECT missing"], 1, ["failed"]),
            (["-c", "SELECT 1"], 0, ["succeeded"]),
            (["-c", "SELECT missing", "-c", "SELECT 1"], 0, ["unknown"]),
            (["-f", "V3__stops.sql"], 0, ["succeeded"]),
            (["-f", "absent.sql"], 1, ["failed"]),
            (
                [
                    "-v", "ON_ERROR_STOP=1", "-f", "V1__pg.sql", "-f", "V2__bad.sql", "-f",
                    "V3__stops.sql",
                ],
                3, ["succeeded", "failed", "skipped"]
            ),
            (
                ["-1", "-v", "ON_ERROR_STOP=1", "-f", "V1__pg.sql", "-f", "V2__bad.sql"],
                3, ["failed", "failed"]
            ),
        ]
        try fixture.folder.write("SELECT 1;\n", to: "V1__pg.sql")
        try fixture.folder.write("\\set ON_ERROR_STOP on\nSELECT 1;\n", to: "V3__stops.sql")
        for (arguments, code, statuses) in cases {
            try? FileManager.default.removeItem(atPath: fixture.ledger)
            let result = try fixture.run(
                ["psql", "-X"] + arguments,
                variables: ["PGHOST": server.socketFolder, "PGUSER": "postgres"])
            #expect(result.exitCode == code, "\(arguments): \(result.errors)")
            let events = try fixture.recorded()
            let ends = events.suffix(statuses.count)
            #expect(ends.map { $0[["deployment", "status"]]?.string } == statuses, "\(arguments)")
            #expect(Set(ends.map { $0[["deployment", "group"]]?.string }).count == 1)
            #expect(result.errors.contains("recorded as unknown") == statuses.contains("unknown"))
        }
    }
}
