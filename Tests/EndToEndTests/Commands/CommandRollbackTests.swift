import Foundation
import LedgerCore
import TestSupport
import Testing

/// How to get back, as the one who is called at night asks it.
@Suite struct CommandRollbackTests {
    private static let down = "ALTER TABLE orders DROP COLUMN email;\n"

    /// V42 with its undo script beside it, V43 that nobody can undo, V44 with a section that does.
    private func ledger() throws -> BuiltLedger {
        let ledger = try BuiltLedger()
        let folder = ledger.folder
        try folder.write("CREATE INDEX i ON orders (status);\n", to: "V42__add_index.sql")
        try folder.write("DROP INDEX i;\n", to: "U42__add_index.sql")
        try folder.write("ALTER TABLE orders DROP COLUMN old;\n", to: "V43__drop_old.sql")
        try folder.write(
            "-- migrate:up\nALTER TABLE orders ADD email;\n-- migrate:down\n\(Self.down)",
            to: "V44__email.sql")
        for (file, hour) in [("V42__add_index", 1), ("V43__drop_old", 2), ("V44__email", 3)] {
            for tenant in ["acme", "globex"] {
                try ledger.output(
                    "record", "deployment", "--service", "orders", "--env", "prod", "--tenant",
                    tenant, "--file", "\(file).sql", "--time", "2026-01-01T0\(hour):00:00Z")
            }
        }
        try ledger.output(
            "rollback", "set", "--service", "orders", "--change", "V43__drop_old", "--strategy",
            "irreversible", "-m", "the column is gone")
        return ledger
    }

    @Test func whatLiesBesideAScriptOrInItIsAttachedAndMarkedAsInferred() throws {
        let ledger = try ledger()
        #expect(try ledger.output("rollback", "show", "V42", "--script") == "DROP INDEX i;\n")
        #expect(try ledger.output("rollback", "show", "orders:V44", "--script") == Self.down)
        let shown = try ledger.output("show", "0", "-o", "json")
        #expect(shown.contains(#""inferred":true"#))
        #expect(try ledger.output("rollback", "show", "V44").contains("inferred"))
        #expect(try ledger.run("verify").status == 0)
        // Nothing is inferred of what somebody says, or of what undoes something itself.
        for flags in [["--strategy", "forward_fix"], ["--operation", "revert"]] {
            let result = try Shell.execute(
                BuiltLedger.executable(),
                [
                    "record", "deployment", "--service", "orders", "--env", "dev", "--file",
                    "V42__add_index.sql", "--json",
                ] + flags, environment: ledger.variables, folder: ledger.folder.path)
            let receipt = try JSONReader.read(Array(result.standardOutput.utf8)).object
            let index = try #require(receipt?["index"]?.integer)
            #expect(!(try ledger.output("show", "\(index)", "-o", "json").contains("inferred")))
        }
    }

