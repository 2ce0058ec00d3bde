import LedgerCore
import TestSupport
import Testing

/// Changes that go by several names, from a real repository and by hand.
@Suite struct CommandLinkTests {
    @Test func aHandRunScriptCountsForTheChangeThatWasMergedLater() throws {
        let ledger = try BuiltLedger()
        let git = try GitFolder()
        try git.commit(["migrations/V41__init.sql": "CREATE TABLE orders (id int);\n"], "first")
        try ledger.folder.write("UPDATE orders SET id = 2;\n", to: "fix_totals.sql")
        try ledger.output(
            "record", "deployment", "--service", "orders", "--env", "prod", "--file",
            "fix_totals.sql", "--status", "succeeded")
        try git.commit(
            ["migrations/V42__fix.sql": "-- from the night\nUPDATE orders SET id = 2;\n"], "second")
        let imported = [
            "import", "git", git.origin, "--service", "orders", "--paths", "migrations",
            "--direct",
        ]
        _ = try Shell.execute(
            BuiltLedger.executable(), imported, environment: ledger.variables,
            folder: ledger.folder.path)
        let listed = try ledger.output("link", "list", "-o", "csv")
        #expect(listed.contains("orders,fix_totals,42,same-text,medium,"))
        #expect(try ledger.run("check", "--rule", "ad-hoc").status == 0)
        #expect(try ledger.output("status", "--service", "orders").contains("(also fix_totals)"))
        #expect(
            try ledger.output("show", "orders:V42").contains(
                "fix_totals is 42 (same but for comments, medium:"))

        try ledger.output("link", "retract", "orders:fix_totals", "orders:V42", "-m", "two")
        try ledger.run("check", "--rule", "ad-hoc").expect(3)
        try ledger.output("link", "assert", "orders:V42", "orders:fix_totals", "-m", "one")
        #expect(try ledger.run("check", "--rule", "ad-hoc").status == 0)
        #expect(try ledger.output("link", "list").contains("said so"))
        let verified = try ledger.run("verify")
        #expect(verified.status == 0, "\(verified.standardError)")
    }

    @Test func scriptsThatWereSquashedAreWhereTheLastOfThemRan() throws {
        let ledger = try BuiltLedger()
        let git = try GitFolder()
        let scripts = ["CREATE TABLE a (b int)", "ALTER TABLE a ADD c int;\n", "DROP TABLE d;"]
        for (number, script) in scripts.enumerated() {
            try git.commit(["migrations/V\(number + 1)__s.sql": script], "one")
        }
        try git.git("rm", "-q", "-r", "migrations")
        try git.commit(
            ["migrations/V4__all.sql": "-- all\n" + scripts.joined(separator: ";\n")], "squash")
        try ledger.deploy("V3__s")
        try ledger.output(
            "import", "git", git.origin, "--service", "orders", "--paths", "migrations", "--direct")
        #expect(
            try ledger.output("link", "list", "-o", "csv").contains("orders,3,4,squashed,high,"))
        let status = try ledger.output("status", "--service", "orders", "-o", "csv")
        #expect(status.contains("orders,4,V4__all,"), "\(status)")
        #expect(try ledger.run("check", "--rule", "pending-too-long").status == 0)
        #expect(try ledger.run("check", "--rule", "edited-between-environments").status == 0)
    }

    @Test func mistakesAreToldBeforeAnythingIsRecorded() throws {
        let ledger = try BuiltLedger()
        try ledger.deploy("V42")
        try ledger.deploy("V43")
        try ledger.run("link", "assert", "orders:V42").expect(64, "between two things")
        try ledger.run("link", "assert", "orders:V42", "orders:V49").expect(
            1, "no change is known as orders:V49", "did you mean V4")
        try ledger.run("link", "assert", "orders:V42", "orders:V42").expect(
            64, "one change already")
        try ledger.run("link", "assert", "--entries", "0", "7").expect(1, "there is no entry 7")
        try ledger.run("person", "alias", "ann", "ann").expect(64, "ann is the same name")
        #expect(try ledger.count() == 2)
    }

    @Test func whoAsksForAPersonFindsEveryName() throws {
        let ledger = try BuiltLedger()
        for (change, actor) in [("V1", "ann-gh"), ("V2", "ann@example.com"), ("V3", "bob")] {
            try ledger.output(
                "record", "deployment", "--service", "orders", "--env", "prod", "--change", change,
                "--status", "succeeded", "--actor", actor)
        }
        try ledger.output("person", "alias", "ann@example.com", "ann-gh", "ann")
        #expect(try ledger.rows("--actor", "ann").count == 2)
        try ledger.output("person", "alias", "ann@example.com", "ann-gh", "--retract")
        #expect(try ledger.rows("--actor", "ann@example.com").count == 1)
    }
}
