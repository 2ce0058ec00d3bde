import Foundation
import LedgerCore
import TestSupport
import Testing

@testable import LedgerIngest

struct RunEventsTests {
    let folder: TemporaryFolder
    static let start = Timestamp(milliseconds: 1_767_225_600_123)

    init() throws {
        folder = try TemporaryFolder()
    }

    private func events(
        _ command: [String], surroundings: RunSurroundings = RunSurroundings(variables: [:]),
        _ change: (inout RunRequest) -> Void = { _ in }
    ) -> RunEvents {
        var request = RunRequest(command: command)
        (request.service, request.environment) = ("orders", "prod")
        change(&request)
        let input = open("/dev/null", O_RDONLY)
        defer { close(input) }
        return RunEvents(
            request: request, surroundings: surroundings, changeFromPath: Self.flyway,
            standardInput: input)
    }

    /// `V42__add_index.sql` is change 42.
    private static let flyway: ChangeFromPath = { path, _ in
        let name = String(path.split(separator: "/").last?.dropLast(4) ?? "")
        guard name.hasPrefix("V"), let end = name.range(of: "__") else { return nil }
        return (String(name[name.index(after: name.startIndex)..<end.lowerBound]), name, false)
    }

    private static func ending(
        _ code: Int32, standardError: String = "", signal: Int32? = nil, failure: String? = nil
    ) -> ChildProcess.Ending {
        ChildProcess.Ending(
            exitCode: code, signal: signal, standardError: Array(standardError.utf8),
            standardInput: nil, startFailure: failure)
    }

    @Test func everyFlagFindsItsMember() throws {
        let surroundings = RunSurroundings(
            variables: [:], userName: "ann", hostName: "db-host", isAtTerminal: true)
        let made = events(["flyway", "migrate"], surroundings: surroundings) {
            ($0.tenant, $0.region, $0.cluster) = ("acme", "eu", "c1")
            ($0.database, $0.change, $0.ticket) = ("orders_db", "V42__add_index", "INC-9")
            ($0.reason, $0.title, $0.kind) = ("why", "Index", "schema")
            ($0.operation, $0.attempt, $0.group) = ("revert", "3", "g1")
            ($0.executedAs, $0.source, $0.run) = ("app", "me", "https://ci/1")
            ($0.repository, $0.ref) = ("https://u:p@h/r", "main")
            $0.isEmergency = true
            $0.labels = [("wave", "2")]
        }
        let event = try #require(made.started(at: Self.start).first).event.get()
        #expect(made.notes.isEmpty)
        #expect(event.target.text == "orders/prod/acme/eu/c1")
        #expect(event.string("change", "id") == "42")
        #expect(event.string("change", "name") == "V42__add_index")
        #expect(event.string("change", "class") == "emergency")
        #expect(event.string("change", "tool") == "flyway")
        #expect(event.string("change", "ticket") == "INC-9")
        #expect(event.string("deployment", "operation") == "revert")
        #expect(event.integer("deployment", "attempt") == 3)
        #expect(event.string("deployment", "started") == "2026-01-01T00:00:00.123Z")
        #expect(event.string("time") == "2026-01-01T00:00:00.123Z")
        #expect(event.string("git", "repository") == "https://h/r")
        #expect(event.string("trigger", "kind") == "manual")
        #expect(event.string("labels", "wave") == "2")
        #expect(event.privateMembers["reason"] == "why")
        #expect(event.privateMembers["host"] == "db-host")
        #expect(event.privateMembers["executed_as"] == "app")
        #expect(event.privateMembers["command"] == "flyway migrate")
        #expect(event.privateMembers[["actor", "id"]] == "ann")
    }

    @Test func whatUndoesAScriptIsAttachedToWhatAppliesIt() throws {
        let path = try folder.write("CREATE", to: "V1__a.sql")
        try folder.write("DROP", to: "U1__a.sql")
        let made = events(["psql", "-f", path])
        for event in made.started(at: Self.start) {
            let event = try event.event.get()
            #expect(event.attachments.map(\.name).sorted() == ["rollback_script", "script"])
            #expect(event.string("rollback", "strategy") == "reversible")
            #expect(event.members[["rollback", "inferred"]]?.bool == true)
        }
        let reverted = events(["psql", "-f", path]) { $0.operation = "revert" }
        let event = try #require(reverted.started(at: Self.start).first).event.get()
        #expect(event.members["rollback"] == nil)
    }

