import Foundation
import LedgerCore
import TestSupport
import Testing

/// What is read of a server is what is read of its file: output, errors and exit status.
@Suite struct RemoteReadTests {
    @Test func everyQueryAnswersTheSame() throws {
        let both = try BothWays()
        let filters: [[String]] = [
            [], ["--env", "prod"], ["--env", "prod", "--env", "stage"], ["--service", "orders"],
            ["--service", "shop/eu ü"], ["--tenant", "a&b=c?#%+ü"], ["--tenant", "acme"],
            ["--change", "V42"], ["--change", "orders:V42__add_index"],
            ["--change", "db/changelog.xml::1::ann"], ["--change", "orders:odd:id/%2F #1"],
            ["--change", "odd:id"], ["--status", "failed"],
            ["--type", "note"], ["--type", "merge", "--type", "review"],
            ["--operation", "revert", "--operation", "apply"], ["--trigger", "cli"],
            ["--ticket", "INC-7"], ["--text", "line two"], ["--text", "=1+1"],
            ["--since", "2026-01-01", "--until", "2026-11-02T03:00:00+01:00"],
            ["--period", "2026-11", "--recorded"], ["--period", "2026-Q4"], ["--limit", "3"],
            ["--limit", "3", "--reverse"], ["--reverse", "--env", "prod"], ["--actor", "nobody"],
            ["--object", "T"], ["--object", "main.t", "--type", "merge"], ["--object", "tt"],
        ]
        let forms: [[String]] = [
            [], ["--tenants"], ["-o", "json"], ["-o", "ndjson"], ["-o", "csv"],
        ]
        for filter in filters {
            for form in forms { try both.compare(["query", "--utc"] + filter + form) }
        }
        try both.compare(["query", "--color", "always", "--tenants"])
        try both.compare(["query"], environment: ["TZ": "Asia/Kolkata"])
        try both.compare(["query", "--since", "2026-11-01"], environment: ["TZ": "Asia/Kolkata"])
        for type in EventType.allCases { try both.compare(["query", "--type", type.rawValue]) }
    }

