import Foundation
import LedgerCore
import TestSupport
import Testing

/// What was done, said and checked elsewhere.
@Suite struct CommandImportReportTests {
    private static let yaml = """
        services:
          orders:
            paths: [migrations/**]
            tool: flyway

        """

    private static func ledger() throws -> BuiltLedger {
        let ledger = try BuiltLedger()
        _ = try ledger.folder.write(yaml, to: "ledger.yaml")
        let migrations = ledger.folder.file("migrations")
        try FileManager.default.createDirectory(
            atPath: migrations, withIntermediateDirectories: true)
        for (name, sql) in [
            ("V1__a.sql", "CREATE TABLE a(id int PRIMARY KEY);\nselect  a,b from t\n"),
            ("V2__b.sql", "ALTER TABLE a ADD COLUMN b integer NOT NULL DEFAULT 5;\n"),
            ("V3__c.sql", "SELECT 1;\n"),
        ] { try Data(sql.utf8).write(to: URL(fileURLWithPath: migrations + "/" + name)) }
        return ledger
    }

    private func events(_ ledger: BuiltLedger) throws -> [JSONObject] {
        try ledger.output("log", "-o", "ndjson").split(separator: "\n").compactMap {
            try JSONReader.read(Array($0.utf8)).object
        }
    }

    @Test func aReportIsTakenInOnceWhole() throws {
        let ledger = try Self.ledger()
        let report = """
            [{"filepath": "migrations/V1__a.sql", "violations": [{"start_line_no": 2,
              "code": "CP01", "description": "Keywords must be upper case."}]},
             {"filepath": "\(ledger.folder.path)/migrations/V2__b.sql", "violations": []}]
            """
        let input = Data(report.utf8)
        try ledger.run("import", "sqlfluff", "-", input: input).expect(0, "2 recorded")
        try ledger.run("import", "sqlfluff", "-", input: input).expect(0, "2 recorded before")
        #expect(try ledger.count() == 2)
        let text = try ledger.output("log", "-o", "ndjson")
        #expect(text.contains("\"decision\":\"failed\"") && text.contains("\"passed\""), "\(text)")
        #expect(text.contains("sqlfluff CP01"))
        let cut = Data(report.utf8.dropLast(20))
        try ledger.run("import", "sqlfluff", "-", input: cut)
            .expect(1, "standard input: ", "Nothing was recorded")
        #expect(try ledger.count() == 2)
    }

    @Test func whereNobodySaysTheServiceItIsAskedFor() throws {
        let ledger = try BuiltLedger()
        let input = Data(#"[{"filepath": "x/V1__a.sql", "violations": []}]"#.utf8)
        try ledger.run("import", "sqlfluff", "-", input: input).expect(64, "--service")
        try ledger.run("import", "sqlfluff", "-", "--service", "orders", input: input)
            .expect(0, "1 recorded")
        try ledger.run("import", "squawk", "-", "--change", "orders:V1__a", input: Data("[]".utf8))
            .expect(0, "0 recorded")
        try ledger.run("import", "junit", "nope.xml").expect(1, "nope.xml")
    }

    @Test func approvalsOfThePastComeAlong() throws {
        let ledger = try Self.ledger()
        let pulls = """
            [{"author": {"login": "ann"}, "files": [{"path": "migrations/V1__a.sql"}],
              "mergeCommit": {"oid": "1111111111111111111111111111111111111111"},
              "mergedAt": "2026-01-02T03:04:05Z", "number": 12, "reviews": [{"id":
              "PRR_kwDOAAAB9s5JlgLS", "author": {"login": "eve"}, "state": "APPROVED",
              "submittedAt": "2026-01-02T03:00:00Z"}], "title": "OPS-7 Add",
              "url": "https://github.com/acme/orders/pull/12"}]
            """
        try ledger.run("import", "github", "-", input: Data(pulls.utf8)).expect(0, "2 recorded")
        try ledger.run("import", "github", "-", input: Data(pulls.utf8))
            .expect(0, "0 recorded, 2 recorded before")
        try ledger.run(
            "record", "deployment", "--service", "orders", "--env", "prod", "--change", "V1__a",
            "--status", "succeeded", "--time", "2026-01-03T00:00:00Z"
        ).expect(0)
        let check = try ledger.run("check", "--env", "prod")
        #expect(!check.standardOutput.contains("no-review"), "\(check)")
    }

    @Test func ticketsAreFoundByTheirKey() throws {
        let ledger = try Self.ledger()
        let tickets = """
            {"issues": [{"key": "OPS-7", "self": "https://jira.example.com/rest/api/2/issue/1",
             "fields": {"summary": "Index for orders", "description": "orders:V1__a",
             "reporter": {"name": "ann"}, "created": "2026-01-02T03:04:05.000+0100"}}]}
            """
        try ledger.run("import", "ticket", "-", input: Data(tickets.utf8)).expect(0, "1 recorded")
        let found = try ledger.output("query", "--type", "note", "--ticket", "OPS-7", "-o", "json")
        #expect(found.contains("Index for orders"), "\(found)")
        let none = try ledger.run("query", "--type", "note", "--ticket", "OPS-8", "-o", "json")
        #expect(!none.standardOutput.contains("Index for orders"))
    }

    @Test func whatWasTypedByHandBecomesADeployment() throws {
        let ledger = try Self.ledger()
        let log = """
            2026-11-28 19:56:04.979 UTC [4884] ann@shop LOG:  AUDIT: SESSION,1,1,DDL,DROP TABLE,\
            TABLE,public.x,drop table x,<not logged>
            """
        let flags = ["import", "pgaudit", "-", "--env", "prod"]
        try ledger.run(flags, input: Data(log.utf8)).expect(
            0, "1 recorded", "1 statements of which")
        try ledger.run(flags, input: Data(log.utf8)).expect(0, "1 recorded before")
        let row = try #require(try ledger.rows().first)
        #expect(row["executed_as"]?.string == "ann", "\(row)")
        try ledger.run(["import", "pgaudit", "-"], input: Data(log.utf8)).expect(64, "--env")
    }
}