    @Test func theEndTellsHowLongItTook() throws {
        var made = events(["true"])
        let end = try #require(
            made.ended(Self.ending(0), started: Self.start, durationMilliseconds: 1500).first)
        let event = try end.event.get()
        #expect(event.string("deployment", "status") == "succeeded")
        #expect(event.integer("deployment", "duration_ms") == 1500)
        #expect(event.string("deployment", "ended") == "2026-01-01T00:00:01.623Z")
        #expect(event.string("time") == "2026-01-01T00:00:01.623Z")
        #expect(event.integer("deployment", "exit_code") == 0)
        #expect(event.privateMembers["error"] == nil)
    }

    @Test func theErrorHasNoSecrets() throws {
        var made = events(["true"])
        let ending = Self.ending(1, standardError: "\u{1B}[1mcan't reach postgres://a:b@h/d\n")
        let end = made.ended(ending, started: Self.start, durationMilliseconds: 1)
        #expect(try end[0].event.get().privateMembers["error"] == "can't reach postgres://h/d")
    }

    @Test func aBadValueIsKeptAsALabelAndCostsNothingElse() throws {
        let made = events(["true"]) {
            ($0.ticket, $0.kind, $0.operation) = (
                String(repeating: "x", count: 300), "shema", "aply"
            )
            ($0.attempt, $0.commit, $0.actor) = ("often", "abc", "")
            $0.labels = [("", "x"), ("good", "yes")]
        }
        let event = try #require(made.started(at: Self.start).first).event.get()
        #expect(made.notes.count == 7)
        #expect(made.notes.allSatisfy { $0.contains(" is not recorded: ") })
        #expect(event.string("deployment", "operation") == "apply")
        #expect(event.string("change", "ticket") == nil)
        #expect(event.string("labels", "invalid-kind") == "shema")
        #expect(event.string("labels", "invalid-commit") == "abc")
        #expect(event.string("labels", "good") == "yes")
    }

    @Test(arguments: ["a/b", "", "two\nlines"])
    func aBadTargetIsNotAnotherTarget(tenant: String) {
        let made = events(["true"]) { $0.tenant = tenant }
        #expect(throws: LedgerError.self) { try made.started(at: Self.start)[0].event.get() }
        let without = events(["true"]) { $0.environment = nil }
        #expect(throws: LedgerError.self) { try without.started(at: Self.start)[0].event.get() }
    }

    @Test func eachScriptFileIsADeploymentOfOneGroup() throws {
        let first = try folder.write("SELECT 1;", to: "V1__a.sql")
        let second = try folder.write("SELECT 2;", to: "V2__b.sql")
        let command = [
            "psql", "-v", "ON_ERROR_STOP=1", "-c", "SET ROLE x", "-f", first, "-f", second,
        ]
        var made = events(command)
        let started = try made.started(at: Self.start).map { try $0.event.get() }
        #expect(started.map { $0.string("change", "id") } == ["1", "2"])
        #expect(Set(started.map { $0.string("deployment", "group") }).count == 1)
        #expect(Set(started.map { $0.string("deployment", "id") }).count == 2)
        #expect(started[1].attachments.map(\.name).sorted() == ["script", "script.1"])
        let message = "psql:\(second):1: ERROR:  no\n"
        let ended = made.ended(
            Self.ending(3, standardError: message), started: Self.start, durationMilliseconds: 5)
        let statuses = try ended.map { try $0.event.get().string("deployment", "status") }
        #expect(statuses == ["succeeded", "failed"])
        #expect(try ended[0].event.get().integer("deployment", "duration_ms") == nil)
    }

    @Test func whichOfSeveralScriptsFailedMayBeUnknown() throws {
        let first = try folder.write("SELECT 1;", to: "a.sql")
        var made = events(["sqlite3", "x.db", ".read \(first)", ".read \(first)"])
        let ended = made.ended(Self.ending(1), started: Self.start, durationMilliseconds: 5)
        let statuses = try ended.map { try $0.event.get().string("deployment", "status") }
        #expect(statuses == ["unknown", "unknown"])
        #expect(made.notes.contains { $0.contains("which of the 2 scripts failed is not known") })
    }

    @Test func withAChangeEverythingIsOneDeployment() throws {
        let first = try folder.write("SELECT 1;", to: "a.sql")
        let second = try folder.write("SELECT 2;", to: "b.sql")
        let made = events(["psql", "-f", first, "-f", second]) { $0.change = "hotfix" }
        let started = made.started(at: Self.start)
        #expect(started.count == 1)
        let event = try started[0].event.get()
        #expect(event.string("change", "id") == "hotfix")
        #expect(event.attachments.map(\.name).sorted() == ["script.1", "script.2"])
        #expect(event.string("change", "digest") == nil)
    }

    @Test func theFileThatIsNamedIsTheScript() throws {
        let path = try folder.write("SELECT 1;", to: "V7__x.sql")
        let event = try events(["./deploy.sh"]) { $0.file = path }
            .started(at: Self.start)[0].event.get()
        #expect(event.string("change", "id") == "7")
        #expect(event.attachments.map(\.bytes) == [Array("SELECT 1;".utf8)])
        let missing = events(["./deploy.sh"]) { $0.file = "V8__absent.sql" }
        #expect(missing.notes.count == 1)
        #expect(try missing.started(at: Self.start)[0].event.get().string("change", "id") == "8")
    }

    @Test func aLargeScriptIsNamedByItsDigestAlone() throws {
        let text = String(repeating: "x", count: EventSchema.attachmentByteLimit + 1)
        let path = try folder.write(text, to: "big.sql")
        let event = try events(["sqlite3", "x.db", ".read \(path)"])
            .started(at: Self.start)[0].event.get()
        #expect(event.attachments.isEmpty)
        #expect(event.string("change", "digest")?.hasPrefix("sha256:") == true)
        #expect(event.integer("change", "size") == nil)
    }

    @Test func aHugeCommandLineIsCut() throws {
        let made = events(["echo", String(repeating: "ü", count: 60_000)])
        let event = try made.started(at: Self.start)[0].event.get()
        #expect(event.privateMembers["command"]?.string?.hasSuffix(" …") == true)
    }

    @Test func anyFlagsMakeAnEventOrARefusalButNeverACrash() throws {
        var generator = SeededGenerator()
        let values = [
            "", "a", "a/b", "\u{0}", "\n", "😀", "-1", "99999999999999999999", "null", "V1__x",
            String(repeating: "x", count: 5000), "https://u:p@h/", "\u{7F}",
        ]
        for _ in 0..<200 {
            func value() -> String? {
                Bool.random(using: &generator) ? values.randomElement(using: &generator) : nil
            }
            let made = events(["psql", value() ?? "-c", value() ?? "x"]) {
                ($0.service, $0.environment, $0.tenant) = (value() ?? "orders", value(), value())
                ($0.change, $0.file, $0.tool, $0.kind) = (value(), value(), value(), value())
                ($0.ticket, $0.reason, $0.operation) = (value(), value(), value())
                ($0.attempt, $0.group, $0.actor, $0.source) = (value(), value(), value(), value())
                ($0.run, $0.commit, $0.ref, $0.triggerKind) = (value(), value(), value(), value())
                $0.labels = [(value() ?? "k", value() ?? "v")]
            }
            let started = made.started(at: Self.start)
            #expect(!started.isEmpty)
            for event in started {
                if case .failure(let error) = event.event {
                    let isTarget = ["service", "environment", "tenant"].contains {
                        error.message.contains($0)
                    }
                    #expect(isTarget, "seed \(generator.seed): \(error)")
                }
            }
        }
    }
}
