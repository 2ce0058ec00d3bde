import LedgerCore
import LedgerCrypto
import TestSupport
import Testing

/// The verbs that say where changes stand and what is wrong, as people and pipelines use them.
@Suite struct CommandStatusTests {
    private static let configuration = """
        ledger: ledger.db
        services:
          orders:
            path: [dev, [eu, us], prod]
        aliases: {production: prod}
        targets:
          - {address: db1/orders, service: orders, environment: prod, tenant: acme}
          - {address: db2/orders, service: orders, environment: prod, tenant: globex}
        policy:
          rules:
            tenant-missed: {severity: note, after: 1m}
            no-review: off
        """

    private func ledger() throws -> BuiltLedger {
        let ledger = try BuiltLedger()
        try ledger.folder.write(Self.configuration, to: "ledger.yaml")
        return ledger
    }

    @Test func whatIsDeclaredInTheFileIsRecordedOnceAndFollowsTheFile() throws {
        let ledger = try ledger()
        let shown = try ledger.output("config", "apply", "--dry-run")
        #expect(shown.contains("path of orders: dev → eu, us → prod\n"))
        #expect(shown.contains("target added: orders/prod/globex\n"))
        #expect(try ledger.count() == 0)
        try ledger.output("config", "apply", "-m", "the first time")
        #expect(try ledger.count() == 4)
        #expect(try ledger.output("config", "apply") == "")
        #expect(try ledger.count() == 4)

        try ledger.folder.write(
            Self.configuration.replacing("db2/orders", with: "db3/orders"), to: "ledger.yaml")
        #expect(
            try ledger.output("config", "apply").hasPrefix(
                "target moved: orders/prod/globex from db2/orders to db3/orders\n"))
        #expect(try ledger.output("config", "apply") == "")

