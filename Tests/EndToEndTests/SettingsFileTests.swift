import Foundation
import LedgerCore
import LedgerService
import TestSupport
import Testing

/// `ledger serve --config FILE`.
@Suite struct SettingsFileTests {
    private static let good = "hooks: [{kind: github, services: repository, secrets: [SECRET]}]"

    /// What can't be taken, with what the error must say.
    static let wrong: [(yaml: String, words: [String])] = [
        ("lisen: 127.0.0.1:1", ["serve.yaml, line 1", "\"lisen\"", "did you mean listen?"]),
        ("\n\nlimits: {evnts: 3}", ["line 3", "\"evnts\"", "did you mean events?"]),
        ("limits: {events: 0}", ["line 1", "limits.events must be a number from 1 to"]),
        ("limits: {events: 1e3}", ["limits.events must be a number"]),
        ("limits: 3", ["limits must be a mapping"]),
        ("listen: here:there", ["line 1", "no address to listen on"]),
        ("public-read: perhaps", ["public-read must be true or false"]),
        ("listen: a:1\nlisten: b:1", ["listen stands twice"]),
        ("hooks: {kind: github}", ["hooks must be a list"]),
        ("hooks: [{kind: gihub}]", ["\"gihub\"", "did you mean github?"]),
        ("hooks: [{kind: github, secret: x}]", ["\"secret\"", "did you mean secrets?"]),
        ("hooks: [{kind: github, services: repository}]", ["line 1", "1 to 4 secrets"]),
        (
            "hooks: [{kind: github, secrets: [{secret: hunter2}]}]",
            ["the hook github knows no repository"]
        ),
        (
            "hooks: [{kind: azure, services: repository, secrets: [{secret: hunter2}]}]",
            ["USER:PASSWORD"]
        ),
        ("hooks: [{kind: github, secrets: [hunter2]}]", ["a secret must be a mapping"]),
        (
            "hooks: [{kind: github, secrets: [{secret: hunter2, secret-env: A}]}]",
            ["one of secret, secret-file, secret-env"]
        ),
        ("hooks: [{kind: github, secrets: [{secret-env: UNSET}]}]", ["UNSET", "is not set"]),
        ("hooks: [{kind: github, secrets: [{secret-file: none}]}]", ["/none", "No such file"]),
        (
            "hooks: [{kind: github, repositories: {a/b: {services: {o: {pats: x}}}}}]",
            ["\"pats\"", "did you mean paths?"]
        ),
        (
            "hooks: [{kind: github, repositories: {a/b: {services: {o: {tool: flywy}}}}}]",
            ["did you mean flyway?"]
        ),
        (
            "hooks: [{kind: github, repositories: {a/b: {clone: none, services: {o: {}}}}}]",
            ["there is no clone at", "git clone --bare"]
        ),
        ("hooks: [{kind: github, environments: {p: {envionment: x}}}]", ["environment?"]),
        ("hooks: [{kind: github, name: a/b}]", ["letters, digits"]),
        (
            "hooks:\n- &a {kind: github, services: repository, secrets: [{secret: hunter2}]}\n- *a",
            ["two hooks are called github"]
        ),
        ("hooks: [{secret: \"hunter2}]", ["serve.yaml, line 1"]),
        ("hooks:\n  - {secret: hunter2}\n - x", ["serve.yaml, line"]),
    ]

    @Test func whatCanNotBeTakenIsSaidWithItsLineAndWithoutSecrets() throws {
        let ledger = try BuiltLedger()
        for (yaml, words) in Self.wrong {
            let file = try ledger.folder.write(yaml, to: "serve.yaml")
            let result = try ledger.run("serve", "--config", file)
            #expect(result.status == 64 || result.status == 1, "\(yaml)")
            for word in words {
                #expect(result.standardError.contains(word), "\(yaml): \(result.standardError)")
            }
            #expect(!result.standardError.contains("hunter2"), "\(result.standardError)")
        }
        let absent = try ledger.run("serve", "--config", "absent.yaml")
        absent.expect(1, "absent.yaml", "No such file")
    }

