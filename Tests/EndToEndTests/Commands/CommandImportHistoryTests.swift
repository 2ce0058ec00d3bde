import Foundation
import LedgerCore
import LedgerCrypto
import TestSupport
import Testing

/// The history that a tool already has.
@Suite struct CommandImportHistoryTests {
    private static let flyway = """
        CREATE TABLE flyway_schema_history (
            installed_rank INT PRIMARY KEY, version VARCHAR(50), description VARCHAR(200),
            type VARCHAR(20), script VARCHAR(1000), checksum INT, installed_by VARCHAR(100),
            installed_on TEXT, execution_time INT, success BOOLEAN);
        INSERT INTO flyway_schema_history VALUES
            (0, NULL, '<< Flyway Schema Creation >>', 'SCHEMA', '"app"', NULL, 'app',
                '2026-10-31 09:00:00.000', 0, 1),
            (1, '41', 'init', 'SQL', 'V41__init.sql', 11, 'app', '2026-11-01 09:00:00.123', 12, 1),
            (2, '42', 'add index', 'SQL', 'V42__add_index.sql', -1039259818, 'app',
                '2026-11-02 09:00:00.000', 37, 1),
            (3, NULL, 'view', 'SQL', 'R__view.sql', 7, 'app', '2026-11-02 09:00:01.000', 5, 0);
        """

    private static func sqlite(_ ledger: BuiltLedger, _ sql: String) throws {
        let result = try Shell.execute(
            "sqlite3", ["-bail", ledger.folder.path + "/app.db", sql])
        #expect(result.status == 0, "\(result.standardError)")
    }

    private static func take(_ ledger: BuiltLedger, _ more: String...) throws -> Shell.Result {
        try ledger.run(
            [
                "import", "flyway", "--service", "orders", "--env", "prod", "--database-file",
                "app.db",
            ]
                + more)
    }

    @Test func eachRowBecomesADeploymentOnce() throws {
        let ledger = try BuiltLedger()
        try Self.sqlite(ledger, Self.flyway)
        try Self.take(ledger).expect(0, "3 rows in flyway_schema_history, 3 recorded")
        let rows = try ledger.rows()
        #expect(rows.compactMap { $0["change"]?.string } == ["R__view", "42", "41"])
        let row = try #require(rows.first { $0["change"]?.string == "42" })
        #expect(row["at"]?.string == "2026-11-02T09:00:00.000Z")
        #expect(row["executed_as"]?.string == "app")
        #expect(row["actor"] == nil)
        try Self.take(ledger).expect(0, "3 rows in flyway_schema_history, 0 recorded")
        // A replica, and a dump of it, have the same rows.
        let csv = try Shell.execute(
            "sqlite3",
            [
                "-csv", "-header", ledger.folder.path + "/app.db",
                "SELECT * FROM flyway_schema_history",
            ])
        try ledger.run(
            "import", "flyway", "--service", "orders", "--env", "prod", "--dump", "-",
            "--time-zone", "UTC", input: Data(csv.standardOutput.utf8)
        ).expect(0, "0 recorded")
        #expect(try ledger.count() == 3)
        try Self.sqlite(
            ledger,
            """
            INSERT INTO flyway_schema_history VALUES (4, '43', 'x', 'SQL', 'V43__x.sql', 1, 'app',
                '2026-11-03 09:00:00.000', 1, 1)
            """)
        try Self.take(ledger).expect(0, "4 rows", "1 recorded")
        try ledger.run("verify").expect(0)
    }

    @Test func whatWasRewrittenIsFoundWithBeforeAndAfter() throws {
        let ledger = try BuiltLedger()
        try Self.sqlite(ledger, Self.flyway)
        try Self.take(ledger).expect(0)
        // As `flyway repair` does, and as a hand does.
        try Self.sqlite(
            ledger,
            """
            UPDATE flyway_schema_history SET checksum = 99 WHERE installed_rank = 2;
            DELETE FROM flyway_schema_history WHERE installed_rank = 3;
            UPDATE flyway_schema_history SET success = 0 WHERE installed_rank = 1;
            """)
        try Self.take(ledger).expect(
            0, "flyway_schema_history/2, checksum was -1039259818, is 99",
            "flyway_schema_history/3, row was change R__view, apply failed, checksum 7, is gone",
            "flyway_schema_history/1, outcome was apply succeeded, is apply failed", "2 recorded")
        let check = try ledger.run("check", "--env", "prod")
        #expect(check.status == 3)
        #expect(check.standardOutput.contains("history-rewritten"), "\(check)")
        #expect(check.standardOutput.contains("checksum was -1039259818, is 99"), "\(check)")
        // It is told once, and as the table is now it is known.
        try Self.take(ledger).expect(0, "2 rows", "0 recorded")
        // Put back, it was rewritten again.
        try Self.sqlite(
            ledger,
            "UPDATE flyway_schema_history SET checksum = -1039259818 WHERE installed_rank = 2")
        try Self.take(ledger).expect(0, "checksum was 99, is -1039259818", "1 recorded")
        try ledger.run("verify").expect(0)
    }

