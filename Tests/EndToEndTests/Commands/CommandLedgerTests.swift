import Foundation
import LedgerCore
import TestSupport
import Testing

/// Which ledger is meant, and how it is verified.
@Suite struct CommandLedgerTests {
    private func run(
        _ arguments: [String], in folder: String, _ variables: [String: String] = [:]
    ) throws -> Shell.Result {
        try Shell.execute(
            BuiltLedger.executable(), arguments,
            environment: variables.merging(["HOME": folder]) { $1 },
            folder: folder)
    }

    @Test func theFlagGoesBeforeTheVariableBeforeTheFileBeforeTheDefault() throws {
        let folder = try TemporaryFolder()
        for name in ["flag", "variable", "file", "ledger"] {
            try run(["init", "--ledger", "\(name).db", "--log", name], in: folder.path).expect(0)
        }
        func log(_ arguments: [String] = [], _ variables: [String: String] = [:]) throws -> String {
            let result = try run(["info", "-o", "json"] + arguments, in: folder.path, variables)
            result.expect(0)
            let summary = try JSONReader.read(Array(result.standardOutput.utf8)).object
            return try #require(summary?["log"]?.string)
        }
        #expect(try log() == "ledger")
        try folder.write("ledger: file.db\n", to: "ledger.yaml")
        #expect(try log() == "file")
        #expect(try log([], ["LEDGER": "variable.db"]) == "variable")
        #expect(try log([], ["LEDGER": ""]) == "file")
        #expect(try log(["--ledger", "flag.db"], ["LEDGER": "variable.db"]) == "flag")
        try run(["info", "--ledger", "http://127.0.0.1:1"], in: folder.path)
            .expect(1, "can't reach http://127.0.0.1:1")
    }

    @Test func theFileIsFoundUpwardsAndItsPathIsSeenFromIt() throws {
        let folder = try TemporaryFolder()
        try folder.write("ledger: data/changes.db\n", to: "ledger.yaml")
        try folder.write("", to: "data/keep")
        try folder.write("", to: "services/orders/migrations/keep")
        let inner = folder.file("services/orders/migrations")
        try run(["init"], in: inner).expect(0)
        #expect(FileManager.default.fileExists(atPath: folder.file("data/changes.db")))
        try run(["verify"], in: folder.path).expect(0)
    }

    @Test(arguments: [
        ("ledgr: x.db", "line 1", "did you mean ledger?"),
        ("services:\n  orders:\n    pathz: [a]", "line 3", "did you mean paths?"),
        ("targets:\n  - {address: a, tennant: b}", "line 2", "did you mean tenant?"),
        ("targets:\n  - {service: a}", "line 2", "needs an address"),
        ("services:\n  orders:\n    tool: flywy", "line 3: services.orders.tool", "mean flyway?"),
        ("targets:\n  - {address: a}\n  - {address: a}", "line 3", "address a stands here twice"),
        (
            "aliases:\n  production: prod\n  prod: production", "line 2: aliases.production",
            "itself"
        ),
        ("aliases: {prod: prod}", "line 1: aliases.prod", "is an alias itself"),
        ("aliases: [a]", "line 1", "mapping"), ("ledger: [", "line 2", "not YAML"),
    ])
    func whatItDoesNotKnowInTheFileIsAnError(text: String, place: String, words: String) throws {
        let folder = try TemporaryFolder()
        try folder.write(text + "\n", to: "ledger.yaml")
        try run(["info"], in: folder.path).expect(64, "ledger.yaml", place, words)
    }

    @Test func namesOfEnvironmentsAndTheOnlyServiceComeFromTheFile() throws {
        let ledger = try BuiltLedger()
        try ledger.folder.write(
            "services: {orders: {paths: [m/**], tool: flyway}}\naliases: {production: prod}\n",
            to: "ledger.yaml")
        try ledger.output("record", "deployment", "--env", "production", "--change", "V7__seven")
        let row = try #require(try ledger.rows("--env", "production").first)
        #expect(row["environment"]?.string == "prod")
        #expect(row["service"]?.string == "orders")
        #expect(row["change"]?.string == "7")
        #expect(row["name"]?.string == "V7__seven")
    }

    @Test func aServiceThatNobodyNamesIsAskedFor() throws {
        let ledger = try BuiltLedger()
        try ledger.run("record", "deployment", "--env", "prod", "--change", "V1")
            .expect(64, "which service", "LEDGER_SERVICE")
        try ledger.run("record", "note", "--about", "3", "--message", "x")
            .expect(1, "no entry #3")
        #expect(try ledger.count() == 0)
    }

