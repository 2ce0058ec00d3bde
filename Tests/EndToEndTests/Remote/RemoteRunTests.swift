import Foundation
import LedgerCore
import TestSupport
import Testing

/// A server that is away, hangs, refuses or talks nonsense never breaks a deployment, and gets each
/// event once, in order, when it is well again.
@Suite struct RemoteRunTests {
    let served: ServedLedger
    let token: String

    init() throws {
        served = try ServedLedger(BuiltLedger())
        token = try served.token("writer")
    }

    private func run(
        _ server: FaultyServer, _ command: [String], flags: [String] = []
    ) throws -> Shell.Result {
        try served.run(
            ["run", "--service", "orders", "--env", "test"] + flags + ["--"] + command,
            token: token, environment: ["LEDGER": server.url])
    }

    private func spooled() throws -> [JSONObject] {
        let text = try served.ledger.output("spool", "list", "--json")
        let rows = try JSONReader.read(Array(text.utf8)).object?["rows"]?.array
        return (rows ?? []).compactMap(\.object)
    }

    private func statuses() throws -> [String] {
        try served.ledger.output("log", "--reverse", "-o", "ndjson").split(separator: "\n")
            .compactMap { line in
                try JSONReader.read(Array(line.utf8)).object?[["event", "deployment", "status"]]?
                    .string
            }
    }

    private static let page = "<html><body>Sign in to the hotel's network</body></html>"

    static let passing: [(String, FaultyServer.Behaviour)] = [
        ("hangs", .hangs), ("closes", .closes),
        ("HTML", .answers(FaultyServer.response("200 OK", "text/html", page))),
        (
            "HTML as JSON", .answers(FaultyServer.response("200 OK", "application/json", page))
        ),
        (
            "cut JSON", .answers(FaultyServer.response("201 Created", "application/json", "{\"rec"))
        ),
        (
            "cut answer",
            .answers(FaultyServer.response("201 Created", "application/json", "{\"rec", length: 99))
        ),
        (
            "no receipts",
            .answers(FaultyServer.response("200 OK", "application/json", "{\"receipts\":[]}"))
        ),
        ("500", .answers(FaultyServer.response("500 Oh", "text/plain", "oh"))),
        ("500 problem", .answers(FaultyServer.problem(500, "internal", "something is wrong"))),
        ("502", .answers(FaultyServer.response("502 Bad Gateway", "text/html", page))),
        ("301", .answers(FaultyServer.response("301 Moved", "text/html", page))),
        ("401", .answers(FaultyServer.problem(401, "not-authenticated", "no such token"))),
        ("404", .answers(FaultyServer.problem(404, "not-found", "nothing is here"))),
        ("503", .answers(FaultyServer.problem(503, "busy", "the ledger can't take more"))),
        ("429", .answers(FaultyServer.problem(429, "too-many", "more than is allowed"))),
        ("not HTTP", .answers("SSH-2.0-OpenSSH_9.2\r\n")),
        (
            "slow",
            .drips(
                FaultyServer.response("201 Created", "application/json", "{}"), milliseconds: 50)
        ),
    ]

    @Test(arguments: passing.indices)
    func aServerThatIsAtFaultGetsTheEventsWithTheNextRun(place: Int) throws {
        let (name, behaviour) = Self.passing[place]
        let server = try FaultyServer(behaviour)
        let before = Date()
        let result = try run(
            server, ["sh", "-c", "exit 3"], flags: ["--record-timeout", "1"])
        #expect(result.status == 3, "\(name)")
        #expect(Date().timeIntervalSince(before) < 10, "\(name)")
        let errors = result.standardError.split(separator: "\n")
        // One line for each reason.
        #expect(1...2 ~= errors.count, "\(name): \(result.standardError)")
        #expect(errors.allSatisfy { $0.hasPrefix("ledger: not recorded yet: ") }, "\(name)")
        #expect(!result.standardError.contains(token))
        #expect(try spooled().count { $0["refusal"] == nil } == 2, "\(name)")
        #expect(try statuses() == [], "\(name)")
        server.behaviour = .forwards(served.port)
        #expect(try run(server, ["true"]).status == 0)
        #expect(try statuses() == ["started", "failed", "started", "succeeded"], "\(name)")
        #expect(try spooled().isEmpty, "\(name)")
    }

    @Test(arguments: [(403, "not-allowed"), (422, "invalid-event"), (409, "conflict")])
    func whatAServerRefusesIsPutAsideWithItsReason(status: Int, code: String) throws {
        let server = try FaultyServer(
            .answers(FaultyServer.problem(status, code, "it is not taken")))
        let result = try run(server, ["sh", "-c", "exit 3"])
        #expect(result.status == 3)
        #expect(result.standardError.contains("the ledger refused the event: it is not taken"))
        let refusals = try spooled().compactMap { $0["refusal"]?.string }
        #expect(refusals == ["it is not taken   do better", "it is not taken   do better"])
        server.behaviour = .forwards(served.port)
        try served.run(["spool", "send", "--refused"], token: token)
            .expect(0, "2 recorded, 0 refused")
        #expect(try statuses() == ["started", "failed"])
    }

