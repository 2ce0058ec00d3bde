import Foundation
import LedgerCore
import LedgerIngest
import LedgerSchema
import TestSupport
import Testing

typealias Shells = ScriptFixture.Shells

/// `ledger-run.sh` has the rules of `ledger run`.
@Suite(.timeLimit(.minutes(3))) struct LedgerRunScriptTests {
    @Test(arguments: Shells.allCases)
    func itRecordsTheBeginningAndTheEndAndExitsAsTheCommandDid(shell: Shells) throws {
        let fixture = try ScriptFixture(shell)
        let script = "CREATE TABLE t (a);\n"
        try fixture.folder.write(script, to: "db/V1_2__t.sql")
        let result = try fixture.run(
            ["sh", "-c", "echo out; echo err >&2; exit 7"],
            flags: [
                "--tenant", "acme", "--region=eu", "--file", "db/V1_2__t.sql", "-m", "why",
                "--title", "A table", "--ticket", "OPS-1", "--emergency", "--attempt", "2",
                "--group", "g", "--kind", "schema", "--actor", "ann", "--cluster", "c1",
                "--database", "db1", "--run", "https://ci.example.com/1", "--source", "nightly",
            ])
        #expect(result.status == 7)
        #expect(result.standardOutput == "out\n")
        let events = try fixture.events()
        #expect(events.count == 2)
        let hash = try #require(result.notes.last?.split(separator: " ").last)
        #expect(result.notes == ["err", "ledger: #1 \(hash)"])
        #expect(hash.utf8.count == 64)
        #expect(try fixture.statuses() == ["started", "failed"])
        for event in events {
            #expect(event["type"] == "deployment")
            let target = ["service", "environment", "tenant", "region", "cluster", "database"]
            let texts = target.map { event[$0]?.string }
            #expect(texts == ["orders", "prod", "acme", "eu", "c1", "db1"])
            #expect(event["source"] == "nightly")
            #expect(
                event["change"] == [
                    "id": "1.2", "name": "V1_2__t", "kind": "schema", "class": "emergency",
                    "ticket": "OPS-1",
                ])
            #expect(event[["deployment", "attempt"]] == 2)
            #expect(event[["deployment", "group"]] == "g")
            #expect(event["reason"] == "why")
            #expect(event["title"] == "A table")
            #expect(event["actor"] == "ann")
            #expect(event["command"] == "sh …")
            let encoded = Data(script.utf8).base64EncodedString()
            #expect(
                event[["attachments", "script"]]
                    == ["base64": .string(encoded), "media_type": "application/sql"])
        }
        #expect(events[1][["deployment", "exit_code"]] == 7)
        #expect(events[1][["deployment", "duration_ms"]] != nil)
        let ids = events.map { $0[["deployment", "id"]]?.string }
        #expect(ids[0] != nil && ids[0] == ids[1])
        #expect(fixture.waiting().isEmpty)
        let sent = try #require(try fixture.requests().first)
        #expect(sent["path"] == "/v1/events")
        #expect(sent[["headers", "content-type"]] == "application/json")
        #expect(
            sent[["headers", "authorization"]]?.string == "Bearer \(ScriptFixture.token)")
    }

    @Test(arguments: Shells.allCases)
    func everyTextArrivesAsItWas(shell: Shells) throws {
        let fixture = try ScriptFixture(shell)
        var random = RandomJSON(generator: SeededGenerator())
        let seed = random.generator.seed
        var texts = [
            #"quo"te's \ back\\slash \n %s $HOME `x` $(x)"#, "tab\tline\r\n\u{1}\u{1f}\u{7f}",
        ]
        for _ in 0..<4 { texts.append("x" + random.text(maximum: 60) + "x") }
        for text in texts {
            try fixture.run(["true"], flags: ["-m", text, "--reason=" + text]).expect(0)
        }
        let reasons = try fixture.events().compactMap { $0["reason"]?.string }
        #expect(reasons.count == 2 * texts.count)
        for (index, reason) in reasons.enumerated() {
            #expect(reason.hasSameBytes(as: texts[index / 2]), "seed \(seed)")
        }
        // What is no UTF-8 can't stand in JSON; it may not cost the event.
        let command = fixture.arguments(
            ["-m", "$(printf 'a\\377\\355\\240\\200b\\303')"], ["true"])
        let line = command.map { $0.hasPrefix("$(") ? "\"\($0)\"" : "'\($0)'" }
        try fixture.execute(["/bin/sh", "-c", line.joined(separator: " ")]).expect(0)
        let last = try #require(try fixture.events().last)
        #expect(last["reason"]?.string == "a\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}b\u{FFFD}")
    }

    @Test(arguments: Shells.allCases)
    func theCommandKeepsItsStandardStreams(shell: Shells) throws {
        let fixture = try ScriptFixture(shell)
        let input = "one\u{0}two\r\n\u{FF}"
        #expect(try fixture.run(["cat"], input: input).standardOutput == input)
        let words = try fixture.run(
            [
                "sh", "-c", "for word; do printf '<%s>' \"$word\"; done", "-", "a b", "", "*", "--",
                "-m",
            ])
        #expect(words.standardOutput == "<a b><><*><--><-m>")
        let umask = try fixture.run(["sh", "-c", "umask; echo ${lr_token-none}"])
        let own = try Shell.run("sh", ["-c", "umask"]).output
        #expect(umask.standardOutput == own + "none\n")
    }

    @Test(arguments: Shells.allCases)
    func theTokenIsSeenByNobody(shell: Shells) throws {
        let fixture = try ScriptFixture(shell, mode: "hang")
        // The command lists all processes while the token is on its way.
        let result = try fixture.run(
            [
                "sh", "-c",
                """
                while [ ! -s requests.ndjson ]; do sleep 0.02; done
                env; echo ---; for file in /proc/[0-9]*/cmdline; do tr '\\0' ' ' <"$file"; echo; done
                """,
            ], flags: ["--record-timeout", "0.1"])
        #expect(result.status == 0)
        #expect(result.standardOutput.contains("curl -q"))
        let sent = try #require(try fixture.requests().first)
        #expect(sent[["headers", "authorization"]]?.string?.contains("s3cr3t") == true)
        for text in [result.standardOutput, result.standardError] {
            #expect(!text.contains("s3cr3t"))
        }
        // Of all processes, those of other tests have the variable by name.
        let variables = try #require(result.standardOutput.components(separatedBy: "\n---\n").first)
        #expect(!variables.contains("LEDGER_TOKEN"))
        let kept = try Shell.run("grep", ["-r", "s3cr3t", fixture.spool])
        #expect(kept.status == 1, "\(kept.output)")
        let mode = try Shell.run("find", [fixture.spool, "-perm", "/077"])
        #expect(mode.output.isEmpty)
    }

    @Test(arguments: Shells.allCases)
    func passwordsInAddressesAreTakenOut(shell: Shells) throws {
        let fixture = try ScriptFixture(shell)
        let address = fixture.address.replacingOccurrences(of: "://", with: "://me:pa55w0rd@")
        let variables = [
            "GITLAB_CI": "1", "CI_PROJECT_URL": "https://u:pa55w0rd@git.example.com/a/b",
            "LEDGER": address,
        ]
        // Curl puts them into a header of its own, which a token replaces.
        try fixture.run(["true", "pa55w0rd"], environment: variables).expect(0, "ledger: #1 ")
        try fixture.setMode("drop")
        let result = try fixture.run(["true", "pa55w0rd"], environment: variables)
        #expect(result.status == 0 && !result.standardError.contains("pa55w0rd"))
        #expect(fixture.waiting().count == 2)
        #expect(try Shell.run("grep", ["-r", "pa55w0rd", fixture.spool]).status == 1)
        let event = try #require(try fixture.events().last)
        #expect(event[["git", "repository"]] == "https://git.example.com/a/b")
        #expect(event["command"] == "true …")
    }

    @Test(arguments: Shells.allCases)
    func changesHaveTheIdsThatTheCommandGivesThem(shell: Shells) throws {
        let fixture = try ScriptFixture(shell)
        let naming = try ChangeNaming()
        let source = try String(contentsOfFile: ScriptFixture.script, encoding: .utf8)
        let start = try #require(source.range(of: "lr_name_change() {"))
        let end = try #require(source[start.upperBound...].range(of: "\n}\n"))
        let function = source[start.lowerBound..<end.upperBound]
        let paths = [
            "V42__add_index.sql", "db/V1_2__x.sql", "V1.2.3__x.y.sql", "U42__add.sql", "V42.sql",
            "V__x.sql", "Vx__y.sql", "V1___x.sql", "R__add_view.sql", "R__.sql", "001_init.sql",
            "20260102030405_add.sql", "20260102_add.up.sql", "000042_add.up.sql",
            "000042_add.down.sql", "000_a.up.sql", "2026010_x.sql", "20260102x.sql", "20260102.sql",
            "migrations/2026_add/migration.sql", "migration.sql", "a b.sql", "noextension",
            "123456789012345_long.sql", "x.tar.sql", "-- odd'.sql",
        ]
        let result = try Shell.execute(
            shell == .dash ? "dash" : "busybox",
            (shell == .dash ? [] : ["sh"]) + [
                "-c",
                function + "for p; do lr_name_change \"$p\"; echo \"$lr_id|$lr_name\"; done", "-",
            ] + paths)
        let expected = paths.compactMap { path in
            naming.names(forPath: path).first.map { "\($0.id)|\($0.name)" }
        }
        let names = result.standardOutput.split(separator: "\n").map(String.init)
        for (path, pair) in zip(paths, zip(names, expected)) {
            #expect(pair.0 == pair.1, "\(path)")
        }
        #expect(names.count == paths.count && expected.count == paths.count)
        try fixture.run(["true"], flags: ["--change", "V42__add_index"]).expect(0)
        let change = try #require(try fixture.events().first?["change"])
        #expect(change == ["id": "42", "name": "V42__add_index"])
    }

    @Test func aJobSaysWhatTheCommandFindsInIt() throws {
        let commit = "5f0c1e2d3b4a59687766554433221100ffeeddcc"
        let jobs: [[String: String]] = [
            [
                "GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "acme/orders", "GITHUB_SHA": commit,
                "GITHUB_REF_NAME": "main", "GITHUB_SERVER_URL": "https://github.com",
                "GITHUB_RUN_ID": "9", "GITHUB_ACTOR": "ann", "GITHUB_RUN_ATTEMPT": "2",
            ],
            [
                "GITLAB_CI": "true", "CI_PROJECT_PATH": "acme/orders", "CI_COMMIT_SHA": commit,
                "CI_COMMIT_REF_NAME": "main", "CI_PROJECT_URL": "https://gitlab.com/acme/orders",
                "CI_JOB_URL": "https://gitlab.com/acme/orders/-/jobs/1", "GITLAB_USER_LOGIN": "ann",
            ],
            [
                "JENKINS_URL": "https://ci/", "JOB_NAME": "orders", "GIT_COMMIT": "not one",
                "GIT_BRANCH": "origin/main", "GIT_URL": "git@example.com:acme/orders.git",
                "BUILD_URL": "https://ci/job/1", "BUILD_USER_ID": "ann",
            ],
            [
                "TF_BUILD": "True", "BUILD_REPOSITORY_NAME": "orders",
                "BUILD_SOURCEVERSION": commit,
                "BUILD_SOURCEBRANCH": "refs/heads/main", "SYSTEM_JOBATTEMPT": "1",
                "BUILD_REPOSITORY_URI": "https://dev.azure.com/acme/_git/orders",
                "BUILD_REQUESTEDFOREMAIL": "ann@example.com",
            ],
            [
                "BITBUCKET_BUILD_NUMBER": "7", "BITBUCKET_REPO_FULL_NAME": "acme/orders",
                "BITBUCKET_COMMIT": commit, "BITBUCKET_BRANCH": "main",
                "BITBUCKET_GIT_HTTP_ORIGIN": "http://bitbucket.org/acme/orders",
                "BITBUCKET_STEP_TRIGGERER_UUID": "{1}", "BITBUCKET_STEP_RUN_NUMBER": "3",
            ],
            [
                "CIRCLECI": "true", "CIRCLE_PROJECT_USERNAME": "acme",
                "CIRCLE_PROJECT_REPONAME": "orders", "CIRCLE_SHA1": commit, "CIRCLE_BRANCH": "main",
                "CIRCLE_REPOSITORY_URL": "git@github.com:acme/orders.git",
                "CIRCLE_BUILD_URL": "https://circleci.com/1", "CIRCLE_USERNAME": "ann",
            ],
            [
                "BUILDKITE": "true", "BUILDKITE_ORGANIZATION_SLUG": "acme",
                "BUILDKITE_PIPELINE_SLUG": "orders", "BUILDKITE_COMMIT": "HEAD",
                "BUILDKITE_BRANCH": "main", "BUILDKITE_REPO": "git@github.com:acme/orders.git",
                "BUILDKITE_BUILD_URL": "https://buildkite.com/1",
                "BUILDKITE_BUILD_CREATOR_EMAIL": "ann@example.com",
            ],
        ]
        let fixture = try ScriptFixture(.dash)
        for job in jobs {
            let found = try #require(CIEnvironment.find(in: job))
            try fixture.run(["true"], environment: job).expect(0)
            let event = try #require(try fixture.events().last)
            #expect(event["source"]?.string == found.source)
            #expect(event["actor"]?.string == found.actor)
            #expect(event[["trigger", "tool"]]?.string == found.service)
            #expect(event[["trigger", "run"]]?.string == found.run)
            let isCommit = found.commit == commit
            #expect(event[["git", "commit"]]?.string == (isCommit ? commit : nil))
            #expect(event[["git", "ref"]]?.string == found.ref)
            #expect(event[["git", "repository"]]?.string == found.repository)
            let attempt = event[["deployment", "attempt"]]?.integer.map(String.init)
            #expect(attempt == found.attempt)
        }
    }

    @Test(arguments: [
        (["-f", "V1.sql"], "unknown"), (["-v", "ON_ERROR_STOP=1", "-f", "V1.sql"], "succeeded"),
        (["-c", "SELECT 1"], "succeeded"), (["-fV1.sql", "-c", "SELECT 1"], "unknown"),
        (["--file=V2.sql"], "succeeded"), (["orders"], "unknown"),
    ])
    func psqlIsTakenAtItsWordOnlyWhereItCanBe(arguments: [String], status: String) throws {
        let fixture = try ScriptFixture(.dash)
        try fixture.folder.write("SELECT 1;\n", to: "V1.sql")
        try fixture.folder.write("\\set ON_ERROR_STOP on\n", to: "V2.sql")
        let path = try fixture.folder.writeProgram("#!/bin/sh\nexit 0\n", to: "tools/psql")
        let result = try fixture.run([path] + arguments)
        #expect(result.status == 0)
        #expect(result.standardError.contains("ON_ERROR_STOP") == (status == "unknown"))
        let event = try #require(try fixture.events().last)
        #expect(event[["deployment", "status"]]?.string == status)
        #expect(event[["change", "tool"]] == "psql")
    }

    @Test(arguments: [
        (["-h", "db1", "-d", "orders"], "db1"), (["-hdb1", "-p5433"], "db1:5433"),
        (["--host=db2", "--port=1"], "db2:1"), (["-d", "orders"], "db9"),
    ])
    func theHostIsThatOfTheDatabase(arguments: [String], host: String) throws {
        let fixture = try ScriptFixture(.dash)
        let path = try fixture.folder.writeProgram("#!/bin/sh\nexit 0\n", to: "tools/psql")
        let result = try fixture.run([path] + arguments, environment: ["PGHOST": "db9"])
        #expect(result.status == 0)
        #expect(try fixture.events().last?["host"]?.string == host)
    }

    @Test func theProgramCarriesTheScript() throws {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: ScriptFixture.script))
        #expect(Data(LedgerSchema.runScript) == bytes)
    }
}
