import Foundation
import LedgerCore
import TestSupport
import Testing

@Suite struct CommandQueryTests {
    private static let hasJSONSchema =
        (try? Shell.execute("python3", ["-c", "import jsonschema"]))?.status == 0

    @Test(.enabled(if: hasJSONSchema)) func rowsKeepTheirContract() throws {
        let ledger = try BuiltLedger()
        try ledger.deploy("V1__orders")
        try ledger.deploy("V2__index", tenant: "acme", status: "failed")
        try ledger.output("record", "note", "--message", "hello", "--about", "0")
        try ledger.output("run", "--service", "orders", "--env", "dev", "--", "true")
        let schema = Readme.package.appendingPathComponent("exports/query-row.schema.json").path
        let check = """
            import json, sys, jsonschema
            schema = json.load(open(sys.argv[1]))
            document = dict(schema, **{"$ref": "#/$defs/document"})
            answer = json.load(open(sys.argv[2]))
            jsonschema.validate(answer, document)
            lines = [json.loads(line) for line in open(sys.argv[3])]
            for line in lines: jsonschema.validate(line, schema)
            assert lines == answer["rows"] and len(lines) == 3, lines
            try:
                jsonschema.validate(dict(lines[0], index="1"), schema)
            except jsonschema.ValidationError:
                sys.exit(0)
            sys.exit("the schema takes anything")
            """
        let json = try ledger.folder.write(ledger.output("query", "-o", "json"), to: "a.json")
        let lines = try ledger.folder.write(ledger.output("query", "-o", "ndjson"), to: "a.ndjson")
        let result = try Shell.execute("python3", ["-c", check, schema, json, lines])
        #expect(result.status == 0, "\(result.standardError)")
    }

    @Test func theClosingLineCountsTargetsByTheirRightNames() throws {
        let ledger = try BuiltLedger()
        try ledger.deploy("V1", environment: "prod")
        try ledger.deploy("V1", environment: "prd")
        let run = ["run", "--service", "orders", "--env", "pord", "--change", "V2", "--", "true"]
        try Shell.execute(
            BuiltLedger.executable(), run, environment: ledger.variables, folder: ledger.folder.path
        ).expect(0)
        try ledger.run("query").expect(0, "3 of 3 targets heard from")
        try ledger.run("correct", "1", "--env", "prod", "-m", "slip").expect(0)
        try ledger.run("query").expect(0, "2 of 2 targets heard from")
        // The end speaks for its start, and the start for its end.
        try ledger.run("correct", "3", "--env", "stage", "-m", "slip").expect(0)
        try ledger.run("query").expect(0, "2 of 2 targets heard from", "(orders/stage)")
        try ledger.run("query", "--env", "stage").expect(0, "1 of 1 target of stage heard from")
        try ledger.run("correct", "2", "--tenant", "acme", "--env", "prod", "-m", "slip").expect(0)
        try ledger.run("query").expect(0, "2 of 2 targets heard from", "(orders/prod/acme)")
        try ledger.run("query", "--env", "prod").expect(0, "2 of 2 targets of prod heard from")
    }