    @Test func everyOtherReadingVerbAnswersTheSame() throws {
        let both = try BothWays()
        let log: [[String]] = [
            [], ["--reverse"], ["--from", "3", "--to", "9"], ["--from", "3", "--limit", "2"],
            ["--reverse", "--from", "5", "--limit", "100"], ["--from", "9999"],
            ["--to", "9999", "--limit", "1"],
        ]
        for flags in log {
            for form in [[], ["-o", "json"], ["-o", "ndjson"], ["-o", "csv"], ["--utc"]] {
                try both.compare(["log"] + flags + form)
            }
        }
        for form in [[], ["-o", "json"], ["-o", "ndjson"], ["-o", "csv"]] {
            try both.compare(["info"] + form)
            try both.compare(["token", "list"] + form)
            try both.compare(["hold", "list"] + form)
        }
        let status: [[String]] = [
            [], ["--service", "orders"], ["--service", "orders", "--tenants"], ["--env", "prod"],
            ["--env", "prod", "--by", "tenant"], ["--env", "prod", "--service", "orders"],
            ["--tenants"], ["--at", "2026-11-01"], ["--as-known-at", "2026-11-01"],
            ["--env", "prd"], ["--service", "oders"], ["--by", "tenant"],
        ]
        let diff: [[String]] = [
            ["stage", "prod"], ["prod/acme", "prod/globex"], ["prod@{2 weeks ago}", "prod"],
            ["stage", "prod", "--service", "orders"], ["prd", "prod"], ["prod/nobody", "prod"],
            ["", "prod"],
        ]
        let gate: [[String]] = [
            ["orders:V42", "--env", "prod"], ["orders:V42", "--env", "prod", "--tenant", "acme"],
            ["orders:V42", "--env", "prod", "-o", "json"], ["orders:V99", "--env", "prod"],
            ["orders:V42", "--env", "prod", "--advise"], ["orders:V42"],
            ["orders:V42", "--env", "prod", "--tenant", "amce"], ["--pending", "--env", "prod"],
            ["--pending", "--env", "prod", "--service", "orders", "-o", "json"],
            ["--pending", "--env", "prod", "--tenant", "acme"], ["--pending", "--env", "prd"],
        ]
        try both.ledger.folder.write(
            "services: {orders: {paths: [V*.sql], tool: flyway}}\n", to: "ledger.yaml")
        for flags in gate { try both.compare(["gate"] + flags) }
        try both.compare(["freeze", "list", "-o", "csv"])
        for person in ["ann", "dba", "alice@example.com", "nobody", " "] {
            try both.compare(["forget", person])
            try both.compare(["forget", person, "--json"])
            try both.compare(["subject", person, "--out", "/no/folder"])
        }
        try both.compare(["config", "apply", "--dry-run"])
        let check: [[String]] = [
            [], ["--env", "prod"], ["--service", "orders", "--severity", "error"],
            ["--rule", "failed-not-resolved"], ["--rule", "failed"], ["--env", "prd"],
        ]
        let plans: [[String]] = [
            ["orders:V42"], ["V42", "--env", "prod", "--tenant", "acme"], ["shop/eu ü:V7"],
            ["shop/eu ü:V7", "--script"], ["orders:V42__add_indx"], ["orders:V42", "--env", "prd"],
        ]
        let steps: [[String]] = [
            ["--env", "prod", "--undo", "orders:V42"], ["--env", "stage", "--undo", "orders:V43"],
            ["--env", "prod", "--tenant", "globex", "--back-to", "2020-01-01"],
            ["--env", "prod", "--back-to", "2020-01-01", "--utc"],
            ["--env", "prd", "--undo", "orders:V42"], ["--env", "prod"],
        ]
        // Now would be another moment each time.
        let moment = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)).utc
        let why: [[String]] = [
            [], ["--window", "60d"], ["--tenant", "acme"], ["--object", "T"],
            ["--object", "orers"],
            ["--service", "orders", "--window", "9d"], ["--tenant", "amce"], ["--window", "soon"],
        ]
        for form in [[], ["-o", "json"], ["-o", "ndjson"], ["-o", "csv"]] {
            for flags in why {
                try both.compare(["why", "--env", "prod", "--at", moment] + flags + form)
            }
            try both.compare(["why", "--env", "prod", "--at", "2026-11-03"] + form)
            try both.compare(["rollback", "coverage"] + form)
            try both.compare(["link", "list"] + form)
            try both.compare(["archive", "list"] + form)
            try both.compare(["rollback", "coverage", "--env", "prod"] + form)
            for flags in plans { try both.compare(["rollback", "show"] + flags + form) }
            for flags in steps {
                try both.compare(["rollback", "steps"] + flags + form, showsAges: form.isEmpty)
            }
            for flags in check {
                try both.compare(["check"] + flags + form, showsAges: form.isEmpty)
            }
            for flags in status {
                try both.compare(["status"] + flags + form, showsAges: form.isEmpty)
            }
            for flags in diff { try both.compare(["diff"] + flags + form) }
        }
        try both.compare(["head"])
        try both.compare(["verify"])
        try both.compare(["verify", "--json"])
    }

    @Test func everythingThatCanBeShownIsShownTheSame() throws {
        let both = try BothWays()
        let count = try both.ledger.count()
        for index in 0..<count {
            try both.compare(["show", String(index)])
            try both.compare(["show", String(index), "-o", "json"])
            try both.compare(["show", String(index), "--script"])
        }
        let head = try both.ledger.output("head").dropLast()
        try both.compare(["show", String(head.split(separator: ":")[1])])
        try both.compare(["show", "e-1"])
        let changes = Set(
            try both.ledger.rows().compactMap { row -> String? in
                guard let service = row["service"]?.string, let id = row["change"]?.string else {
                    return nil
                }
                return "\(service):\(id)"
            } + ["orders:V42", "orders:V4", "V42", "V42__add_index", "db/changelog.xml::1::ann"])
        #expect(changes.count > 5)
        for change in changes.sorted() {
            try both.compare(["show", change])
            try both.compare(["show", change, "-o", "json"])
            try both.compare(["show", change, "--script"])
        }
    }

    @Test func mistakesAreToldTheSame() throws {
        let both = try BothWays()
        let mistakes: [[String]] = [
            ["query", "--env", "pord"], ["query", "--env", ""], ["query", "--change", "V99"],
            ["query", "--change", "orders:V"], ["query", "--since", "soon"],
            ["query", "--since", "2026-11-02", "--until", "2026-11-01"],
            ["query", "--status", "faild"], ["query", "--limit", "0"], ["show", "99999"],
            ["show", "nothing"], ["show", "orders:nothing"],
            ["show", String(repeating: "0", count: 64)],
            ["show", "42", "-o", "csv"], ["verify", "--expect", "1"],
            ["verify", "--expect", "1:" + String(repeating: "0", count: 64)],
            ["verify", "--json", "--expect", "99999:" + String(repeating: "0", count: 64)],
            ["token", "revoke", "tok_0"], ["token", "create", "--role", "reeder"],
            ["token", "create", "--role", "reader", "--service", "orders"],
            ["token", "create", "--role", "writer", "--expires", "2020-01-01"],
            ["record", "note", "--about", "99999", "--title", "x"],
            ["record", "deployment", "--service", "orders", "--env", "a/b", "--change", "1"],
            ["correct", "99999", "--env", "prod", "-m", "x"],
            ["import", "events", "no-such-file"],
        ]
        for arguments in mistakes { try both.compare(arguments) }
    }

    @Test func anEmptyLedgerAnswersTheSame() throws {
        let served = try ServedLedger(BuiltLedger(), "--public-read")
        for arguments in [
            ["query"], ["query", "-o", "json"], ["query", "-o", "ndjson"], ["query", "-o", "csv"],
            ["log"], ["log", "-o", "json"], ["info"], ["head"], ["verify"], ["show", "0"],
        ] {
            let file = try Shell.execute(
                BuiltLedger.executable(), arguments, environment: served.ledger.variables,
                folder: served.ledger.folder.path)
            let remote = try served.run(arguments, token: nil)
            #expect(remote.standardOutput == file.standardOutput, "\(arguments)")
            #expect(remote.standardError == file.standardError, "\(arguments)")
            #expect(remote.status == file.status, "\(arguments)")
        }
    }

    @Test func aLedgerOfManyPagesAnswersTheSame() throws {
        let ledger = try BuiltLedger()
        var lines = ""
        for number in 0..<2500 {
            lines += """
                {"service":"orders","environment":"prod","tenant":"t\(number % 700)",\
                "change":{"id":"V\(number / 700)"},"deployment":{"status":"succeeded"},\
                "time":"2026-11-0\(1 + number % 9)T00:00:00Z","id":"e\(number)"}

                """
        }
        try ledger.folder.write(lines, to: "many.ndjson")
        try ledger.output("import", "events", "many.ndjson")
        let both = try BothWays(ServedLedger(ledger))
        for form in ["json", "ndjson", "csv"] {
            try both.compare(["query", "-o", form])
            try both.compare(["query", "-o", form, "--limit", "1001"])
            try both.compare(["log", "-o", form])
            try both.compare(["log", "-o", form, "--reverse", "--limit", "2001"])
        }
        try both.compare(["query", "--limit", "2000", "--tenants"])
        try both.compare(["query"])
    }

    @Test func whatOnlyWorksOnAFileSaysSo() throws {
        let served = try ServedLedger(BuiltLedger())
        for verb in ["init", "reindex", "serve"] {
            let result = try served.run([verb], token: nil)
            result.expect(64, "this works on a ledger's file", served.url)
        }
        try served.run(["verify", "--timings"], token: nil).expect(64, "--timings")
    }

    @Test func aFileNeedsNoThreadsForTheNetwork() throws {
        let served = try ServedLedger(BuiltLedger())
        let token = try served.token("writer")
        // The command starts when its start is recorded.
        let command = [
            "run", "--require-record", "--service", "s", "--env", "test", "--", "sh", "-c",
            "cat /proc/$PPID/task/*/comm",
        ]
        let local = try Shell.execute(
            BuiltLedger.executable(), command, environment: served.ledger.variables,
            folder: served.ledger.folder.path)
        #expect(local.standardOutput.contains("ledger"))
        #expect(!local.standardOutput.contains("NIO"))
        #expect(try served.run(command, token: token).standardOutput.contains("NIO"))
    }
}