    @Test func aServerThatIsAwayGetsTheEventsOnceItIsThere() throws {
        let server = try FaultyServer(isAway: true)
        for number in 1...3 {
            let result = try run(server, ["sh", "-c", "exit \(number)"])
            #expect(result.status == Int32(number))
            #expect(result.standardError.contains("can't reach \(server.url): Connection refused"))
        }
        server.behaviour = .forwards(served.port)
        try served.run(["spool", "send"], token: token).expect(0, "6 recorded")
        #expect(
            try statuses() == ["started", "failed", "started", "failed", "started", "failed"])
    }

    @Test func aServerThatHangsGetsFiveSecondsAndNoMore() throws {
        let server = try FaultyServer(.hangs)
        let before = Date()
        let result = try run(server, ["date", "+%s%N"])
        let duration = Date().timeIntervalSince(before)
        #expect(result.status == 0)
        #expect(result.standardError.contains("no answer in 5.0 s"))
        #expect(5..<12 ~= duration)
        // The command was not kept waiting.
        let ran = try #require(Double(result.standardOutput.dropLast())) / 1e9
        #expect(ran - before.timeIntervalSince1970 < duration - 4.5)
    }

    @Test func aSlowServerIsWaitedFor() throws {
        let server = try FaultyServer(.delays(served.port, milliseconds: 700))
        let result = try run(server, ["sh", "-c", "exit 3"])
        #expect(result.status == 3)
        #expect(result.standardError.contains("ledger: #"))
        #expect(try statuses() == ["started", "failed"])
        #expect(try spooled().isEmpty)
    }

    @Test func anAnswerThatIsLostMakesNoDuplicate() throws {
        let server = try FaultyServer(.losesAnswers(served.port))
        let result = try run(server, ["sh", "-c", "exit 3"])
        #expect(result.status == 3)
        #expect(result.standardError.contains("not recorded yet: \(server.url) closed"))
        #expect(try statuses().first == "started")
        server.behaviour = .forwards(served.port)
        try served.run(["spool", "send"], token: token).expect(0, "2 recorded")
        #expect(try statuses() == ["started", "failed"])
        #expect(try spooled().isEmpty)
    }

    @Test func strictlyNothingStartsWithoutTheServer() throws {
        let server = try FaultyServer(isAway: true)
        let result = try run(server, ["touch", "never"], flags: ["--require-record"])
        result.expect(1, "the command was not started")
        #expect(!FileManager.default.fileExists(atPath: served.ledger.folder.file("never")))
        server.behaviour = .forwards(served.port)
        #expect(try run(server, ["touch", "ran"], flags: ["--require-record"]).status == 0)
        #expect(FileManager.default.fileExists(atPath: served.ledger.folder.file("ran")))
        #expect(try statuses() == ["started", "skipped", "started", "succeeded"])
    }

    @Test func theCommandDoesNotSeeTheToken() throws {
        let result = try served.run(
            ["run", "--service", "s", "--env", "e", "--", "sh", "-c", "echo \"<$LEDGER_TOKEN>\""],
            token: token)
        #expect(result.standardOutput == "<>\n")
    }

    @Test(arguments: [true, false])
    func theCommandStartsWithDefaultSignals(isRemote: Bool) throws {
        let output = served.ledger.folder.file("status")
        let ledger = isRemote ? served.url : served.ledger.path
        // The network is in use by the time at which the command starts.
        let process = try TestProcess(
            [
                BuiltLedger.executable(), "run", "--require-record", "--service", "s", "--env", "e",
                "--", "cat", "/proc/self/status",
            ], folder: served.ledger.folder.path,
            variables: served.ledger.variables.merging(
                ["LEDGER": ledger, "LEDGER_TOKEN": token, "PATH": "/usr/bin:/bin"]) { $1 },
            streams: [.file("/dev/null"), .file(output), .file("/dev/null")])
        #expect(process.wait().exitCode == 0)
        let text = try String(contentsOfFile: output, encoding: .utf8)
        for name in ["SigBlk", "SigIgn", "SigCgt"] {
            let line = try #require(text.split(separator: "\n").first { $0.hasPrefix(name) })
            let mask = try #require(UInt64(line.split(separator: "\t")[1], radix: 16))
            // Signals 32 and 33 are the C library's own.
            #expect(mask & 0x7FFF_FFFF == 0, "\(line)")
        }
    }

    @Test func manyRunsAtOnceRecordEachOnce() throws {
        let server = try FaultyServer(isAway: true)
        for _ in 0..<3 { _ = try run(server, ["true"]) }
        server.behaviour = .forwards(served.port)
        let variables = served.ledger.variables.merging(
            ["LEDGER": server.url, "LEDGER_TOKEN": token, "PATH": "/usr/bin:/bin"]) { $1 }
        let processes = try (0..<4).map { _ in
            try TestProcess(
                [
                    BuiltLedger.executable(), "run", "--service", "orders", "--env", "test", "--",
                    "true",
                ], folder: served.ledger.folder.path, variables: variables,
                streams: [.file("/dev/null"), .file("/dev/null"), .file("/dev/null")])
        }
        #expect(processes.allSatisfy { $0.wait().exitCode == 0 })
        _ = try served.run(["spool", "send"], token: token)
        #expect(try statuses().count == 14)
        try served.ledger.run("verify").expect(0)
    }
}
