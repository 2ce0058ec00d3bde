import Foundation
import LedgerCore
import TestSupport
import Testing

/// What Bytebase's API lists, written after its documentation.
@Suite struct CommandImportBytebaseTests {
    private static let place = "instances/prod/databases/orders"

    /// Two pages of changelogs, then one of revisions and one of the audit log.
    private static let pages = """
        {"changelogs":[\
        {"name":"\(place)/changelogs/101","createTime":"2026-11-01T12:00:00.5Z","status":"DONE",\
        "type":"MIGRATE","migrationType":"DDL","statement":"CREATE TABLE a (x INT);",\
        "statementSize":"23","statementSheet":"projects/shop/sheets/7",\
        "issue":"projects/shop/issues/12",\
        "taskRun":"projects/shop/rollouts/3/stages/1/tasks/4/taskRuns/5"},\
        {"name":"\(place)/changelogs/102","createTime":"2026-11-02T12:00:00Z","status":"FAILED",\
        "type":"DATA","statement":"DELETE FROM a","statementSize":"9999",\
        "statementSheet":"projects/shop/sheets/8"}],"nextPageToken":"x"}
        {"changelogs":[\
        {"name":"\(place)/changelogs/103","createTime":"2026-11-03T12:00:00Z","status":"DONE",\
        "taskRun":"projects/shop/plans/9/rollout/stages/prod/tasks/1/taskRuns/1",\
        "planTitle":"Orders by status"},\
        {"name":"\(place)/changelogs/100","createTime":"2026-10-01T12:00:00Z","status":"DONE",\
        "type":"BASELINE"}]}
        {"revisions":[\
        {"name":"\(place)/revisions/5","version":"42","createTime":"2026-11-01T12:00:01Z",\
        "taskRun":"projects/shop/rollouts/3/stages/1/tasks/4/taskRuns/5","sheetSha256":"ab"},\
        {"name":"\(place)/revisions/6","version":"41","createTime":"2026-10-05T12:00:00Z",\
        "deleteTime":"2026-10-06T12:00:00Z","deleter":"users/bob@example.com"}]}
        {"auditLogs":[\
        {"name":"projects/shop/auditLogs/1","createTime":"2026-11-01T11:00:00Z",\
        "user":"users/ann@example.com","method":"/bytebase.v1.IssueService/ApproveIssue",\
        "request":"{\\"name\\":\\"projects/shop/issues/12\\"}"},\
        {"name":"projects/shop/auditLogs/2","createTime":"2026-11-04T11:00:00Z",\
        "user":"users/eve@example.com","method":"/bytebase.v1.SQLService/AdminExecute",\
        "request":"{\\"name\\":\\"\(place)\\",\\"statement\\":\\"-- by hand\\\\nALTER ROLE x \
        PASSWORD 's3cret'\\"}"},\
        {"name":"projects/shop/auditLogs/3","createTime":"2026-11-04T11:00:00Z",\
        "user":"users/eve@example.com","method":"/bytebase.v1.SQLService/Query",\
        "request":"{\\"name\\":\\"\(place)\\",\\"statement\\":\\"SELECT 1\\"}"},\
        {"name":"projects/shop/auditLogs/4","method":"/bytebase.v1.AuthService/Login",\
        "request":"{}"}]}
        {}

        """

    private func take(
        _ text: String, _ ledger: BuiltLedger, _ flags: String...
    ) throws -> Shell.Result {
        try Shell.execute(
            BuiltLedger.executable(), ["import", "bytebase", "-"] + flags,
            input: Data(text.utf8), environment: ledger.variables, folder: ledger.folder.path)
    }