    @Test func whatAFlagCanNotSayIsWrongUsage() throws {
        let ledger = try BuiltLedger()
        let note = ["record", "note", "--message", "x"]
        let deployment = ["record", "deployment", "--service", "s", "--env", "prod"]
        for (arguments, words) in [
            (["show", ""], "what to show"), (["show", "s:"], "names a service and no change"),
            (["query", "--change", "s:"], "names a service and no change"),
            (deployment + ["--status", "done"], "deployment.status is \"done\""),
            (["query", "--status", "done"], "--status done"),
            (note + ["--label", "a=1", "--label", "a=2"], "--label a is given twice"),
        ] {
            try run(arguments, in: ledger.folder.path, ledger.variables).expect(64, words)
        }
        #expect(try ledger.count() == 0)
    }

    @Test func variablesStandForFlags() throws {
        let ledger = try BuiltLedger()
        try ledger.output(
            "record", "deployment", "--tenant", "acme",
            environment: [
                "LEDGER_SERVICE": "orders", "LEDGER_ENV": "prod", "LEDGER_TENANT": "globex",
                "LEDGER_CHANGE": "V1__a", "LEDGER_TICKET": "INC-1", "LEDGER_ACTOR": "ann",
                "LEDGER_REASON": "", "LEDGER_DATABASE": "db1", "LEDGER_SOURCE": "nightly",
            ])
        let row = try #require(try ledger.rows().first)
        #expect(row["tenant"]?.string == "acme")
        #expect(row["environment"]?.string == "prod")
        #expect(row["ticket"]?.string == "INC-1")
        #expect(row["database"]?.string == "db1")
        #expect(row["source"]?.string == "nightly")
        #expect(row["actor"]?.object?["id"]?.string == "ann")
        #expect(row["reason"] == nil)
    }