    @Test func everyFilterFindsItsRowAndLeavesOutTheOther() throws {
        let ledger = try BuiltLedger()
        let events = """
            {"id":"1","source":"s","time":"2025-03-02T03:10:00Z","service":"orders","environment":"prod",\
            "tenant":"acme","region":"eu","cluster":"c1","database":"db1","actor":"ann",\
            "change":{"id":"42","name":"V42__add_index","ticket":"INC-9",\
            "digest":"sha256:\(String(repeating: "ab", count: 32))"},\
            "deployment":{"status":"failed","operation":"revert"},"trigger":{"kind":"cli"},\
            "title":"needle"}
            {"id":"2","source":"s","time":"2025-04-02T03:10:00Z","service":"billing","environment":"dev",\
            "tenant":"globex","region":"us","cluster":"c2","database":"db2","actor":"bob",\
            "change":{"id":"7"},"deployment":{"status":"succeeded"},"trigger":{"kind":"import"}}

            """
        try ledger.output("import", "events", "-", input: events)
        #expect(try ledger.rows().count == 2)
        for (flag, value) in [
            ("--env", "prod"), ("--service", "orders"), ("--tenant", "acme"), ("--region", "eu"),
            ("--cluster", "c1"), ("--database", "db1"), ("--change", "42"),
            ("--change", "orders:V42"), ("--actor", "ann"), ("--status", "failed"),
            ("--operation", "revert"), ("--trigger", "cli"), ("--ticket", "INC-9"),
            ("--digest", "sha256:" + String(repeating: "ab", count: 32)), ("--text", "needle"),
            ("--until", "2025-03-15"), ("--period", "2025-03"), ("--period", "2025-Q1"),
        ] {
            let found = try ledger.rows(flag, value)
            #expect(found.map { $0["id"]?.string } == ["1"], "\(flag) \(value)")
        }
        #expect(try ledger.rows("--since", "2025-03-15").map { $0["id"]?.string } == ["2"])
        #expect(try ledger.rows("--env", "prod", "--env", "dev").count == 2)
        #expect(try ledger.rows("--limit", "1").map { $0["id"]?.string } == ["2"])
        #expect(try ledger.rows("--limit", "1", "--reverse").map { $0["id"]?.string } == ["1"])
        #expect(try ledger.rows("--recorded", "--since", "1h").count == 2)
        #expect(try ledger.rows("--type", "note").isEmpty)
    }

    @Test func whatWasNeverRecordedIsAnErrorWithASuggestion() throws {
        let ledger = try BuiltLedger()
        try ledger.deploy("V42__add_index", tenant: "acme")
        try ledger.run("query", "--env", "prd").expect(1, "--env prd", "did you mean prod?")
        try ledger.run("query", "--service", "order").expect(1, "did you mean orders?")
        try ledger.run("query", "--tenant", "acne").expect(1, "did you mean acme?")
        try ledger.run("query", "--change", "V42__add_indx").expect(
            1, "did you mean V42__add_index?")
        try ledger.run("show", "V42__add_indx").expect(1, "did you mean")
        try ledger.run("query", "--status", "succeded").expect(64, "did you mean succeeded?")
        try ledger.run("query", "--type", "deploymnt").expect(64, "did you mean deployment?")
        try ledger.run("query", "--since", "banana").expect(64, "--since banana", "yesterday")
    }

    @Test func anEmptyValueIsAnErrorAndNotEverything() throws {
        let ledger = try BuiltLedger()
        try ledger.deploy("V1")
        for flag in ["--env", "--service", "--tenant", "--change", "--text", "--since", "--ticket"]
        {
            try ledger.run("query", flag, "").expect(64, "\(flag) is empty")
        }
        try ledger.run("record", "deployment", "--env", "", "--change", "V2")
            .expect(64, "--env is empty")
        try ledger.run("correct", "0", "--env", "", "-m", "x").expect(64, "--env is empty")
        try ledger.run("info", "--ledger", "").expect(64, "--ledger is empty")
        #expect(try ledger.count() == 1)
    }

    @Test func aCorrectionShowsInTheAnswerAndTheEntryStays() throws {
        let ledger = try BuiltLedger()
        let index = try ledger.deploy("V1__orders")
        try ledger.output(
            "correct", "\(index)", "--env", "stage", "--status", "failed", "-m", "wrong variable")
        let row = try #require(try ledger.rows().first)
        #expect(row["environment"]?.string == "stage")
        #expect(row["status"]?.string == "failed")
        #expect(row["corrected_by"]?.integer == 1)
        #expect(try ledger.output("query").contains("#0*"))
        #expect(try ledger.output("show", "0", "-o", "json").contains(#""environment":"prod""#))
        try ledger.run("correct", "1", "--env", "dev", "-m", "x").expect(64, "correction itself")
        try ledger.run("correct", "9", "--env", "dev", "-m", "x").expect(1, "no entry #9")
        try ledger.run("correct", "0", "-m", "x").expect(64, "nothing to correct")
        try ledger.run("verify").expect(0)
    }

