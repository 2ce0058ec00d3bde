import LedgerCore
import TestSupport
import Testing

/// What `ledger check` finds of scripts and connections, in histories that the command made.
@Suite struct CommandFindingTests {
    private static let base = ["run", "--service", "orders", "--env"]

    @discardableResult
    private func run(
        _ ledger: BuiltLedger, _ arguments: [String], _ variables: [String: String] = [:]
    ) throws -> Shell.Result {
        try Shell.execute(
            BuiltLedger.executable(), arguments,
            environment: ledger.variables.merging(variables) { $1 }, folder: ledger.folder.path)
    }

    private func findings(_ ledger: BuiltLedger, _ rule: String) throws -> [JSONObject] {
        let result = try run(ledger, ["check", "--rule", rule, "-o", "json"])
        let rows = try JSONReader.read(Array(result.standardOutput.utf8)).object?["rows"]?.array
        return (rows ?? []).compactMap(\.object)
    }

    @Test func theBytesThatWereEditedBetweenEnvironmentsAreShown() throws {
        let ledger = try BuiltLedger()
        let command = ["--", "sqlite3", "-bail", "a.db", ".read V1__t.sql"]
        try ledger.folder.write(
            "-- orders\nCREATE TABLE IF NOT EXISTS t (a,\tb);\nSELECT 1;\n", to: "V1__t.sql")
        for environment in ["dev", "stage"] {
            try run(ledger, Self.base + [environment] + command).expect(0)
        }
        try ledger.folder.write(
            "-- orders\nCREATE TABLE IF NOT EXISTS t (a,\tc);\nSELECT 1;\n", to: "V1__t.sql")
        try run(ledger, Self.base + ["prod"] + command).expect(0)

        let table = try run(ledger, ["check", "--rule", "edited-between-environments"])
        #expect(table.status == 3)
        #expect(table.standardOutput.contains("differ from line 2 on, byte 44"))
        #expect(table.standardOutput.contains("\norders/prod V1__t\n--- "))
        // A tab is shown as what it is.
        #expect(
            table.standardOutput.contains(
                """
                @@ -1,3 +1,3 @@
                 -- orders
                -CREATE TABLE IF NOT EXISTS t (a,␉b);
                +CREATE TABLE IF NOT EXISTS t (a,␉c);
                 SELECT 1;
                """), "\(table.standardOutput)")
        let found = try findings(ledger, "edited-between-environments")
        #expect(found.count == 1)
        let difference = found.first?["difference"]?.string
        #expect(difference?.contains("\n+CREATE TABLE IF NOT EXISTS t (a,\tc);\n") == true)
    }

    @Test func aLongDifferenceSaysHowMuchOfItIsNotShown() throws {
        let ledger = try BuiltLedger()
        for (environment, end) in [("dev", 1), ("prod", 1000)] {
            let lines = (1...200).map { "INSERT INTO t VALUES (\($0 * end));\n" }
            try ledger.folder.write(lines.joined(), to: "V2__rows.sql")
            try ledger.output(
                "record", "deployment", "--service", "orders", "--env", environment, "--file",
                "V2__rows.sql")
        }
        let table = try run(ledger, ["check", "--rule", "edited-between-environments"])
        #expect(table.standardOutput.contains("… 363 more lines"), "\(table.standardOutput)")
    }

    @Test func aStageThatIsProdIsFoundByItsConnection() throws {
        let ledger = try BuiltLedger()
        try ledger.folder.writeProgram("#!/bin/sh\nexit 0\n", to: "bin/psql")
        let path = ["PATH": "\(ledger.folder.file("bin")):/usr/bin:/bin"]
        let command = ["--", "psql", "-v", "ON_ERROR_STOP=1", "-d", "orders", "-c", "SELECT 1"]
        try run(ledger, Self.base + ["stage"] + command, path.merging(["PGHOST": "db9"]) { $1 })
            .expect(0)
        try run(ledger, Self.base + ["prod"] + command, path.merging(["PGHOST": "db9"]) { $1 })
            .expect(0)
        try run(ledger, Self.base + ["test"] + command, path.merging(["PGHOST": "db2"]) { $1 })
            .expect(0)
        #expect(try findings(ledger, "target-mismatch").isEmpty)
        try ledger.output(
            "target", "add", "--service", "orders", "--env", "prod", "--address", "db9/orders")
        let found = try findings(ledger, "target-mismatch")
        #expect(found.map { $0["id"]?.string } == ["target-mismatch:orders/stage"])
        #expect(found.first?["entries"] == [0, 1])
        #expect(found.first?["detail"]?.string?.contains("db9") == false)
        #expect(found.first?["detail"]?.string?.contains("orders/prod") == true)

        try ledger.output("correct", "1", "--env", "prod", "-m", "it was Prod")
        try ledger.output("correct", "0", "--env", "prod", "-m", "it was Prod")
        #expect(try findings(ledger, "target-mismatch").isEmpty)
        // What is derived is the same when it is built anew.
        try run(ledger, ["verify"]).expect(0)
        try ledger.output("reindex")
        #expect(try findings(ledger, "target-mismatch").isEmpty)
        try run(ledger, ["verify"]).expect(0)
    }

    @Test func changesOnTheirWayThatAlterOneTableAreTold() throws {
        let ledger = try BuiltLedger()
        try ledger.output("path", "set", "--service", "orders", "dev", "prod")
        for (change, column) in [("V1__a", "a"), ("V2__b", "b")] {
            try ledger.folder.write(
                "ALTER TABLE orders ADD \(column) int;\n", to: "\(change).sql")
            try ledger.output(
                "record", "deployment", "--service", "orders", "--env", "dev", "--file",
                "\(change).sql")
        }
        let found = try findings(ledger, "conflicting")
        #expect(found.map { $0["id"]?.string } == ["conflicting:orders/prod:2"])
        #expect(
            found.first?["detail"]?.string == "V1__a alters table orders, and so does this one")
        try ledger.output(
            "record", "deployment", "--service", "orders", "--env", "prod", "--file", "V1__a.sql")
        #expect(try findings(ledger, "conflicting").isEmpty)
    }
}