    @Test func aRunAttachesWhatUndoesItsScript() throws {
        let ledger = try ledger()
        try ledger.output(
            "run", "--service", "orders", "--env", "dev", "--file", "V42__add_index.sql", "--",
            "true")
        let plan = try ledger.output("rollback", "show", "V42", "--env", "dev", "-o", "json")
        #expect(plan.contains(#""inferred":true"#))
        #expect(
            try ledger.output("rollback", "show", "V42", "--env", "dev", "--script")
                == "DROP INDEX i;\n")
    }

    @Test func aPlanForATenantStandsThereAlone() throws {
        let ledger = try ledger()
        try ledger.folder.write("SELECT 1;\n", to: "other.sql")
        try ledger.output(
            "rollback", "set", "--service", "orders", "--change", "V42__add_index", "--env",
            "prod", "--tenant", "acme", "--strategy", "reversible", "--script", "other.sql")
        try ledger.run("rollback", "show", "V42", "--script").expect(
            1, "on some targets another script undoes orders:V42__add_index", "--tenant")
        let acme = ["--env", "prod", "--tenant", "acme"]
        let there = try Shell.execute(
            BuiltLedger.executable(), ["rollback", "show", "V42", "--script"] + acme,
            environment: ledger.variables, folder: ledger.folder.path)
        #expect(there.standardOutput == "SELECT 1;\n")
        try ledger.run("rollback", "show", "V43", "--script").expect(
            1, "no script is known that undoes orders:V43__drop_old")
        try ledger.run("rollback", "show", "orders:V42__add_indx").expect(
            1, "did you mean V42__add_index?")
        try ledger.run("rollback", "show", "V42", "--tenant", "acme").expect(64, "need --env")
    }

    @Test func whatCannotBeUndoneStandsAtTheTopAndIsToldByTheExitStatus() throws {
        let ledger = try ledger()
        let blocked = try ledger.run("rollback", "steps", "--env", "prod", "--undo", "orders:V42")
        #expect(blocked.status == 3)
        let lines = blocked.standardOutput.split(separator: "\n")
        #expect(lines[0] == "STOP: 2 of 6 steps can't simply be undone")
        #expect(
            lines[1] == "- orders:V43__drop_old: it is irreversible: the column is gone "
                + "[prod/acme, prod/globex]")
        #expect(lines.contains("orders/prod: acme, globex"))
        let order = lines.suffix(3).map {
            $0.split(separator: " ").prefix(2).joined(separator: " ")
        }
        #expect(order == ["1 V44__email", "2 V43__drop_old", "3 V42__add_index"])
        #expect(blocked.standardError.contains("6 steps on 2 targets"))

        let free = try ledger.run(
            "rollback", "steps", "--env", "prod", "--tenant", "acme", "--back-to",
            "2026-01-01T02:30:00Z", "-o", "csv")
        #expect(free.status == 0)
        #expect(free.standardOutput.split(separator: "\r\n").count == 2)
        try ledger.run("rollback", "steps", "--env", "prod").expect(64, "either --undo")
        try ledger.run("rollback", "steps", "--env", "prod", "--undo", "V4").expect(
            1, "is the beginning of several changes")
        try ledger.run("rollback", "steps", "--env", "prd", "--undo", "V42").expect(
            1, "did you mean prod?")
        try ledger.run("rollback", "steps", "--env", "prod", "--back-to", "2099-01-01").expect(
            64, "has not come yet")
        try ledger.run(
            "rollback", "steps", "--env", "prod", "--undo", "V42", "--tenant", "acm"
        ).expect(1, "did you mean acme?")
    }

    @Test func coverageTellsWhatIsIrreversibleWithoutAReason() throws {
        let ledger = try ledger()
        #expect(
            try ledger.output("rollback", "coverage", "-o", "csv").contains(
                "orders,prod,3,0,2,1,0,[]\r\n"))
        try ledger.output(
            "rollback", "set", "--service", "orders", "--change", "V43__drop_old", "--env",
            "prod", "--tenant", "acme", "--strategy", "irreversible")
        #expect(
            try ledger.output("rollback", "coverage", "-o", "csv").contains(
                "orders,prod,3,0,2,1,1,[]\r\n"))
        #expect(try ledger.output("rollback", "coverage").contains("1, 1 unexplained"))
    }

    /// The commands of the checklist are typed as they stand; what they do is recorded.
    @Test func theCommandsOfTheChecklistUndoAndRecordIt() throws {
        let ledger = try ledger()
        try ledger.folder.writeProgram("#!/bin/sh\ncat \"$4\" >> ran\n", to: "bin/psql")
        let result = try ledger.run(
            "rollback", "steps", "--env", "prod", "--undo", "orders:V44", "-o", "markdown")
        #expect(result.status == 0)
        let text = result.standardOutput
        #expect(text.hasPrefix("## Undo orders:V44 in prod\n"))
        #expect(text.contains("- [ ] **1.** `orders:V44__email`: undo script"))
        #expect(text.contains("**tested nowhere**"))
        let commands = text.split(separator: "\n").compactMap { line -> String? in
            line.range(of: "`ledger ").map {
                String(line[$0.lowerBound...].dropFirst().dropLast())
            }
        }
        #expect(commands.count == 3)
        let bin = URL(fileURLWithPath: BuiltLedger.executable()).deletingLastPathComponent().path
        let path = "\(ledger.folder.file("bin")):\(bin):/usr/bin:/bin"
        let script = try ledger.folder.write(commands.joined(separator: "\n"), to: "do.sh")
        let done = try Shell.execute(
            "bash", ["-e", script],
            environment: ledger.variables.merging(["PATH": path]) { $1 },
            folder: ledger.folder.path)
        #expect(done.status == 0, "\(done.standardError)")
        let ran = try String(contentsOfFile: ledger.folder.file("ran"), encoding: .utf8)
        #expect(ran == Self.down + Self.down)
        let after = try ledger.run("rollback", "steps", "--env", "prod", "--undo", "orders:V44")
        #expect(after.status == 0)
        #expect(after.standardOutput.contains("orders:V44__email is not there"))
        // Now it was tried.
        let plan = try ledger.output("rollback", "show", "V44", "-o", "json")
        #expect(plan.contains(#""tested":[{"entry":"#) && plan.contains(#""undone":5"#))
        #expect(try ledger.output("show", "orders:V44").contains("it undid #4"))
    }

    @Test func wordsOfOtherPeopleStayWordsInTheChecklist() throws {
        let ledger = try BuiltLedger()
        try ledger.output(
            "record", "deployment", "--service", "orders", "--env", "prod", "--tenant", "a'b",
            "--change", "x`$(id)", "--strategy", "irreversible")
        try ledger.output(
            "rollback", "set", "--service", "orders", "--change", "x`$(id)", "--strategy",
            "forward_fix", "-m", "@channel\n# <b>gone</b>")
        let result = try ledger.run(
            "rollback", "steps", "--env", "prod", "--undo", "orders:x`$(id)", "-o", "markdown")
        #expect(result.status == 3)
        #expect(result.standardOutput.contains(##"\@channel␊\# \<b\>gone\</b\>"##))
        #expect(result.standardOutput.contains(#"--tenant 'a'\''b' --change 'x`$(id)'"#))
    }

    @Test func aScriptIsShownToWhoMaySeeAttachments() throws {
        let served = try ServedLedger(try ledger())
        let reader = try served.token("reader")
        let shown = try served.run(["rollback", "show", "orders:V42"], token: reader)
        #expect(shown.status == 0)
        #expect(shown.standardOutput.contains("reversible"))
        try served.run(["rollback", "show", "orders:V42", "--script"], token: reader).expect(
            4, "auditor or admin")
        let steps = try served.run(
            ["rollback", "steps", "--env", "prod", "--undo", "orders:V42"], token: reader)
        #expect(steps.status == 3)
        #expect(!steps.standardOutput.contains("the column is gone"))
        let auditor = try served.token("auditor")
        #expect(
            try served.run(["rollback", "show", "orders:V42", "--script"], token: auditor)
                .standardOutput == "DROP INDEX i;\n")
    }
}