    @Test func aFlagGoesBeforeAVariableAndAVariableBeforeTheFile() throws {
        let ledger = try BuiltLedger()
        // An address of nobody's machine (RFC 5737).
        let nowhere = "203.0.113.1:1"
        func listens(_ file: String, variable: String?, flag: String?) throws -> Bool {
            let path = try ledger.folder.write("listen: \(file)", to: "serve.yaml")
            let flags = flag.map { ["--listen", $0] } ?? []
            let variables = variable.map { ["LEDGER_LISTEN": $0] } ?? [:]
            do {
                _ = try RunningService(
                    ledger, flags, environment: variables.merging(["LEDGER_CONFIG": path]) { $1 })
                return true
            } catch is RunningService.NotServing {
                return false
            }
        }
        let here = "127.0.0.1:0"
        #expect(try listens(here, variable: nil, flag: nil))
        #expect(try !listens(nowhere, variable: nil, flag: nil))
        #expect(try listens(nowhere, variable: here, flag: nil))
        #expect(try !listens(here, variable: nowhere, flag: nil))
        #expect(try listens(nowhere, variable: nowhere, flag: here))
        #expect(try !listens(here, variable: here, flag: nowhere))
    }

    @Test func theFilesLedgerIsSeenFromItsFolder() throws {
        let ledger = try BuiltLedger()
        try ledger.deploy("1")
        let file = try ledger.folder.write(
            "ledger: ../ledger.db\nlisten: 127.0.0.1:0\npublic-read: true", to: "etc/serve.yaml")
        let served = try RunningService(ledger, ["--config", file], environment: ["LEDGER": ""])
        let head = try served.request("GET", "/v1/head")
        #expect(head.status == 200 && head.body.contains("\"index\":0"), "\(head)")
        // A variable takes back what the file gives.
        let closed = try RunningService(
            ledger, ["--config", file], environment: ["LEDGER_PUBLIC_READ": "false"])
        #expect(try closed.request("GET", "/v1/head").status == 401)
    }

    @Test func aSecretThatOthersMayReadIsWarnedOf() throws {
        let ledger = try BuiltLedger()
        let other = try ledger.folder.write("hunter2\n", to: "secret")
        func warns(_ secret: String, _ modes: [String: Int]) throws -> Bool {
            let file = try ledger.folder.write(
                "listen: 127.0.0.1:0\n"
                    + Self.good.replacingOccurrences(of: "SECRET", with: secret),
                to: "serve.yaml")
            for (name, mode) in modes { chmod(ledger.folder.file(name), mode_t(mode)) }
            let served = try RunningService(
                ledger, ["--config", file], environment: ["HOOK_SECRET": "hunter2"])
            #expect(!served.log.contains("hunter2"))
            return served.log.contains("holds secrets, and others may read it")
        }
        #expect(try warns("{secret: hunter2}", ["serve.yaml": 0o644]))
        #expect(try warns("{secret: hunter2}", ["serve.yaml": 0o640]))
        #expect(try !warns("{secret: hunter2}", ["serve.yaml": 0o600]))
        #expect(try !warns("{secret-env: HOOK_SECRET}", ["serve.yaml": 0o644]))
        #expect(try warns("{secret-file: \(other)}", ["serve.yaml": 0o644, "secret": 0o604]))
        #expect(try !warns("{secret-file: \(other)}", ["serve.yaml": 0o644, "secret": 0o600]))
    }

    @Test func everyKeyIsInTheReadme() throws {
        var readme = try Readme()
        let begin = try #require(readme.lines.firstIndex { $0.hasPrefix("<!-- settings:") })
        let end = try #require(readme.lines[begin...].firstIndex(of: "<!-- /settings -->"))
        let lines =
            ["", "| key | meaning |", "| --- | --- |"]
            + SettingsFile.keys.map { "| `\($0.name)` | \($0.meaning) |" } + [""]
        if ProcessInfo.processInfo.environment["LEDGER_WRITE_DOCS"] == "1" {
            readme.lines.replaceSubrange(begin + 1..<end, with: lines)
            return try readme.write()
        }
        #expect(Array(readme.lines[begin + 1..<end]) == lines)
    }
}
