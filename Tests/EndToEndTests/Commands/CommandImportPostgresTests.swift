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
        // The log's folder is known only now.
        try server.run(
            """
            ALTER SYSTEM SET shared_preload_libraries = 'pgaudit';
            ALTER SYSTEM SET logging_collector = on;
            ALTER SYSTEM SET log_destination = 'stderr,csvlog,jsonlog';
            ALTER SYSTEM SET log_directory = '\(server.logFolder)';
            ALTER SYSTEM SET log_line_prefix = '%m [%p] %q%u@%d/%a ';
            """)
        try server.restart()
        try server.run("ALTER SYSTEM SET pgaudit.log = 'ddl,role,write,misc'")
        try server.restart()
        try server.run(Self.sql)
        try server.run("CREATE TABLE z(i int)", application: "ledger/01JD")
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
    func restart() throws {
        stop()
        try start()
    }
}