    @Test func whatItsAPIListsComesAlongOnce() throws {
        let ledger = try BuiltLedger()
        let flags = ("--service", "orders", "--env", "prod")
        let first = try take(Self.pages, ledger, flags.0, flags.1, flags.2, flags.3)
        first.expect(0, "8 recorded", "2 audit logs that change no database left out: Login, Query")
        try take(Self.pages, ledger, flags.0, flags.1, flags.2, flags.3).expect(0, "0 recorded")
        let rows = try ledger.rows("--env", "prod", "--reverse", "--limit", "100")
        let states = rows.map { row in
            [
                row["change"]?.string?.hasPrefix("manual-") == true
                    ? "manual" : row["change"]?.string,
                row["operation"]?.string, row["status"]?.string, row["at"]?.string,
            ].compactMap(\.self).joined(separator: " ")
        }
        #expect(
            states == [
                "changelog-100 baseline succeeded 2026-10-01T12:00:00.000Z",
                "41 apply succeeded 2026-10-05T12:00:00.000Z",
                "41 repair succeeded 2026-10-06T12:00:00.000Z",
                "42 apply succeeded 2026-11-01T12:00:00.500Z",
                "sheet-8 apply failed 2026-11-02T12:00:00.000Z",
                "plan-9 apply succeeded 2026-11-03T12:00:00.000Z",
                "manual apply succeeded 2026-11-04T11:00:00.000Z",
            ])
        // Nobody is taken for the one who ran it but who did.
        #expect(
            rows.map { $0[["actor", "id"]]?.string } == [
                nil, nil, "bob@example.com", nil, nil, nil, "eve@example.com",
            ])
        #expect(rows.allSatisfy { $0["database"]?.string == "orders" })
        #expect(rows[4]["kind"]?.string == "data")
        #expect(rows[5]["title"]?.string == "Orders by status")
        #expect(
            try ledger.output("show", "orders:42", "--script") == "CREATE TABLE a (x INT);")
        // A preview is no script.
        #expect(rows[4]["digest"] == nil)
        let reviews = try ledger.rows("--type", "review")
        #expect(reviews.map { $0[["actor", "id"]]?.string } == ["ann@example.com"])
        #expect(reviews.map { $0["change"]?.string } == ["42"])
        let file = try Data(contentsOf: URL(fileURLWithPath: ledger.folder.file("ledger.db")))
        #expect(file.range(of: Data("s3cret".utf8)) == nil)
        try ledger.run("verify").expect(0)
    }

    @Test func aPendingOneIsTheSameDeploymentWhenItIsDone() throws {
        let ledger = try BuiltLedger()
        for (status, count) in [("PENDING", "1 recorded"), ("DONE", "1 recorded")] {
            try take(
                """
                [{"name":"\(Self.place)/changelogs/1","createTime":"2026-11-01T12:00:00Z",
                "status":"\(status)","version":"7"}]
                """, ledger, "--service", "orders", "--env", "prod"
            ).expect(0, count)
        }
        let rows = try ledger.rows("--env", "prod")
        #expect(rows.map { $0["status"]?.string } == ["succeeded"])
    }

    @Test func whatIsNotAsItWasReadBeforeIsAFinding() throws {
        let ledger = try BuiltLedger()
        func changelog(_ version: String, _ status: String, sheet: Int) throws -> Shell.Result {
            try take(
                """
                [{"name":"\(Self.place)/changelogs/1","createTime":"2026-11-01T12:00:00Z",
                "status":"\(status)","version":"\(version)",
                "statementSheet":"projects/shop/sheets/\(sheet)"}]
                """, ledger, "--service", "orders", "--env", "prod")
        }
        try changelog("7", "PENDING", sheet: 1).expect(0, "1 recorded")
        let done = try changelog("7", "DONE", sheet: 1)
        done.expect(0, "1 recorded")
        #expect(!done.standardError.contains("rewritten"))
        let rewritten = try changelog("7", "DONE", sheet: 2)
        rewritten.expect(
            0,
            "rewritten: \(Self.place)/changelogs/1, checksum was projects/shop/sheets/1, is "
                + "projects/shop/sheets/2", "1 recorded")
        try changelog("7", "DONE", sheet: 2).expect(0, "0 recorded")
        try changelog("8", "FAILED", sheet: 2).expect(
            0, "change was 7, is 8", "outcome was apply succeeded, is apply failed", "2 recorded")
        let check = try ledger.run("check", "--env", "prod")
        #expect(check.standardOutput.contains("history-rewritten"), "\(check)")
        // Put back, it is another one once more.
        try changelog("7", "DONE", sheet: 1).expect(0, "change was 8, is 7")
        try ledger.run("verify").expect(0)
    }

    /// The version that came along with a revision stays, though the next pages have none.
    @Test func aNameThatWasGivenOnceStays() throws {
        let ledger = try BuiltLedger()
        let flags = ("--service", "orders", "--env", "prod")
        try take(Self.pages, ledger, flags.0, flags.1, flags.2, flags.3).expect(0, "8 recorded")
        let first = String(Self.pages.prefix { $0 != "\n" })
        let again = try take(first, ledger, flags.0, flags.1, flags.2, flags.3)
        again.expect(0, "0 recorded")
        #expect(!again.standardError.contains("rewritten"), "\(again)")
    }

    @Test func databasesAreToldApartByTheirAddresses() throws {
        let ledger = try BuiltLedger()
        try ledger.folder.write(
            """
            targets:
              - {address: \(Self.place), service: orders, environment: prod, tenant: acme}

            """, to: "ledger.yaml")
        let other = Self.pages.replacingOccurrences(of: "databases/orders", with: "databases/x")
        try take(other, ledger).expect(
            64, "instances/prod/databases/x", "give --service and --env")
        #expect(try ledger.count() == 0)
        try take(Self.pages + other, ledger).expect(
            0, "8 recorded", "7 in databases of no known target left out")
        #expect(
            try ledger.rows("--env", "prod", "--tenants").allSatisfy {
                $0["tenant"]?.string == "acme"
            })
    }

    @Test(arguments: [
        ("{\"code\":16,\"message\":\"access token expired\"}", "error of the API: access token"),
        ("{\"changelogs\":[{\"status\":\"DONE\"}]}", "name is missing"),
        (
            "{\"changelogs\":[{\"name\":\"instances/a/databases/b/changelogs/1\",\"status\":\"ODD\"}]}",
            "ODD"
        ),
        (
            "{\"changelogs\":[{\"name\":\"instances/a/databases/b/changelogs/1\",\"type\":\"ODD\"}]}",
            "ODD"
        ),
        ("{\"changelogs\":[{\"name\":\"instances/a/databases/b/cha", "JSON"),
        ("{\"changelogs\":[{\"name\":\"x/changelogs/1\"}]}", "names no database"),
        (
            "{\"revisions\":[{\"name\":\"instances/a/databases/b/revisions/1\"}]}",
            "version is missing"
        ),
        ("{\"name\":\"projects/shop\"}", "no changelog, revision or audit log"),
        ("[1]", "is no object"),
        ("", "nothing in it"),
    ])
    func whatCannotBeRightIsRefusedWhole(_ text: String, _ words: String) throws {
        let ledger = try BuiltLedger()
        try take(text, ledger, "--service", "orders", "--env", "prod").expect(1, words)
        #expect(try ledger.count() == 0)
    }
}
