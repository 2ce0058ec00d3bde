import Foundation
import LedgerCore
import TestSupport
import Testing

/// What a real server logs and records itself.
@Suite struct CommandImportPostgresTests {
    private static let sql = """
        CREATE TABLE x(id int primary key,
          t text);
        INSERT INTO x VALUES (1, 'a,"b"');
        BEGIN;
        INSERT INTO x VALUES (2, 'b');
        ALTER TABLE x ADD COLUMN c int;
        COMMIT;
        BEGIN;
        DELETE FROM x;
        ROLLBACK;
        INSERT INTO x VALUES (1, 'dup');
        CREATE ROLE bob LOGIN PASSWORD 's3cret';
        BEGIN;
        UPDATE x SET t = 'z';
        INSERT INTO x VALUES (1, 'dup');
        COMMIT;
        BEGIN;
        SAVEPOINT s;
        INSERT INTO x VALUES (1, 'dup');
        ROLLBACK TO s;
        INSERT INTO x VALUES (9, 'kept');
        COMMIT;
        DROP TABLE nothing;
        SELECT 1;
        DROP TABLE IF EXISTS y;

        """

    /// Of the statements above, as far as pgAudit shows them.
    private static let outcomes = [
        "succeeded", "succeeded", "succeeded", "succeeded", "failed", "failed", "succeeded",
        "failed", "failed", "failed", "succeeded",
        // The last of a log: what follows would show it.
        "unknown",
    ]

    @Test(.enabled(if: PostgresServer.hasPgAudit))
    func allThreeFormsOfALogSayTheSame() throws {
        let server = try PostgresServer()
        defer { server.stop() }
        try server.audit()
        try server.run(Self.sql)
        try server.run("CREATE TABLE z(i int)", application: "ledger/01JD")
        // What is logged last is written by then.
        server.stop()
        for end in ["csv", "json", "log"] {
            let ledger = try BuiltLedger()
            let flags = [
                "import", "pgaudit", "-", "--service", "orders", "--env", "prod",
                "--log-line-prefix", "%m [%p] %q%u@%d/%a ",
            ]
            let log = try server.log(end)
            let result = try ledger.run(flags, input: log)
            result.expect(0, "12 recorded", "1 statements of ledger run left out")
            let rows = try ledger.output("log", "-o", "ndjson").split(separator: "\n").reversed()
            let statuses = try rows.map { row in
                let entry = try JSONReader.read(Array(row.utf8)).object
                return entry?[["event", "deployment", "status"]]?.string
                    ?? entry?[["deployment", "status"]]?.string ?? "?"
            }
            #expect(statuses == Self.outcomes, "\(end): \(rows.first ?? "")")
            #expect(!rows.contains { $0.contains("s3cret") })
            try ledger.run(flags, input: log).expect(0, "0 recorded, 12 recorded before")
            try ledger.run("verify").expect(0)
        }
    }

