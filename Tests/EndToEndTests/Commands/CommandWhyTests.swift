import LedgerCore
import TestSupport
import Testing

/// What the one who is called at night sees.
@Suite struct CommandWhyTests {
    @Test func whatFailedThereComesBeforeWhatRanBeside() throws {
        let ledger = try BuiltLedger()
        try ledger.folder.write("ALTER TABLE orders ADD x INT;\n", to: "V42__x.sql")
        try ledger.output(
            "record", "deployment", "--service", "orders", "--env", "prod", "--tenant", "acme",
            "--file", "V42__x.sql", "--status", "failed")
        try ledger.output(
            "record", "deployment", "--service", "billing", "--env", "prod", "--change", "V7",
            "--kind", "permission")
        try ledger.deploy("V43", environment: "stage")
        let shown = try ledger.run("why", "--env", "prod", "--object", "orders")
        shown.expect(0, "prod from ", "until now", "2 changes", "ledger show orders:V42__x")
        let lines = shown.standardOutput.split(separator: "\n")
        #expect(lines.count == 5)
        #expect(lines[1].contains("orders/prod/acme") && lines[1].contains("failed"))
        #expect(lines[2].hasPrefix("    touches orders; "))
        #expect(lines[3].contains("billing/prod"))
        #expect(lines[4].hasSuffix(" before; changes permissions"))
        let records = try ledger.output(
            "why", "--env", "prod", "-o", "ndjson", "--service", "orders")
        let record = try #require(try JSONReader.read(Array(records.utf8)).object)
        let points = try #require(record["reasons"]?.array).compactMap {
            $0.object?["points"]?.integer
        }
        #expect(record["points"]?.integer == points.reduce(0, +))
        try ledger.run("why", "--env", "prdo").expect(1, "did you mean prod?")
        try ledger.run("why").expect(64, "it is not said where it happened")
    }

    @Test func ifNothingChangedTheNextCommandShowsWhatDid() throws {
        let ledger = try BuiltLedger()
        let event = """
            {"service":"orders","environment":"prod","change":{"id":"42"},\
            "deployment":{"status":"succeeded"},"time":"2026-01-01T00:00:00Z"}
            """
        try ledger.output("import", "events", "-", input: event)
        let at = ["--at", "2026-01-03 12:00"]
        let nothing = try ledger.run("why", "--env", "prod", at[0], at[1])
        nothing.expect(
            0, "nothing changed in prod in these 6h; the last before was orders:42 at 2026-01-01",
            "ledger why --env prod --at '2026-01-03 12:00' --window 3d")
        #expect(nothing.standardOutput.isEmpty)
        let found = try ledger.output("why", "--env", "prod", at[0], at[1], "--window", "3d")
        #expect(found.contains("2 d before"))
        try ledger.run("why", "--env", "prod", "--at", "2025-12-31").expect(
            0, "nothing changed in prod, then or before, as far as the ledger knows")
    }
}
