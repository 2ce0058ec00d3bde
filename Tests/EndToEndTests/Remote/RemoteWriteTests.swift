import Foundation
import LedgerCore
import TestSupport
import Testing

/// What is recorded through a server is what is recorded in a file.
@Suite struct RemoteWriteTests {
    /// The events of a ledger, without what the clock and chance put into them.
    private func events(of ledger: BuiltLedger) throws -> [JSONObject] {
        try ledger.output("log", "--reverse", "-o", "ndjson").split(separator: "\n").map { line in
            let row = try #require(try JSONReader.read(Array(line.utf8)).object)
            var event = try #require(row["event"]?.object)
            for name in ["id", "time"] { event[name] = nil }
            var kept = JSONObject()
            for member in event["deployment"]?.object?.members ?? []
            where !["id", "group", "started", "ended", "duration_ms"].contains(member.name) {
                kept[member.name] = member.value
            }
            if event["deployment"] != nil { event["deployment"] = .object(kept) }
            // Who was authenticated is the user of this machine or a token.
            var names = row["private"]?.object ?? JSONObject()
            names[EventSchema.principalName] = nil
            return JSONObject(["event": .object(event), "private": .object(names)])
        }
    }

    @Test func everyWritingVerbRecordsTheSameEvents() throws {
        let file = try BuiltLedger()
        let served = try ServedLedger(BuiltLedger())
        let token = try served.token("admin")
        // The token's own entry has its place in both.
        try file.output("token", "create", "--role", "admin")
        for folder in [file.folder, served.ledger.folder] { try Self.write(in: folder) }
        let target = ["--service", "orders", "--env", "prod"]
        let verbs: [[String]] = [
            ["record", "deployment"] + target
                + [
                    "--tenant", "acme", "--file", "V1__a.sql", "-m", "w\nhy", "--ticket", "I-1",
                    "--error", "oh", "--executed-as", "dba", "--attach", "log=V1__a.sql",
                    "--link", "run=https://u:p@ci.example.com/1", "--label", "a=b", "--json",
                ],
            ["record", "review"] + target + ["--change", "V1__a", "--decision", "approved"],
            ["record", "note", "--about", "1", "--message", "fine"],
            ["record", "incident"] + target + ["--title", "slow"],
            ["rollback", "set"] + target
                + ["--change", "V1__a", "--strategy", "reversible", "--script", "V1__a.sql"],
            ["correct", "1", "--env", "stage", "-m", "slip"],
            ["import", "events", "events.ndjson"], ["import", "events", "events.ndjson"],
            ["import", "events", "conflict.ndjson"], ["import", "events", "invalid.ndjson"],
            ["import", "events", "--keep-going", "conflict.ndjson"],
            ["import", "events", "--keep-going", "invalid.ndjson"],
            ["import", "git", "repository", "--service", "orders", "--paths", "migrations/**"],
            ["import", "git", "repository", "--service", "orders", "--paths", "migrations/**"],
            ["run"] + target + ["--file", "V1__a.sql", "-m", "go", "--", "sh", "-c", "exit 3"],
        ]
        for verb in verbs {
            let local = try Shell.execute(
                BuiltLedger.executable(), verb, environment: file.variables,
                folder: file.folder.path)
            let remote = try served.run(verb, token: token)
            let shown = Comment("\(verb): \(local.standardError) \(remote.standardError)")
            #expect(remote.status == local.status, shown)
            // Receipts have hashes, of which no two ledgers have the same.
            #expect(lines(remote.standardOutput) == lines(local.standardOutput), shown)
            #expect(lines(remote.standardError) == lines(local.standardError), shown)
        }
        // The first are the tokens.
        let left = try events(of: file).dropFirst()
        let right = try events(of: served.ledger).dropFirst()
        #expect(left.count > 1500)
        #expect(left.count == right.count)
        let first = zip(left, right).first { $0 != $1 }
        #expect(first == nil)
        try served.ledger.run("verify").expect(0)
        #expect(
            try served.ledger.output("show", "1", "--script")
                == "CREATE TABLE a (id INTEGER);\n")
    }

    private func lines(_ text: String) -> String {
        text.replacingOccurrences(
            of: "[0-9a-f]{64}|\"time\":\"[^\"]*\"", with: "…", options: .regularExpression)
    }

    private static func write(in folder: TemporaryFolder) throws {
        try folder.write("CREATE TABLE a (id INTEGER);\n", to: "V1__a.sql")
        let event = { (id: String, status: String) in
            "{\"service\":\"orders\",\"environment\":\"dev\",\"id\":\"\(id)\",\"source\":\"s\","
                + "\"deployment\":{\"status\":\"\(status)\"},\"reason\":\"because\"}\n"
        }
        let good = (0..<1500).map { event("e\($0)", "succeeded") }.joined()
        try folder.write(good, to: "events.ndjson")
        try folder.write(
            event("n1", "failed") + "\n" + event("e7", "failed") + event("n2", "failed"),
            to: "conflict.ndjson")
        try folder.write(event("n3", "failed") + event("n4", "faild"), to: "invalid.ndjson")
        let script = """
            git init -q -b main repository && cd repository && mkdir migrations &&
            git -c user.name=A -c user.email=a@x commit -q --allow-empty -m begin &&
            git checkout -q -b INC-1 && echo 'SELECT 1;' > migrations/V5__five.sql &&
            git add . && git -c user.name=A -c user.email=a@x commit -qm five &&
            git checkout -q main &&
            git -c user.name=B -c user.email=b@x merge -q --no-ff INC-1 -m 'Merge INC-1'
            """
        let time = "2026-11-01T00:00:00Z"
        let fixed = ["GIT_AUTHOR_DATE": time, "GIT_COMMITTER_DATE": time]
        let made = try Shell.run("sh", ["-ec", script], environment: fixed, folder: folder.path)
        #expect(made.status == 0, "\(made.output)")
    }

    @Test func whatWasTakenBeforeARefusalStaysAndTheErrorSaysSo() throws {
        let served = try ServedLedger(BuiltLedger())
        let token = try served.token("writer", "--env", "dev")
        let event = { (id: Int, environment: String) in
            "{\"service\":\"o\",\"environment\":\"\(environment)\",\"id\":\"e\(id)\","
                + "\"deployment\":{\"status\":\"succeeded\"}}\n"
        }
        let lines = (0..<2100).map { event($0, $0 == 2050 ? "prod" : "dev") }.joined()
        try served.ledger.folder.write(lines, to: "events.ndjson")
        let result = try served.run(["import", "events", "events.ndjson"], token: token)
        result.expect(
            4, "this token may not write for the environment prod",
            "Of the events before, 2000 are recorded and stay")
        #expect(try served.ledger.count() == 2001)
        let again = try served.run(
            ["import", "events", "--keep-going", "events.ndjson"], token: token)
        again.expect(1, "refused: line 2051: this token", "99 recorded, 2,000 recorded before")
        #expect(try served.ledger.count() == 2100)
    }

    @Test func tokensAreMadeAndRevokedOverHTTP() throws {
        let served = try ServedLedger(BuiltLedger())
        let admin = try served.token("admin")
        let made = try served.run(
            [
                "token", "create", "--role", "writer", "--service", "orders", "--env", "dev",
                "--source", "ci/", "--expires", "30d", "--name", "the pipeline", "--json",
            ], token: admin)
        let answer = try #require(try JSONReader.read(Array(made.standardOutput.utf8)).object)
        let (secret, id) = (answer["token"]?.string, try #require(answer["id"]?.string))
        let record = [
            "record", "deployment", "--service", "orders", "--env", "dev", "--change", "1",
            "--source", "ci/1",
        ]
        try served.run(record, token: secret).expect(0)
        for other in [["--env", "prod"], ["--service", "billing"], ["--source", "x"]] {
            try served.run(record + other, token: secret).expect(4, "this token may not write")
        }
        let list = try served.run(["token", "list", "-o", "ndjson"], token: admin)
        #expect(list.standardOutput.contains("the pipeline"))
        #expect(list.standardOutput == (try served.ledger.output("token", "list", "-o", "ndjson")))
        try served.run(["token", "revoke", id], token: secret).expect(4, "role admin")
        try served.run(["token", "revoke", id], token: admin).expect(0)
        // At once, by the server that revoked it.
        try served.run(record, token: secret).expect(4, "the token is not valid")
        try served.run(["token", "revoke", id], token: admin).expect(1, "was revoked at")
        try served.run(["token", "list"], token: nil).expect(4, "set LEDGER_TOKEN")
    }

    @Test func everyRoleDoesAndSeesWhatItMay() throws {
        let served = try ServedLedger(BuiltLedger())
        try served.ledger.folder.write("SELECT 1;\n", to: "V1__a.sql")
        let record = [
            "record", "deployment", "--service", "orders", "--env", "dev", "--file", "V1__a.sql",
            "--error", "hidden", "--title", "shown",
        ]
        let roles = ["writer", "reader", "auditor", "admin"]
        var tokens: [String: String] = [:]
        for role in roles { tokens[role] = try served.token(role) }
        let status = { (role: String, arguments: [String]) throws -> Int32 in
            try served.run(arguments, token: tokens[role]).status
        }
        #expect(try roles.map { try status($0, record) } == [0, 4, 4, 0])
        #expect(try roles.map { try status($0, ["query"]) } == [4, 0, 0, 0])
        #expect(try roles.map { try status($0, ["log"]) } == [4, 0, 0, 0])
        #expect(try roles.map { try status($0, ["head"]) } == [0, 0, 0, 0])
        #expect(try roles.map { try status($0, ["info"]) } == [0, 0, 0, 0])
        #expect(try roles.map { try status($0, ["verify"]) } == [4, 0, 0, 0])
        #expect(try roles.map { try status($0, ["token", "list"]) } == [4, 4, 4, 0])
        #expect(try roles.map { try status($0, ["query", "--text", "x"]) } == [4, 4, 0, 0])
        #expect(try roles.map { try status($0, ["show", "4", "--script"]) } == [4, 4, 0, 0])
        for role in roles {
            let shown = try served.run(["show", "4"], token: tokens[role])
            shown.expect(0)
            #expect(shown.standardOutput.contains("shown"))
            let seesAll = role == "auditor" || role == "admin"
            #expect(shown.standardOutput.contains("hidden") == seesAll)
            let log = try served.run(["log", "-o", "csv"], token: tokens[role])
            #expect(!log.standardOutput.contains("\"error\":\"hidden\"") || role != "reader")
        }
        let told = try served.run(["show", "4"], token: tokens["reader"])
        #expect(told.standardOutput.contains("not for your role to see"))
    }

    @Test func aTokenIsNotSentWhereOthersCanReadIt() throws {
        let ledger = try BuiltLedger()
        let secret = "ledger_0123456789ab_secret"
        let result = try ledger.run(
            "query", environment: ["LEDGER": "http://ledger.example.com", "LEDGER_TOKEN": secret])
        result.expect(64, "without TLS", "LEDGER_INSECURE=1")
        #expect(!result.standardError.contains(secret))
        let run = try ledger.run(
            "run", "--service", "s", "--env", "e", "--", "sh", "-c", "exit 7",
            environment: ["LEDGER": "http://ledger.example.com", "LEDGER_TOKEN": secret])
        run.expect(7, "not recorded yet", "without TLS")
        try ledger.run("spool", "send", environment: ["LEDGER_TOKEN": secret])
            .expect(1, "without TLS", "2 still waiting")
    }

    @Test func aPrivateAuthorityIsTrustedIfItIsNamed() throws {
        let served = try servedByTLS(for: "IP:127.0.0.1")
        let token = try served.token("admin")
        #expect(served.url.hasPrefix("https://"))
        try served.run(["head"], token: token)
            .expect(1, "no secure connection to \(served.url)", "not trusted", "LEDGER_CA_FILE")
        try served.run(["head"], token: token, environment: ["LEDGER_CA_FILE": "cert.pem"])
            .expect(0)
        try served.run(["head"], token: token, environment: ["LEDGER_CA_FILE": "key.pem"])
            .expect(64, "can't be read as certificates")
        let plain = "http" + served.url.dropFirst("https".count)
        try served.run(["head"], token: token, environment: ["LEDGER": plain])
            .expect(1, plain)
    }

    @Test func whatIsWrongWithTLSIsToldApart() throws {
        let served = try servedByTLS(for: "DNS:ledger.example.com")
        let token = try served.token("admin")
        try served.run(["head"], token: token, environment: ["LEDGER_CA_FILE": "cert.pem"])
            .expect(1, "no secure connection to \(served.url)", "not for this name")
        let open = try ServedLedger(BuiltLedger())
        let secure = open.url.replacingOccurrences(of: "http:", with: "https:")
        try served.run(["head"], token: token, environment: ["LEDGER": secure])
            .expect(1, "no secure connection to \(secure): it does not speak TLS")
    }

    private func servedByTLS(for name: String) throws -> ServedLedger {
        let ledger = try BuiltLedger()
        let made = try Shell.run(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", "key.pem", "-out", "cert.pem", "-days", "2", "-subj", "/CN=test",
                "-addext", "subjectAltName=\(name)",
            ], folder: ledger.folder.path)
        try #require(made.status == 0, "\(made.output)")
        return try ServedLedger(ledger, "--tls-cert", "cert.pem", "--tls-key", "key.pem")
    }
}