    @Test func anotherKindOfChecksumIsNoRewrite() throws {
        let ledger = try BuiltLedger()
        func take(_ checksum: String) throws -> Shell.Result {
            let csv = """
                ID,AUTHOR,FILENAME,DATEEXECUTED,ORDEREXECUTED,EXECTYPE,MD5SUM
                7,ann,db/a.sql,2026-11-01 12:00:00,1,EXECUTED,\(checksum)

                """
            return try ledger.run(
                "import", "liquibase", "--service", "orders", "--env", "prod", "--dump", "-",
                input: Data(csv.utf8))
        }
        try take("8:aa").expect(0, "1 recorded", "not in which zone")
        #expect(try ledger.rows().first?["time_known"]?.bool == false)
        try take("9:bb").expect(0, "0 recorded")
        try take("8:cc").expect(0, "checksum was 8:aa, is 8:cc", "1 recorded")
    }

    @Test func aRollbackThatNobodyRecordedIsSeenByItsRow() throws {
        let ledger = try BuiltLedger()
        func take(_ versions: String...) throws -> Shell.Result {
            try ledger.run(
                "import", "rails", "--service", "orders", "--env", "prod", "--dump", "-",
                input: Data((["version"] + versions).joined(separator: "\n").utf8))
        }
        try take("20260101", "20260102").expect(0, "2 recorded")
        try take("20260101").expect(
            0, "schema_migrations/20260102, row was", "is gone", "2 recorded")
        #expect(try ledger.output("status", "--service", "orders").contains("reverted"))
        try take("20260101").expect(0, "0 recorded")
        try take("20260101", "20260102").expect(0, "1 recorded")
    }