    /// The same log has what ran under `ledger run` and what was typed beside it.
    @Test(.enabled(if: PostgresServer.hasPgAudit))
    func ofALogTheRunsAreKnownAndTheRestIsAdHoc() throws {
        let server = try PostgresServer()
        defer { server.stop() }
        try server.audit()
        let ledger = try BuiltLedger()
        let scripts = [
            ("V1__a.sql", "CREATE TABLE a(i int PRIMARY KEY);\nINSERT INTO a VALUES (1);\n", 0),
            ("V2__b.sql", "ALTER TABLE a ADD b int;\nINSERT INTO a VALUES (1);\n", 3),
        ]
        var merges = ""
        for (name, sql, status) in scripts {
            _ = try ledger.folder.write(sql, to: name)
            let run = try ledger.run(
                "run", "--service", "orders", "--env", "prod", "--", "psql", "-X", "-q", "-v",
                "ON_ERROR_STOP=1", "-d", server.url, "-f", name)
            #expect(run.status == status, "\(run)")
            merges += """
                {"type": "merge", "service": "orders", "change": {"id": "\(name.dropFirst().prefix(1))"}, \
                "git": {"commit": "\(String(repeating: "1", count: 40))"}, \
                "time": "2026-01-02T03:04:05Z"}

                """
        }
        try server.run(
            """
            CREATE TABLE byhand(i int); GRANT SELECT ON byhand TO PUBLIC; DELETE FROM a;
            BEGIN; COMMIT;
            """)
        server.stop()
        try ledger.output("import", "events", "-", input: merges)

        let runs = try ledger.rows("--trigger", "cli")
        #expect(runs.map { $0["status"]?.string } == ["failed", "succeeded"])
        let log = try server.log("csv")
        for run in runs {
            let id = try #require(run["deployment"]?.string, "\(run)")
            #expect(String(decoding: log, as: UTF8.self).contains("\"ledger/\(id)\""))
        }
        try ledger.run(
            "import", "pgaudit", "-", "--service", "orders", "--env", "prod", input: log
        ).expect(0, "3 recorded", "4 statements of ledger run left out")
        let typed = try ledger.rows("--trigger", "manual")
        #expect(
            typed.compactMap { $0["title"]?.string }.reversed()
                == ["CREATE TABLE", "GRANT", "DELETE"], "\(typed)")
        let ids = Set(typed.compactMap { $0["change"]?.string })
        let check = try ledger.run("check", "--env", "prod", "--rule", "ad-hoc", "-o", "json")
        let findings = try JSONReader.read(Array(check.standardOutput.utf8)).object
        let adHoc = (findings?["rows"]?.array ?? []).compactMap { $0.object?["change"]?.string }
        #expect(ids.count == 3 && Set(adHoc) == ids, "\(check)")
    }

    @Test(.enabled(if: PostgresServer.isInstalled))
    func aDatabaseRecordsItsOwnChanges() throws {
        let server = try PostgresServer()
        defer { server.stop() }
        let ledger = try BuiltLedger()
        let script = try ledger.output("hook", "postgres")
        for _ in 0..<2 {
            let made = try server.run(script)
            #expect(made.status == 0, "\(made.standardError)")
        }
        try server.run(Self.sql)
        try server.run(
            """
            CREATE TEMP TABLE t(i int); BEGIN; CREATE TABLE gone(i int); ROLLBACK;
            ALTER TABLE x DROP COLUMN c; DROP TABLE x;
            """)
        try server.run("CREATE TABLE z(i int)", application: "ledger/01JD")
        let flags = [
            "import", "ddl-events", "--service", "orders", "--env", "prod", "--url", server.url,
        ]
        try ledger.run(flags).expect(0, "4 rows in", "4 recorded")
        try ledger.run(flags).expect(0, "0 recorded")
        let rows = try ledger.rows()
        #expect(
            rows.map { $0["title"]?.string ?? "" }.reversed().map { $0.prefix(11) } == [
                "CREATE TABL", "ALTER TABLE", "ALTER TABLE", "DROP TABLE ",
            ])
        #expect(rows.allSatisfy { $0["executed_as"]?.string == "postgres" }, "\(rows)")
        // Nobody but its owner can write there, and changes of others are recorded all the same.
        try server.run(
            """
            CREATE ROLE app LOGIN; GRANT CREATE ON SCHEMA public TO app; SET ROLE app;
            CREATE TABLE ofapp(i int); DELETE FROM ledger_ddl_events;
            """)
        try ledger.run(flags).expect(0, "2 recorded")
        try ledger.run("verify").expect(0)
    }
}

extension PostgresServer {
    /// Loads pgAudit, and logs in all three forms.
    fileprivate func audit() throws {
        // The log's folder is known only now; each start goes on in the same file.
        try run(
            """
            ALTER SYSTEM SET shared_preload_libraries = 'pgaudit';
            ALTER SYSTEM SET logging_collector = on;
            ALTER SYSTEM SET log_destination = 'stderr,csvlog,jsonlog';
            ALTER SYSTEM SET log_directory = '\(logFolder)';
            ALTER SYSTEM SET log_filename = 'postgresql.log';
            ALTER SYSTEM SET log_line_prefix = '%m [%p] %q%u@%d/%a ';
            """)
        try restart()
        try run("ALTER SYSTEM SET pgaudit.log = 'ddl,role,write,misc'")
        try restart()
    }

    func restart() throws {
        stop()
        try start()
    }
}
