import Foundation
import LedgerCore
import TestSupport
import Testing

/// The gate in front of what a work tree brings, and who passes it.
@Suite struct CommandGateTests {
    private func ledger() throws -> BuiltLedger {
        let ledger = try BuiltLedger()
        let folder = ledger.folder
        let files = [
            "ledger.yaml": """
            ledger: ledger.db
            services:
              orders: {paths: ["**/migrations/**"], tool: flyway, path: [dev, prod]}
              billing: {paths: [billing]}
            """,
            "migrations/V42__orders.sql": "CREATE TABLE orders (id INTEGER);\n",
            "migrations/V43__status.sql": "ALTER TABLE orders ADD status TEXT;\n",
            "migrations/U43__status.sql": "ALTER TABLE orders DROP status;\n",
            "migrations/README.md": "not a script\n", ".gitignore": "build/\n",
            "build/migrations/V99__copy.sql": "SELECT 1;\n",
        ]
        let made = try Shell.run(
            "sh", ["-ec", "git init -q && mkdir -p migrations build/migrations"],
            folder: folder.path)
        #expect(made.status == 0, "\(made.output)")
        for (name, text) in files { try folder.write(text, to: name) }
        try ledger.output("config", "apply")
        for environment in ["dev", "prod"] {
            try ledger.output(
                "record", "deployment", "--service", "orders", "--env", environment, "--file",
                "migrations/V42__orders.sql")
        }
        return ledger
    }