        let without = Self.configuration.split(separator: "\n").filter { !$0.contains("globex") }
        try ledger.folder.write(without.joined(separator: "\n"), to: "ledger.yaml")
        #expect(
            try ledger.output("config", "apply").hasPrefix("target retired: orders/prod/globex"))
        try ledger.deploy("V42", tenant: "acme")
        let changes = try ledger.output("status", "--service", "orders", "-o", "csv")
        #expect(changes.contains(",prod,2,true,true,applied,1,1,"))
        let verified = try ledger.run("verify")
        #expect(verified.status == 0, "\(verified.standardError)")
    }

    @Test func aliasesOfTheFileAreResolvedBeforeAnythingIsDeclared() throws {
        let ledger = try ledger()
        try ledger.folder.write(
            Self.configuration.replacing("us], prod]", with: "us], production]")
                .replacing("environment: prod,", with: "environment: production,"),
            to: "ledger.yaml")
        let shown = try ledger.output("config", "apply", "--dry-run")
        #expect(shown.contains("path of orders: dev → eu, us → prod\n"))
        #expect(shown.contains("target added: orders/prod/globex\n"))
        try ledger.run("path", "set", "--service", "orders", "dev", "prod", "dev").expect(
            64, "dev stands twice on the path")
    }

    @Test func whatRanOnARetiredTargetIsThereAgain() throws {
        let ledger = try BuiltLedger()
        try ledger.deploy("V42", tenant: "acme")
        try ledger.deploy("V42", tenant: "globex")
        func targets() throws -> String {
            try ledger.output("status", "--env", "prod", "--by", "tenant", "-o", "csv")
        }
        try ledger.output(
            "target", "retire", "--service", "orders", "--env", "prod", "--tenant", "globex")
        #expect(try !targets().contains("globex"))
        try ledger.deploy("V43", tenant: "globex", status: "failed")
        #expect(try targets().contains("globex"))
        try ledger.run("check", "--rule", "failed-not-resolved").expect(3)
    }

    @Test func whatIsNoScriptOfTheToolIsRecordedByItsName() throws {
        let ledger = try BuiltLedger()
        try ledger.folder.write(
            "services: {orders: {paths: [nowhere], tool: flyway}}\n", to: "ledger.yaml")
        try ledger.folder.write("SELECT 1;\n", to: "fix_totals.sql")
        try ledger.output(
            "record", "deployment", "--env", "prod", "--file", "fix_totals.sql", "--status",
            "failed")
        try ledger.run("check", "--rule", "failed-not-resolved").expect(3)
        try ledger.output(
            "record", "deployment", "--env", "prod", "--change", "fix_totals", "--operation",
            "revert")
        #expect(try ledger.run("check", "--rule", "failed-not-resolved").status == 0)
        // Nor does a slip in the paths open the gate.
        try ledger.run("gate", "--pending", "--env", "prod").expect(
            1, "no scripts lie in the paths")
    }

    @Test func aQuestionThatWouldBeAnsweredByHalfIsRefused() throws {
        let ledger = try BuiltLedger()
        try ledger.deploy("V42")
        try ledger.run("status", "--env", "prod", "--env", "dev").expect(
            64, "--env asks for one environment")
        try ledger.run("status", "--env", "prod", "--tenants").expect(64, "it is --by tenant")
        // Declared, and nothing ran there yet.
        try ledger.output("path", "set", "--service", "orders", "uat", "prod")
        #expect(try ledger.run("status", "--env", "uat").status == 0)
        try ledger.run("status", "--env", "uta").expect(1, "did you mean uat?")
    }

    @Test func aPolicyThatCannotBeReadIsNoMistakeOfWhoAsks() throws {
        let ledger = try ledger()
        try ledger.deploy("V42")
        let text = #"{"rules":{"nothing":"off"}}"#
        let digest = Digest.text(ofSHA256: text)
        let event =
            #"{"type":"policy","policy":{"digest":"\#(digest)"},"#
            + #""attachments":{"policy":{"text":"{\"rules\":{\"nothing\":\"off\"}}"}}}"#
        try ledger.output("import", "events", "-", input: event)
        try ledger.run("check").expect(
            1, "the policy in force can't be read", "there is no rule nothing",
            "ledger config apply puts that of ledger.yaml in its place")
        try ledger.output("config", "apply")
        #expect(try ledger.run("check", "--rule", "no-review").status == 0)
    }

    @Test func aMistakeInThePolicyNamesItsLine() throws {
        let ledger = try ledger()
        try ledger.folder.write(
            Self.configuration.replacing("no-review", with: "no-reviews"), to: "ledger.yaml")
        try ledger.run("config", "apply").expect(
            64, "line 10", "there is no rule no-reviews", "did you mean no-review?")
        #expect(try ledger.count() == 0)
    }

    @Test func thePolicyInForceDecidesWhatIsFoundAndAnAcknowledgementKeepsItQuiet() throws {
        let ledger = try ledger()
        try ledger.output("config", "apply")
        let yesterday = """
            {"service":"orders","environment":"prod","tenant":"acme","change":{"id":"42"},
             "deployment":{"status":"succeeded"},"time":"2026-01-01T00:00:00Z"}
            """.replacing("\n", with: "")
        try ledger.output("import", "events", "-", input: yesterday)
        let id = "tenant-missed:orders/prod:42"
        let found = try ledger.run("check", "--rule", "tenant-missed", "-o", "csv")
        #expect(found.status == 3)
        #expect(found.standardOutput.contains("\(id),tenant-missed,note,orders,prod,42,"))
        #expect(
            try ledger.run("check", "--severity", "error", "--rule", "tenant-missed").status == 0)
        #expect(try ledger.run("check", "--rule", "no-review").status == 0)

        try ledger.run("acknowledge", id, "--until", "14d").expect(64, "an exception has a reason")
        try ledger.output("acknowledge", id, "--until", "14d", "-m", "globex comes next week")
        let quiet = try ledger.run("check", "--rule", "tenant-missed")
        #expect(quiet.status == 0)
        #expect(quiet.standardError.contains("1 acknowledged"))
        try ledger.run(
            "acknowledge", "tenant-mised:orders/prod:42", "--until", "2020-01-01", "-m", "x"
        )
        .expect(64, "has passed already")
    }

    @Test func aPipelineIsStoppedByTheGateAndGoesOnOnceItIsOpen() throws {
        let ledger = try ledger()
        try ledger.output("config", "apply")
        for environment in ["dev", "eu"] { try ledger.deploy("V42", environment: environment) }
        try ledger.output("path", "set", "--service", "orders", "dev", "eu,us", "production")
        let closed = try ledger.run("gate", "orders:V42", "--env", "prod")
        #expect(closed.status == 3)
        #expect(closed.standardOutput.contains("no-rollback-plan"))
        #expect(try ledger.run("gate", "orders:V42", "--env", "prod", "--advise").status == 0)
        try ledger.output(
            "rollback", "set", "--service", "orders", "--change", "V42", "--strategy",
            "forward_fix")
        #expect(try ledger.output("gate", "V42", "--env", "prod") == "open: orders:V42 to prod\n")

        try ledger.output("freeze", "add", "--env", "prod", "--until", "14d", "-m", "year end")
        let frozen = try ledger.run("gate", "V42", "--env", "prod")
        #expect(frozen.status == 3)
        #expect(frozen.standardOutput.contains("freeze: prod is frozen until"))
        let list = try ledger.output("freeze", "list", "-o", "csv")
        let index = try #require(list.split(separator: "\r\n").last?.prefix { $0 != "," })
        try ledger.run("freeze", "lift", "0").expect(1, "declares no freeze")
        try ledger.output("freeze", "lift", String(index))
        #expect(try ledger.run("gate", "V42", "--env", "prod").status == 0)
    }

    @Test func aLedgerThatCannotBeAskedClosesTheGateUnlessItIsSaidOtherwise() throws {
        let ledger = try ledger()
        let nowhere = ["LEDGER": "http://127.0.0.1:9", "LEDGER_TOKEN": "x"]
        let gate = ["gate", "orders:V42", "--env", "prod"]
        func status(_ more: String...) throws -> Int32 {
            try Shell.execute(
                BuiltLedger.executable(), gate + more,
                environment: ledger.variables.merging(nowhere) { $1 }, folder: ledger.folder.path
            ).status
        }
        #expect(try status() == 1)
        #expect(try status("--on-outage", "allow") == 0)
        #expect(try status("--on-outage", "maybe") == 64)
        // A file that isn't there can't be asked either; another file is a mistake.
        let missing = ledger.folder.file("nowhere.db")
        #expect(try status("--ledger", missing) == 1)
        #expect(try status("--ledger", missing, "--on-outage", "allow") == 0)
        #expect(try status("--ledger", "/etc/passwd", "--on-outage", "allow") == 1)
    }
}

extension Digest {
    fileprivate static func text(ofSHA256 text: String) -> String {
        Attachment.text(of: SHA256.hash(Array(text.utf8)))
    }
}
