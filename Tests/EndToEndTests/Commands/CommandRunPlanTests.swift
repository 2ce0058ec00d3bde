import Foundation
import LedgerCore
import TestSupport
import Testing

/// A tool that makes its change itself and keeps no table of it. Its output is that of Atlas's
/// documentation, printed by a script of its name.
@Suite struct CommandRunPlanTests {
    private func run(_ output: String, status: Int32, _ ledger: BuiltLedger) throws -> Shell.Result
    {
        try ledger.folder.write(output, to: "output")
        try ledger.folder.writeProgram(
            "#!/bin/sh\ncat output\nexit \(status)\n", to: "bin/atlas")
        return try Shell.execute(
            BuiltLedger.executable(),
            [
                "run", "--service", "orders", "--env", "prod", "--",
                ledger.folder.file("bin/atlas"), "schema", "apply", "--url",
                "postgres://app:geheim@db1/orders", "--to",
                "file://schema.sql", "--auto-approve",
            ], environment: ledger.variables, folder: ledger.folder.path)
    }

    private static let plan = """
        Planning migration statements (1 in total):

          -- create "users" table:
            -> CREATE TABLE "users" (
                 "id" integer NOT NULL
               );

        -------------------------------------------

        Applying approved migration (1 statement in total):

          -- create "users" table
            -> CREATE TABLE "users" (
                 "id" integer NOT NULL
               );

        """

    @Test func thePlanIsTheChange() throws {
        let ledger = try BuiltLedger()
        try FileManager.default.createDirectory(
            atPath: ledger.folder.file("bin"), withIntermediateDirectories: true)
        let failed = try run(
            Self.plan + "    pq: permission denied\n\n  ----\n", status: 1, ledger)
        #expect(failed.status == 1)
        #expect(failed.standardOutput == Self.plan + "    pq: permission denied\n\n  ----\n")
        #expect(try run(Self.plan + "  -- ok (1ms)\n", status: 0, ledger).status == 0)
        let rows = try ledger.rows("--env", "prod", "--reverse").filter {
            $0["change"]?.string?.hasPrefix("plan-") == true
        }
        #expect(rows.map { $0["status"]?.string } == ["failed", "succeeded"])
        #expect(Set(rows.map { $0["change"]?.string }).count == 1)
        #expect(rows.allSatisfy { $0["tool"]?.string == "atlas" && $0["group"] != nil })
        #expect(rows[0]["error"]?.string == "pq: permission denied")
        let change = try #require(rows[0]["change"]?.string)
        #expect(
            try ledger.output("show", "orders:\(change)", "--script")
                == "CREATE TABLE \"users\" (\n  \"id\" integer NOT NULL\n);\n")
        #expect(try ledger.rows("--object", "users").count == 2)
    }

    /// Where nobody can read its table, what it prints is taken.
    @Test func withoutATableTheOutputTells() throws {
        let ledger = try BuiltLedger()
        for (version, table) in [("1", "a"), ("2", "b"), ("3", "c")] {
            try ledger.folder.write(
                "CREATE TABLE \(table) (x INT);\n", to: "sql/V\(version)__\(table).sql")
        }
        let output = """
            Migrating schema `orders` to version "1 - a"
            Migrating schema `orders` to version "2 - b"
            ERROR: Migration of schema `orders` to version "2 - b" failed!

            """
        try ledger.folder.write(output, to: "output")
        try FileManager.default.createDirectory(
            atPath: ledger.folder.file("bin"), withIntermediateDirectories: true)
        try ledger.folder.writeProgram("#!/bin/sh\ncat output\nexit 1\n", to: "bin/flyway")
        let result = try Shell.execute(
            BuiltLedger.executable(),
            [
                "run", "--service", "orders", "--env", "prod", "--",
                ledger.folder.file("bin/flyway"), "-url=jdbc:mysql://db1/orders", "migrate",
            ], environment: ledger.variables, folder: ledger.folder.path)
        #expect(result.status == 1)
        let rows = try ledger.rows("--env", "prod", "--reverse").filter {
            $0["change"]?.string?.isEmpty == false
        }
        #expect(rows.map { $0["name"]?.string } == ["V1__a", "V2__b"])
        #expect(rows.map { $0["status"]?.string } == ["succeeded", "failed"])
        #expect(rows.allSatisfy { $0[["labels", "seen_in"]]?.string == "output" })
        #expect(rows.allSatisfy { $0["digest"] != nil })
    }
}