    private func verdicts(_ result: Shell.Result) throws -> [String: Bool] {
        let rows = try JSONReader.read(Array(result.standardOutput.utf8)).object?["rows"]?.array
        return try #require(rows).reduce(into: [:]) { verdicts, row in
            let name = try #require(row.object?["name"]?.string)
            verdicts[name] = row.object?["open"] == true
        }
    }

    @Test func whatTheWorkTreeBringsIsAskedForAtOnce() throws {
        let ledger = try ledger()
        // Untracked, and neither what undoes a change nor what Git ignores.
        let closed = try ledger.run("gate", "--env", "prod", "--pending", "-o", "json")
        #expect(closed.status == 3)
        #expect(try verdicts(closed) == ["V43__status": false])
        closed.expect(3, "1 pending in prod, 1 closed; 1 script is there already")
        let table = try ledger.run("gate", "--env", "prod", "--pending")
        #expect(table.standardOutput.contains("closed  orders:V43__status  absent\n"))
        #expect(table.standardOutput.contains("    environment-skipped: it is not in dev\n"))

        try ledger.folder.write("SELECT 2;\n", to: "migrations/V42__orders.sql")
        let edited = try ledger.run("gate", "--env", "prod", "--pending", "-o", "json")
        #expect(try verdicts(edited).keys.sorted() == ["V42__orders", "V43__status"])
        #expect(edited.standardOutput.contains("edited-between-environments"))
        // A slip in the paths must not open the gate.
        try ledger.run("gate", "--env", "prod", "--pending", "--service", "billing").expect(
            1, "no scripts lie in the paths of ledger.yaml")
        try ledger.run("gate", "--env", "prod", "--pending", "--service", "biling").expect(
            64, "ledger.yaml has no service biling", "did you mean billing?")
    }

    @Test func itIsOpenOnceEveryScriptIs() throws {
        let ledger = try ledger()
        let change = ["--service", "orders", "--change", "V43__status"]
        func record(_ verb: [String]) throws {
            let result = try Shell.execute(
                BuiltLedger.executable(), verb + change, environment: ledger.variables,
                folder: ledger.folder.path)
            #expect(result.status == 0, "\(result.standardError)")
        }
        try record(
            ["record", "deployment", "--env", "dev", "--file", "migrations/V43__status.sql"])
        try record(["rollback", "set", "--strategy", "forward_fix"])
        try ledger.output(
            "acknowledge", "no-review:orders/prod:43", "--until", "1d", "-m", "a test")
        let open = try ledger.run("gate", "--env", "prod", "--pending")
        open.expect(0, "1 pending in prod, all open; 1 script is there already")
        #expect(
            open.standardOutput.contains("no-review: nobody has approved it; acknowledged"))
        try ledger.run("gate", "orders:V43", "--env", "prod", "--override", "-m", "x").expect(
            0, "nothing to override: the gate is open")
        try record(
            ["record", "deployment", "--env", "prod", "--file", "migrations/V43__status.sql"])
        try ledger.run("gate", "--env", "prod", "--pending").expect(
            0, "nothing is pending in prod: 2 scripts are there already")
        #expect(try ledger.rows("--type", "override").isEmpty)
    }

    @Test func whoLetsAChangePassIsOnRecord() throws {
        let ledger = try ledger()
        let before = try ledger.count()
        let gate = ["gate", "orders:V42", "--env", "prod"]
        func pass(_ more: String...) throws -> Shell.Result {
            try Shell.execute(
                BuiltLedger.executable(), gate + more, environment: ledger.variables,
                folder: ledger.folder.path)
        }
        try pass("--override").expect(64, "an override has a reason")
        try pass("--override", "-m", " ").expect(64, "an override has a reason")
        try pass("--override", "-m", "x", "--advise").expect(64, "leave out --advise")
        try pass("-m", "x").expect(64, "add --override")
        #expect(try ledger.count() == before)
        let passed = try pass("--override", "-m", "INC-12: they are down", "--actor", "ann")
        #expect(passed.status == 0)
        #expect(passed.standardOutput.contains("no-review: nobody has approved it"))
        #expect(passed.standardOutput.contains("\nledger: #"))
        let row = try #require(try ledger.rows("--type", "override").first)
        #expect(row["override"] == ["no-review", "no-rollback-plan"])
        #expect(row["reason"] == "INC-12: they are down")
        #expect(row["actor"] == ["id": "ann"])
        #expect(row["environment"] == "prod" && row["change"] == "42")
        let story = try ledger.output("show", "orders:V42")
        #expect(story.contains("gate   orders/prod  overridden"))
        #expect(story.contains("it was closed: no-review, no-rollback-plan\n"))
        #expect(story.contains("reason: INC-12: they are down"))
        // It was for this once.
        #expect(try pass().status == 3)
        // Nobody else may say so.
        try ledger.run(
            "import", "events", "-", input: .init(#"{"type":"override"}"#.utf8)
        ).expect(1, "only the ledger itself records")
        #expect(try ledger.run("verify").status == 0)
    }

    @Test func anOverrideThatIsNotRecordedOpensNothing() throws {
        let served = try ServedLedger(ledger())
        let gate = ["gate", "orders:V42", "--env", "prod"]
        let pass = gate + ["--override", "-m", "it burns"]
        let (writer, reader) = (try served.token("writer"), try served.token("reader"))
        let scoped = try served.token("writer", "--service", "orders", "--env", "prod")
        #expect(try served.run(gate, token: scoped).status == 3)
        try served.run(pass, token: scoped).expect(
            4, "may not record an override", "without services and environments")
        try served.run(pass, token: reader).expect(4, "may not record anything")
        #expect(try served.ledger.rows("--type", "override").isEmpty)
        #expect(try served.run(pass, token: writer).status == 0)
        let rows = try served.ledger.rows("--type", "override")
        #expect(rows.count == 1)
        #expect(rows.first?["principal"]?.object?["kind"] == "token")
        let pending = ["gate", "--pending", "--env", "prod", "-o", "json"]
        let asked = try served.run(pending, token: scoped)
        #expect(try verdicts(asked) == ["V43__status": false])
        #expect(try served.run(pending + ["--override", "-m", "x"], token: writer).status == 0)
        #expect(try served.ledger.rows("--type", "override").count == 2)
    }

    @Test func whoMayOnlyRecordCanStillGovern() throws {
        let served = try ServedLedger(ledger())
        let token = try served.token("writer")
        let frozen = try served.run(
            ["freeze", "add", "--env", "prod", "--tenant", "amce", "--until", "1d", "--json"],
            token: token)
        frozen.expect(0, "nothing was ever recorded of the tenant amce")
        let receipt = try JSONReader.read(Array(frozen.standardOutput.utf8)).object
        let index = try #require(receipt?["index"]?.integer)
        try served.run(["freeze", "lift", String(index)], token: token).expect(0)
        let finding = "no-review:orders/prod:42"
        try served.run(["acknowledge", finding, "--until", "1d", "-m", "x"], token: token)
            .expect(0, "whether ledger check finds \(finding) is not known")
        try served.run(["config", "apply"], token: token).expect(0, "nothing changes")
        let retire = ["target", "retire", "--service", "orders", "--env", "prdo"]
        try served.run(retire, token: token).expect(0)
    }

    @Test func aTargetThatNobodyKnowsIsRetiredWithANote() throws {
        let ledger = try ledger()
        try ledger.run("target", "retire", "--service", "orders", "--env", "prdo").expect(
            0, "orders/prdo was neither declared nor heard from; did you mean orders/prod?")
        let known = try ledger.run("target", "retire", "--service", "orders", "--env", "prod")
        known.expect(0)
        #expect(!known.standardError.contains("neither"))
    }
}
