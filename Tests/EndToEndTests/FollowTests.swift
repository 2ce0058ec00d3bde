import Foundation
import LedgerCore
import TestSupport
import Testing

/// `GET /v1/stream`, and `ledger query --follow`.
@Suite struct FollowTests {
    private func text(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    }

    /// The ids of the events that came, and of those without data the last.
    private func received(in text: String) -> (ids: [Int64], last: Int64?) {
        var (ids, last): ([Int64], Int64?) = ([], nil)
        // What has no empty line after it has not come.
        for block in text.components(separatedBy: "\n\n").dropLast() {
            let lines = block.split(separator: "\n")
            guard
                let id = lines.first(where: { $0.hasPrefix("id: ") }).flatMap({
                    Int64($0.dropFirst(4))
                })
            else { continue }
            last = id
            if lines.contains(where: { $0.hasPrefix("data: ") }) { ids.append(id) }
        }
        return (ids, last)
    }

    @Test func queryFollowsWhatOtherProcessesRecord() throws {
        let ledger = try BuiltLedger()
        try ledger.deploy("1")
        let output = ledger.folder.file("rows")
        let follower = try ledger.start(["query", "--follow", "-o", "ndjson"], output: output)
        defer { follower.stop() }
        try waitFor("the usual answer") { try text(output).contains("\"change\":\"1\"") ? 1 : nil }
        try ledger.output(
            "run", "--service", "orders", "--env", "prod", "--change", "2", "--", "true")
        try waitFor("the end of the run") {
            try text(output).split(separator: "\n").count == 3 ? 1 : nil
        }
        let rows = try text(output).split(separator: "\n").map {
            try #require(try JSONReader.read(Array($0.utf8)).object)
        }
        #expect(rows.map { $0["index"]?.integer } == [0, 1, 2])
        #expect(rows.map { $0["status"]?.string } == ["succeeded", "started", "succeeded"])
        #expect(rows[2]["first_index"] == 1)
    }

    @Test func aFollowedTableAndCSVBeginWithTheirHeader() throws {
        let ledger = try BuiltLedger()
        let table = ledger.folder.file("table")
        let csv = ledger.folder.file("csv")
        let followers = try [
            ledger.start(["query", "--follow", "--utc"], output: table),
            ledger.start(["query", "--follow", "-o", "csv"], output: csv),
        ]
        defer { for follower in followers { follower.stop() } }
        try waitFor("the header") { try text(csv).hasSuffix("\r\n") ? 1 : nil }
        try ledger.deploy("1")
        try ledger.deploy("2", status: "failed")
        try waitFor("both rows") { try text(csv).split(separator: "\r\n").count == 3 ? 1 : nil }
        try waitFor("both rows") { try text(table).contains("#1\n") ? 1 : nil }
        let lines = try text(table).split(separator: "\n")
        #expect(lines[0].hasPrefix("WHEN"))
        #expect(lines.count == 3)
        #expect(lines[2].contains("failed"))
    }

    @Test func aDocumentWithAnEndCanNotBeFollowed() throws {
        try BuiltLedger().run("query", "--follow", "-o", "json").expect(64, "ndjson")
    }

    @Test func aStreamThatIsResumedLosesAndRepeatsNothing() throws {
        let service = try RunningService()
        let token = try service.token("auditor")
        let first: Int64 = 1
        let writers = Thread { [ledger = service.ledger] in
            for number in 0..<40 { _ = try? ledger.deploy("\(number)") }
        }
        writers.start()
        var ids: [Int64] = []
        var last = first - 1
        while ids.count < 40 {
            let output = service.ledger.folder.file("stream-\(last)")
            let reader = try service.follow("", token, after: last, output: output)
            // Left in the middle, wherever that is.
            try waitFor("more of the stream") { () -> Int? in
                let count = received(in: try text(output)).ids.count
                return count > 5 || ids.count + count == 40 ? count : nil
            }
            reader.stop()
            let found = received(in: try text(output))
            ids += found.ids
            last = try #require(found.last)
        }
        #expect(ids == Array(first..<first + 40))
        service.endWell()
    }

    @Test func aStreamIsFilteredAndShowsWhatItsReaderMaySee() throws {
        let service = try RunningService()
        let (reader, auditor) = (try service.token("reader"), try service.token("auditor"))
        let files = ["all", "failed", "seen"].map { service.ledger.folder.file($0) }
        let streams = try [
            service.follow("", reader, after: nil, output: files[0]),
            service.follow("?status=failed", reader, after: nil, output: files[1]),
            service.follow("?status=failed", auditor, after: nil, output: files[2]),
        ]
        for file in files { try waitFor("the beginning") { try text(file).isEmpty ? nil : 1 } }
        try service.ledger.deploy("1")
        try service.ledger.output(
            "record", "deployment", "--service", "orders", "--env", "prod", "--change", "2",
            "--status", "failed", "--error", "table is locked")
        for file in files { try waitFor("#3") { try text(file).contains("id: 3\n") ? 1 : nil } }
        #expect(received(in: try text(files[0])).ids == [2, 3])
        #expect(received(in: try text(files[1])).ids == [3])
        #expect(!(try text(files[1])).contains("table is locked"))
        #expect(try text(files[2]).contains("table is locked"))
        // The service ends them, and well.
        service.endWell()
        for stream in streams {
            stream.waitUntilExit()
            #expect(stream.terminationStatus == 0)
        }
    }

    @Test func aStreamEndsWhenItsTokenIsRevoked() throws {
        let service = try RunningService()
        let token = try service.ledger.output(
            "token", "create", "--role", "reader", "--json")
        let made = try #require(try JSONReader.read(Array(token.utf8)).object)
        let (secret, id) = (
            try #require(made["token"]?.string), try #require(made["id"]?.string)
        )
        let output = service.ledger.folder.file("stream")
        let stream = try service.follow("", secret, after: nil, output: output)
        try waitFor("the beginning") { try text(output).isEmpty ? nil : 1 }
        try service.ledger.output("token", "revoke", id)
        // A token is known for a second.
        try waitFor("the end of the stream") {
            try service.ledger.deploy("1")
            return stream.isRunning ? nil : 1
        }
        #expect(stream.terminationStatus != 0)
        service.endWell()
    }
}

extension RunningService {
    /// Has curl follow the stream into a file.
    func follow(
        _ query: String, _ token: String, after: Int64?, output: String
    ) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            [
                "curl", "-sN", "--no-progress-meter", url + "/v1/stream" + query, "-o", output,
                "-H", "Authorization: Bearer \(token)",
            ] + (after.map { ["-H", "Last-Event-ID: \($0)"] } ?? [])
        try Data().write(to: URL(fileURLWithPath: output))
        try process.run()
        return process
    }
}

extension Process {
    /// By the one signal that a process which tests start can't have blocked.
    fileprivate func stop() {
        kill(processIdentifier, SIGKILL)
        waitUntilExit()
    }
}