    @Test func tenantsAreFoldedUntilTheyAreAskedFor() throws {
        let ledger = try BuiltLedger()
        for tenant in ["acme", "globex"] { try ledger.deploy("V1__orders", tenant: tenant) }
        try ledger.deploy("V1__orders", tenant: "initech", status: "failed")
        let folded = try ledger.output("query")
        #expect(folded.contains("2/3, failed: initech"))
        #expect(folded.split(separator: "\n").count == 2)
        #expect(try ledger.output("query", "--tenants").split(separator: "\n").count == 4)
        let note = try ledger.run("query").standardError
        #expect(note.contains("3 of 3 targets heard from"), "\(note)")
    }

    @Test func showTellsAChangesStoryAndPrintsItsScript() throws {
        let ledger = try BuiltLedger()
        try ledger.folder.write("SELECT 42;\n", to: "V42__add_index.sql")
        try ledger.output(
            "record", "deployment", "--service", "orders", "--env", "prod", "--file",
            "V42__add_index.sql")
        try ledger.output(
            "record", "review", "--service", "orders", "--change", "V42__add_index", "--decision",
            "approved", "--role", "dba")
        try ledger.output(
            "rollback", "set", "--service", "orders", "--change", "V42__add_index", "--strategy",
            "reversible")
        let story = try ledger.output("show", "orders:V42")
        for words in ["rollback  reversible, planned in #2", "reviewed", "approved", "orders/prod"]
        {
            #expect(story.contains(words), "\(words) in \(story)")
        }
        #expect(try ledger.output("show", "orders:V42", "--script") == "SELECT 42;\n")
        #expect(try ledger.output("show", "0").contains("change.name"))
        let hash = try #require(try ledger.rows().first?["hash"]?.string)
        #expect(try ledger.output("show", hash) == ledger.output("show", "#0"))
        try ledger.run("show", "99").expect(1, "no entry #99", "the last one is #2")
        try ledger.run("show", "orders:V42", "--ledger", "nope.db").expect(
            1, "no ledger at nope.db")
    }

    @Test func aReaderThatHasSeenEnoughIsNoError() throws {
        let ledger = try BuiltLedger()
        let event = #"{"service":"orders","environment":"prod","change":{"id":"42"},"#
        let lines = (0..<3000).map {
            "\(event)\"id\":\"\($0)\",\"deployment\":{\"status\":\"failed\"}}\n"
        }
        try ledger.output("import", "events", "-", input: lines.joined())
        let command = "set -o pipefail; \"$0\" \"$@\" | head -1"
        for arguments in [
            ["query", "-o", "ndjson"], ["log", "-o", "csv"], ["log", "--limit", "3000"],
        ] {
            let result = try Shell.execute(
                "bash", ["-c", command, BuiltLedger.executable()] + arguments,
                environment: ledger.variables)
            result.expect(0)
            #expect(result.standardOutput.split(separator: "\n").count == 1)
            #expect(!result.standardError.contains("ledger:"), "\(result.standardError)")
        }
    }

    @Test func anEmptyLedgerSaysSo() throws {
        let ledger = try BuiltLedger()
        try ledger.run("head").expect(1, "no entries yet")
        try ledger.run("show", "0").expect(1, "no entries yet")
        try ledger.run("log").expect(0, "no entries yet")
        try ledger.run("query").expect(0, "no deployments")
        #expect(try ledger.output("info").contains("entries      0"))
        #expect(try ledger.output("verify").contains("verified: 0 entries"))
    }
}