    @Test func initMakesOneLedgerAndNeverOverAnotherFile() throws {
        let folder = try TemporaryFolder()
        try run(["init"], in: folder.path).expect(0)
        let before = try Data(contentsOf: URL(fileURLWithPath: folder.file("ledger.db")))
        try run(["init"], in: folder.path).expect(1, "exists already")
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file("ledger.db"))) == before)
        try folder.write("hello", to: "text.db")
        try run(["query", "--ledger", "text.db"], in: folder.path).expect(1, "not a ledger")
        try run(["record", "note", "--message", "x", "--ledger", "no.db"], in: folder.path)
            .expect(1, "no ledger at no.db", "ledger init --ledger no.db")
        #expect(!FileManager.default.fileExists(atPath: folder.file("no.db")))
        #expect(!FileManager.default.fileExists(atPath: folder.file("no.db.lock")))
    }

    @Test func aFolderIsNoLedger() throws {
        let folder = try TemporaryFolder()
        try folder.write("", to: "data/keep")
        for arguments in [["query"], ["record", "note", "--message", "x"], ["verify"], ["head"]] {
            try run(arguments + ["--ledger", "data"], in: folder.path)
                .expect(1, "data is a folder", "data/ledger.db")
        }
        #expect(!FileManager.default.fileExists(atPath: folder.file("data.lock")))
    }

    @Test func plansAndCorrectionsThatLookLikeSlipsAreToldOfOrRefused() throws {
        let ledger = try BuiltLedger()
        try ledger.deploy("V42__add_index")
        let plan = ["rollback", "set", "--service", "orders", "--strategy", "restore_point"]
        for (flags, words) in [
            (["--change", "V43__add_index"], "did you mean V42__add_index?"),
            (["--change", "V4"], "no change is known as orders:V4 so far"),
            (["--change", "V42__add_index"], "no --restore-point"),
            (
                ["--change", "x", "--restore-point-expires", "2020-01-01T00:00:00Z"],
                "expired at 2020-01-01"
            ),
        ] {
            try run(plan + flags, in: ledger.folder.path, ledger.variables).expect(0, words)
        }
        let known = ["--change", "V42__add_index", "--restore-point", "snap-1"]
        let clear = try run(plan + known, in: ledger.folder.path, ledger.variables)
        #expect(clear.standardError.isEmpty)
        try ledger.output("record", "note", "--message", "x", "--service", "orders")
        try ledger.run("correct", "6", "--status", "failed", "-m", "x")
            .expect(64, "an entry of type note has no deployment.status")
        try ledger.run("correct", "6", "--service", "bills", "-m", "x").expect(0)
        try ledger.run("correct", "0", "--status", "failed", "-m", "x").expect(0)
    }

    @Test func verifyHoldsALedgerAgainstHeadsAndReceipts() throws {
        let ledger = try BuiltLedger()
        try ledger.deploy("V1")
        let receipt = try ledger.output(
            "record", "deployment", "--service", "orders", "--env", "prod", "--change", "V2")
        let head = try ledger.output("head").trimmingCharacters(in: .whitespacesAndNewlines)
        #expect(head.hasPrefix("1:"))
        let other = head.hasSuffix("0") ? head.dropLast() + "1" : head.dropLast() + "0"
        let later = "7:" + head.dropFirst(2)
        try ledger.folder.write("kept on 1 March\n\(head)\n", to: "good.txt")
        try ledger.folder.write("\(other)\n", to: "bad.txt")
        try ledger.folder.write("[build] 12:00 \(receipt)[build] done\n", to: "good.log")
        try ledger.folder.write("[build] ledger: #7 \(head.dropFirst(2))\n", to: "bad.log")
        try ledger.folder.write("nothing\n", to: "none.log")
        try ledger.deploy("V3")
        for arguments in [
            [], ["--expect", head], ["--expect-file", "good.txt"], ["--receipts", "good.log"],
            ["--receipts", "good.log", "none.log", "--json"],
        ] {
            let result = try run(
                ["verify"] + arguments, in: ledger.folder.path, ["LEDGER": ledger.path])
            result.expect(0)
        }
        for (arguments, words) in [
            (["--expect", String(other)], "#1 head-wrong"), (["--expect", later], "#7 head-"),
            (["--expect-file", "bad.txt"], "#1 head-wrong"),
            (["--receipts", "bad.log"], "#7 head-"),
            (["--receipts", "good.log", "bad.log"], "#7 head-"),
        ] {
            let result = try run(
                ["verify"] + arguments, in: ledger.folder.path, ["LEDGER": ledger.path])
            result.expect(5)
            #expect(result.standardOutput.hasPrefix("NOT VERIFIED: \(words)"), "\(result)")
        }
        let json = try run(
            ["verify", "--json", "--expect", String(other)], in: ledger.folder.path,
            ["LEDGER": ledger.path])
        let verdict = try JSONReader.read(Array(json.standardOutput.utf8)).object
        #expect(verdict?["verified"] == .bool(false))
        #expect(verdict?["problem_count"]?.integer == 1)
        try ledger.run("verify", "--expect", "1:abc").expect(64, "INDEX:HASH")
        try ledger.run("verify", "--expect-file", "none.log").expect(64, "no INDEX:HASH")
        try ledger.run("verify", "--expect-file", "nope").expect(1, "nope")
        try ledger.run("verify", "--receipts", "none.log").expect(64, "no receipts")
    }

    @Test func receiptsAreFoundInJSONToo() throws {
        let ledger = try BuiltLedger()
        let receipt = try ledger.output("record", "note", "--message", "m", "--json")
        let object = try #require(try JSONReader.read(Array(receipt.utf8)).object)
        let hash = try #require(object["hash"]?.string)
        let other = String(hash.reversed())
        try ledger.folder.write(
            "x {\"a\": {\n\"index\": 0, \"hash\": \"\(hash)\"}}", to: "good.log")
        try ledger.folder.write("{ no {}\n" + receipt.replacing(hash, with: other), to: "bad.log")
        try ledger.folder.write(
            "{\"hash\":\"\(hash)\"} {\"hash\":1,\"index\":0} \"hash\"", to: "no.log")
        let good = try ledger.run("verify", "--receipts", "good.log")
        #expect(good.standardOutput.contains("1 kept head or receipt stands"))
        try ledger.run("verify", "--receipts", "bad.log").expect(5)
        try ledger.run("verify", "--receipts", "no.log").expect(64, "no receipts")
    }

    @Test(arguments: [">&-", "> /dev/full"])
    func aReceiptThatCanNotBePrintedIsToldAndNoFailure(output: String) throws {
        let ledger = try BuiltLedger()
        try ledger.folder.write(#"{"type":"note","message":"n"}"#, to: "events")
        for (arguments, index) in [("record note --message m", 0), ("import events events", 1)] {
            let line = "\(BuiltLedger.executable()) \(arguments) \(output)"
            let result = try Shell.execute(
                "bash", ["-c", "\(line)"],
                environment: ledger.variables, folder: ledger.folder.path)
            result.expect(0, "ledger: #\(index) ", "it is recorded")
        }
        #expect(try ledger.count() == 2)
        try ledger.run("verify").expect(0)
    }

    @Test func reindexBuildsTheSameAnswersAnew() throws {
        let ledger = try BuiltLedger()
        for change in ["V1", "V2", "V3"] { try ledger.deploy(change, tenant: "acme") }
        try ledger.output("correct", "1", "--env", "stage", "-m", "x")
        let before = try ledger.output("query", "-o", "ndjson")
        try ledger.run("reindex").expect(0, "rebuilt")
        #expect(try ledger.output("query", "-o", "ndjson") == before)
        try ledger.run("verify").expect(0)
    }
}