    /// What a run was seen to repair is no rewrite; what is done to the row after it is.
    @Test func aRepairThatWasRecordedIsNoRewrite() throws {
        let ledger = try BuiltLedger()
        try ledger.folder.write("CREATE TABLE a (x INT);\n", to: "sql/V1__a.sql")
        func sql(_ text: String) throws {
            let result = try Shell.run("sqlite3", [ledger.folder.file("app.db"), text])
            #expect(result.status == 0, "\(result)")
        }
        try sql(
            """
            CREATE TABLE flyway_schema_history (installed_rank INT, version TEXT, description TEXT,
              type TEXT, script TEXT, checksum INT, installed_by TEXT, installed_on TEXT,
              execution_time INT, success INT);
            INSERT INTO flyway_schema_history VALUES
              (1, '1', 'a', 'SQL', 'V1__a.sql', 7, 'app', '2026-11-01 09:00:00.000', 3, 1)
            """)
        let flags = [
            "import", "flyway", "--service", "orders", "--env", "prod", "--database-file", "app.db",
        ]
        try ledger.run(flags).expect(0, "1 recorded")
        // As its documentation says of repair.
        try FileManager.default.createDirectory(
            atPath: ledger.folder.file("bin"), withIntermediateDirectories: true)
        try ledger.folder.writeProgram(
            "#!/bin/sh\nsqlite3 app.db 'UPDATE flyway_schema_history SET checksum = 8'\n",
            to: "bin/flyway")
        let repair = try ledger.run(
            "run", "--service", "orders", "--env", "prod", "--",
            ledger.folder.file("bin/flyway"), "-url=jdbc:sqlite:app.db", "repair")
        #expect(repair.status == 0, "\(repair)")
        #expect(
            try ledger.rows("--env", "prod").contains {
                $0["change"]?.string == "1" && $0["operation"]?.string == "repair"
            })
        let after = try ledger.run(flags)
        after.expect(0, "0 recorded")
        #expect(!after.standardError.contains("rewritten"), "\(after)")
        try sql("UPDATE flyway_schema_history SET checksum = 9")
        let rewritten = try ledger.run(flags)
        rewritten.expect(0, "rewritten: flyway_schema_history/1, checksum was 8, is 9")
        #expect(!rewritten.standardError.contains("outcome"), "\(rewritten)")
    }

    @Test func alembicStandsWhereItStands() throws {
        let ledger = try BuiltLedger()
        func take(_ revisions: String...) throws -> Shell.Result {
            try ledger.run(
                "import", "alembic", "--service", "orders", "--env", "prod", "--dump", "-",
                input: Data((["version_num"] + revisions).map { $0 + "\n" }.joined().utf8))
        }
        func states() throws -> [String: String] {
            var states: [String: String] = [:]
            for row in try ledger.rows("--env", "prod", "--reverse") {
                states[row["change"]?.string ?? "?"] = row["operation"]?.string
            }
            return states
        }
        try take("ab12").expect(0, "1 recorded")
        let moved = try take("cd34")
        moved.expect(0, "1 recorded")
        #expect(!moved.standardError.contains("rewritten"))
        try take("ef56").expect(0, "1 recorded")
        // Rolled back by two.
        try take("ab12").expect(0, "2 recorded")
        #expect(try states() == ["ab12": "apply", "cd34": "revert", "ef56": "revert"])
        try take("ab12").expect(0, "0 recorded")
        // Once more, and with a branch: what came before a head that is there is there too.
        try take("cd34").expect(0, "1 recorded")
        try take("cd34", "b1").expect(0, "1 recorded")
        try take("cd34", "b2").expect(0, "1 recorded")
        try take("cd34", "b1").expect(0, "1 recorded")
        #expect(try states()["b2"] == "revert")
        #expect(try states()["cd34"] == "apply")
        // What failed never came there, and is not taken back.
        try ledger.run(
            "record", "deployment", "--service", "orders", "--env", "prod", "--change", "f00d",
            "--status", "failed"
        ).expect(0)
        try take("cd34", "b1").expect(0, "0 recorded")
        #expect(try states()["f00d"] != "revert")
        // All the way.
        try take().expect(0, "3 recorded")
        #expect(try states().filter { $0.key != "f00d" }.values.allSatisfy { $0 == "revert" })
        try take().expect(0, "0 recorded")
    }

    @Test(arguments: [
        ("id,author\n1,2\n", "has no column"),
        ("installed_rank,version,type,script,success\n1,1,SQL,V1__a.sql\n", "row 1 has 4 fields"),
        ("installed_rank,version,type,script,success\n1,1,SQL,\"V1__a", "not closed"),
        (
            "installed_rank,version,type,script,success\n1,1,SQL,V1__a.sql,perhaps\n",
            "row 1: success"
        ),
        (
            "installed_rank,version,type,script,success,installed_on\n"
                + "1,1,SQL,V1__a.sql,1,01.11.2026 12:00\n", "installed_on"
        ),
        (
            "installed_rank,version,type,script,success\n1,1,SQL,V1__a.sql,1\n1,2,SQL,V2__b.sql,1\n",
            "rows 1 and 2 are both flyway_schema_history/1"
        ),
    ])
    func whatCannotBeRightIsRefusedWhole(_ dump: String, _ words: String) throws {
        let ledger = try BuiltLedger()
        try ledger.run(
            "import", "flyway", "--service", "orders", "--env", "prod", "--dump", "-",
            input: Data(dump.utf8)
        ).expect(1, words)
        #expect(try ledger.count() == 0)
    }

    @Test func wrongPlacesAreToldWithWhatToDo() throws {
        let ledger = try BuiltLedger()
        let flags = ["--service", "orders", "--env", "prod"]
        try ledger.run(["import", "flyway"] + flags).expect(64, "--database-file")
        try ledger.run(["import", "flyway", "--database-file", "nope.db"] + flags)
            .expect(1, "nope.db")
        try ledger.run(["import", "flyway", "--database-file", "app.db"])
            .expect(64, "which service and environment")
        try Self.sqlite(ledger, "CREATE TABLE other (a)")
        try ledger.run(["import", "flyway", "--database-file", "app.db"] + flags)
            .expect(1, "there is no table flyway_schema_history", "there are other")
        _ = try ledger.folder.write("not a database at all, but long enough", to: "text.db")
        try ledger.run(["import", "flyway", "--database-file", "text.db"] + flags)
            .expect(1, "text.db can't be read")
        try ledger.run(["import", "flyway", "--dump", "-", "--time-zone", "Mars/Olympus"] + flags)
            .expect(64, "Mars/Olympus is not known")
    }

    @Test func targetsOfTheConfigurationAreReadEach() throws {
        let ledger = try BuiltLedger()
        for tenant in ["acme", "globex"] {
            let result = try Shell.execute(
                "sqlite3", ["-bail", "\(ledger.folder.path)/\(tenant).db", Self.flyway])
            #expect(result.status == 0)
        }
        let yaml = """
            targets:
              - {address: acme.db, service: orders, environment: prod, tenant: acme}
              - {address: globex.db, service: orders, environment: prod, tenant: globex}
              - {address: missing.db, service: orders, environment: stage}

            """
        _ = try ledger.folder.write(yaml, to: "ledger.yaml")
        try ledger.run("import", "flyway", "--targets", "orders/prod/*")
            .expect(0, "orders/prod/acme: 3 rows", "orders/prod/globex: 3 rows")
        try ledger.run("import", "flyway", "--targets", "orders/qa")
            .expect(1, "no target of ledger.yaml is orders/qa")
        // The database alone says which target it is.
        try ledger.run("import", "flyway", "--database-file", "acme.db")
            .expect(0, "orders/prod/acme: 3 rows", "0 recorded")
    }

    @Test func tableAndLedgerAreHeldAgainstEachOtherBothWays() throws {
        let ledger = try BuiltLedger()
        try Self.sqlite(ledger, Self.flyway)
        func reconcile(_ more: String...) throws -> Shell.Result {
            try ledger.run(
                [
                    "reconcile", "flyway", "--service", "orders", "--env", "prod",
                    "--database-file", "app.db",
                ] + more)
        }
        // A pipeline posted one of them, and one that the table doesn't know.
        try ledger.deploy("41")
        try ledger.deploy("50")
        try reconcile("--no-record").expect(3, "1 missing in the ledger, 1 without a row")
        #expect(try ledger.count() == 2)
        let found = try reconcile("-o", "ndjson")
        #expect(found.status == 3)
        let rows = try found.standardOutput.split(separator: "\n").map {
            try JSONReader.read(Array($0.utf8)).object
        }
        #expect(rows.map { $0?["change"]?.string } == ["42", "50"])
        #expect(rows.map { $0?["differs"]?.string } == ["missing", "extra"])
        #expect(rows[0]?["row"]?.string == "flyway_schema_history/2")
        #expect(rows[1]?["entry"]?.integer == 1)
        // What came out stands on the covers of exports.
        try ledger.run("export", "deployments", "--out", "evidence").expect(0)
        let cover = try JSONReader.read(
            Array(Data(contentsOf: URL(fileURLWithPath: ledger.folder.file("evidence/cover.json"))))
        ).object
        let reconciled = cover?["reconciled"]?.array?.first?.object
        #expect(reconciled?["missing"]?.integer == 1)
        #expect(reconciled?["extra"]?.integer == 1)
        #expect(reconciled?["table"]?.string == "flyway_schema_history")
        let page = try String(
            contentsOfFile: ledger.folder.file("evidence/cover.html"), encoding: .utf8)
        #expect(page.contains("1 missing in the ledger, 1 without a row"))
        // Once what is missing is taken in, and the other is taken back, they agree.
        try Self.take(ledger).expect(0)
        try ledger.run(
            "record", "deployment", "--service", "orders", "--env", "prod", "--change", "50",
            "--status", "succeeded", "--operation", "revert"
        ).expect(0)
        try reconcile().expect(0, "0 missing in the ledger, 0 without a row")
        try ledger.run("verify").expect(0)
    }

    @Test func scriptsComeAlongIfTheyAreWhatRan() throws {
        let ledger = try BuiltLedger()
        let ran = "alter table location_history add column valid_until timestamp with time zone;"
        try FileManager.default.createDirectory(
            atPath: ledger.folder.file("sql"), withIntermediateDirectories: true)
        _ = try ledger.folder.write(ran, to: "sql/V42__add_index.sql")
        _ = try ledger.folder.write("create table edited (a int);", to: "sql/V41__init.sql")
        try Self.sqlite(ledger, Self.flyway)
        try Self.take(ledger, "--scripts", "sql").expect(
            0, "edited: sql/V41__init.sql is not what ran as flyway_schema_history/1")
        let rows = try ledger.rows()
        func digest(_ change: String) -> String? {
            rows.first { $0["change"]?.string == change }?["digest"]?.string
        }
        #expect(digest("42") == Attachment.text(of: SHA256.hash(Array(ran.utf8))))
        #expect(digest("41") == nil)
        #expect(try ledger.rows("--object", "location_history").count == 1)
        try Self.take(ledger, "--scripts", "nowhere").expect(1, "no scripts in nowhere")
    }
}
