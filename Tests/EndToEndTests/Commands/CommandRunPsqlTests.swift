import Foundation
import LedgerCore
import TestSupport
import Testing

/// `ledger run` around a psql in which somebody types, at a terminal that Python makes.
@Suite(.enabled(if: PostgresServer.isInstalled, "needs PostgreSQL"))
struct CommandRunPsqlTests {
    /// Types at a terminal: `type(b'…')` presses keys, `until(b'…')` waits for what is shown.
    private static let terminal = """
        import os, pty, sys
        child, terminal = pty.fork()
        if child == 0: os.execv(sys.argv[1], sys.argv[1:])
        output = b''
        seen = 0
        def type(keys): os.write(terminal, keys)
        def read():
            global output
            try: piece = os.read(terminal, 4096)
            except OSError: piece = b''
            output += piece
            return piece
        def until(text):
            global seen
            while text not in output[seen:]:
                if not read(): break
            seen = output.find(text, seen) + len(text)
        def ended():
            while read(): pass
            _, status = os.waitpid(child, 0)
            sys.stdout.buffer.write(output)
            sys.stdout.flush()
            os._exit(os.waitstatus_to_exitcode(status))
        until(b'=#')

        """

    private func play(
        _ lines: String, _ ledger: BuiltLedger, _ server: PostgresServer,
        flags: [String] = [], variables: [String: String] = [:]
    ) throws -> Shell.Result {
        let script = try ledger.folder.write(Self.terminal + lines + "\nended()\n", to: "type.py")
        return try Shell.execute(
            "python3",
            [
                script, BuiltLedger.executable(), "run", "--service", "orders", "--env",
                "prod",
            ] + flags + ["--", "psql", "-X", "-d", server.url],
            environment: ledger.variables.merging(
                ["HOME": ledger.folder.path, "TERM": "dumb", "PAGER": "cat"]
            ) { $1 }.merging(variables) { $1 }, folder: ledger.folder.path)
    }

    private func script(_ ledger: BuiltLedger, _ row: JSONObject) throws -> String {
        let change = try #require(row["change"]?.string)
        return try ledger.output("show", "orders:\(change)", "--script")
    }

    @Test func whatWasTypedIsKeptAndWhatIsMissingIsAskedFor() throws {
        let server = try PostgresServer()
        defer { server.stop() }
        let ledger = try BuiltLedger()
        try ledger.folder.write("SELECT 'earlier';\n", to: ".psql_history")
        let result = try play(
            """
            type(b"CREATE TABLE typed(x int);\\n"); until(b'=#')
            type(b"INSERT INTO typed\\n"); until(b'-#')
            type(b"  SELECT 41 + 1;\\n"); until(b'=#')
            type(b"SELECT x AS answer FROM typed;\\n"); until(b'42'); until(b'=#')
            type(b"ALTER ROLE postgres PASSWORD 's3cret';\\n"); until(b'=#')
            type(b"\\\\q\\n")
            until(b'Why'); type(b"the report needs it\\n")
            until(b'undone'); type(b"@nothing.sql\\n")
            until(b'undone'); type(b"DROP TABLE typed;\\n")
            """, ledger, server)
        #expect(result.status == 0, "\(result)")
        let row = try #require(try ledger.rows("--env", "prod").first)
        #expect(row["status"]?.string == "unknown")
        #expect(row["reason"]?.string == "the report needs it")
        #expect(row["strategy"]?.string == "reversible", "\(row)")
        let typed = try script(ledger, row)
        #expect(
            typed == """
                CREATE TABLE typed(x int);
                INSERT INTO typed
                  SELECT 41 + 1;
                SELECT x AS answer FROM typed;
                ALTER ROLE postgres PASSWORD ***;
                \\q

                """)
        let history = try String(
            contentsOfFile: ledger.folder.file(".psql_history"), encoding: .utf8)
        #expect(history.hasPrefix("SELECT 'earlier';\nCREATE TABLE typed(x int);\n"))
        #expect(try ledger.rows("--env", "prod", "--object", "typed").count == 1)
    }

    @Test func enterSkips() throws {
        let server = try PostgresServer()
        defer { server.stop() }
        let ledger = try BuiltLedger()
        let result = try play(
            """
            type(b"SELECT 1;\\n"); until(b'=#'); type(b"\\\\q\\n")
            until(b'Why'); type(b"\\n"); until(b'undone'); type(b"\\n")
            """, ledger, server)
        #expect(result.status == 0, "\(result)")
        let row = try #require(try ledger.rows("--env", "prod").first)
        #expect(row["reason"] == nil)
        #expect(row["strategy"] == nil)
        // A reason that was given is not asked for; Ctrl-C ends the questions.
        let second = try play(
            """
            type(b"SELECT 2;\\n"); until(b'=#'); type(b"\\\\q\\n")
            until(b'undone'); import time; time.sleep(0.5); type(b"\\x03")
            """, ledger, server, flags: ["-m", "a look"])
        #expect(second.status == 0, "\(second)")
        #expect(!second.standardOutput.contains("Why"))
        let rows = try ledger.rows("--env", "prod")
        #expect(rows.count == 2)
        #expect(rows.contains { $0["reason"]?.string == "a look" })
    }

    /// Nothing is made up.
    @Test func whatIsNotSeenIsSaid() throws {
        let server = try PostgresServer()
        defer { server.stop() }
        let ledger = try BuiltLedger()
        let result = try play(
            """
            type(b"\\x04")
            until(b'undone'); type(b"\\n")
            """, ledger, server, flags: ["-m", "a look"])
        #expect(result.status == 0, "\(result)")
        #expect(result.standardOutput.contains("nothing that was typed could be seen"))
    }

    /// Two tenants in one database, each in a schema of its own.
    @Test func aTenantMayBeASchema() throws {
        let server = try PostgresServer(password: "geheim")
        defer { server.stop() }
        let port = try #require(server.port)
        let ledger = try BuiltLedger()
        try ledger.folder.write(
            "targets:\n"
                + ["acme", "globex"].map {
                    "  - {address: 'postgres@127.0.0.1:\(port)/postgres"
                        + "?options=-csearch_path%3D\($0)', "
                        + "service: shop, environment: prod, tenant: \($0)}\n"
                }.joined(), to: "ledger.yaml")
        for tenant in ["acme", "globex"] {
            try server.run(
                "CREATE SCHEMA \(tenant); CREATE TABLE \(tenant).schema_migrations (version TEXT)")
        }
        // What a tool does, in one of them.
        try ledger.folder.write(
            """
            psql -X -q -d "\(server.url)" -v ON_ERROR_STOP=1 \\
              -c "INSERT INTO globex.schema_migrations VALUES ('7')"
            """, to: "migrate.sh")
        let result = try ledger.run(
            [
                "run", "--service", "shop", "--env", "prod", "--tool", "dbmate", "--", "sh",
                "migrate.sh",
            ],
            environment: ["PGPASSWORD": "geheim"])
        #expect(result.status == 0, "\(result)")
        let rows = try ledger.rows("--env", "prod", "--tenants").filter { $0["change"] != nil }
        #expect(rows.map { $0["tenant"]?.string } == ["globex"], "\(result)")
        #expect(rows.map { $0["change"]?.string } == ["7"])
    }
}
