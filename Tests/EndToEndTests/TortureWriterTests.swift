import Foundation
import Synchronization
import TestSupport
import Testing

/// Several processes that write into one ledger, and are killed, stopped, or left alone.
@Suite struct TortureWriterTests {
    private static let importedCount = 200

    @Test func nothingAcknowledgedIsLostWhenWritersAreKilled() throws {
        var generator = SeededGenerator()
        let seed = generator.seed
        let ledger = try BuiltLedger()
        let events = (0..<Self.importedCount).map { number in
            "{\"service\":\"orders\",\"environment\":\"prod\",\"tenant\":\"t\(number % 7)\","
                + "\"change\":{\"id\":\"\(number)\"},\"deployment\":{\"status\":\"succeeded\"}}\n"
        }
        let file = try ledger.folder.write(events.joined(), to: "events.ndjson")
        let rounds = Torture.isWhole ? 200 : 5
        var receipts: [String] = []
        var killedCount = 0
        // How long one takes here and now: the killing is spread over that time.
        let start = ContinuousClock.now
        receipts += try Self.record(ledger, "first")
        let once = ContinuousClock.now - start
        for round in 0..<rounds {
            let logs = (0..<4).map { ledger.folder.file("log-\(round)-\($0)") }
            var writers = try logs.prefix(2).map { log in
                try ledger.start(["record", "note", "--message", "round \(round)"], output: log)
            }
            writers += try logs.suffix(2).enumerated().map { number, log in
                let source = "import-\(round)-\(number)"
                let keepGoing = number == 0 ? ["--keep-going"] : []
                return try ledger.start(
                    ["import", "events", file, "--source", source] + keepGoing, output: log)
            }
            for writer in writers.shuffled(using: &generator) {
                let microseconds = once / .microseconds(1)
                usleep(UInt32(Double.random(in: 0...microseconds, using: &generator)))
                kill(writer.processIdentifier, SIGKILL)
            }
            for writer in writers {
                writer.waitUntilExit()
                if writer.terminationReason == .uncaughtSignal { killedCount += 1 }
            }
            for log in logs {
                receipts += Torture.receipts(in: try String(contentsOfFile: log, encoding: .utf8))
            }
            // The next write works.
            receipts += try Self.record(ledger, "after round \(round), seed \(seed)")
            if round % 25 == 24 { try Self.expectStands(ledger, receipts, seed) }
        }
        try Self.expectStands(ledger, receipts, seed)
        #expect(killedCount > 0, "seed \(seed)")
        // An import is recorded whole or not at all.
        let sizes = try ledger.sqlite3(
            """
            SELECT DISTINCT count(*) FROM body
            WHERE json_extract(bytes, '$.event.source') LIKE 'import-%'
            GROUP BY json_extract(bytes, '$.event.source')
            """)
        #expect(["", "\(Self.importedCount)\n"].contains(sizes.output), "\(sizes), seed \(seed)")
        let count = try ledger.sqlite3("SELECT count(*) FROM entry").output.dropLast()
        Torture.say(
            "\(rounds) rounds of SIGKILL under four writers, seed \(seed): \(killedCount) of "
                + "\(rounds * 4) processes killed, \(receipts.count) receipts all stand, "
                + "\(count) entries verified by both verifiers")
    }

    private static func record(_ ledger: BuiltLedger, _ message: String) throws -> [String] {
        let run = try ledger.run("record", "note", "--message", message)
        #expect(run.status == 0, "\(message): \(run.standardError)")
        return Torture.receipts(in: run.standardOutput)
    }

    private static func expectStands(
        _ ledger: BuiltLedger, _ receipts: [String], _ seed: UInt64
    ) throws {
        let file = try ledger.folder.write(receipts.joined(separator: "\n"), to: "receipts")
        let run = try ledger.run("verify", "--receipts", file)
        #expect(run.status == 0, "seed \(seed): \(run.standardOutput)\(run.standardError)")
        #expect(Set(receipts).count == receipts.count, "seed \(seed)")
        try expectVerified(ledger.path, "seed \(seed)")
    }

    @Test func fourProcessesRecordIntoOneLedgerAtOnce() throws {
        let ledger = try BuiltLedger()
        let each = Torture.isWhole ? 100 : 6
        let receipts = Mutex<[String]>([])
        try concurrently(4) { writer in
            for number in 0..<each {
                let run = try ledger.run(
                    "record", "deployment", "--service", "orders", "--env", "prod", "--change",
                    "\(writer)-\(number)", "--tenant", "t\(number % 3)")
                try #require(run.status == 0, "\(run.standardError)")
                receipts.withLock { $0 += Torture.receipts(in: run.standardOutput) }
            }
        }
        let all = receipts.withLock { $0 }
        #expect(Set(all).count == 4 * each)
        #expect(try ledger.sqlite3("SELECT count(*) FROM entry").output == "\(4 * each)\n")
        try Self.expectStands(ledger, all, 0)
        Torture.say("4 processes at once recorded \(all.count) events, each with its own receipt")
    }

    @Test func aWriterThatIsStoppedKeepsTheOthersWaitingAndNoLonger() throws {
        let ledger = try BuiltLedger()
        let log = ledger.folder.file("log")
        // Enough that it has the lock for seconds: they are one transaction.
        let count = 30_000
        let events = (0..<count).map { "{\"type\":\"note\",\"message\":\"late \($0)\"}\n" }
        let file = try ledger.folder.write(events.joined(), to: "events.ndjson")
        let writer = try ledger.start(["import", "events", file], output: log)
        defer { if writer.isRunning { kill(writer.processIdentifier, SIGKILL) } }
        let descriptor = open(ledger.path + ".lock", O_RDWR | O_CREAT, 0o666)
        defer { close(descriptor) }
        let deadline = ContinuousClock.now + .seconds(60)
        while flock(descriptor, LOCK_EX | LOCK_NB) == 0 {
            flock(descriptor, LOCK_UN)
            try #require(ContinuousClock.now < deadline && writer.isRunning)
            usleep(1000)
        }
        // It is past opening the file once it has written a part of its transaction.
        var status = stat()
        while stat(ledger.path + "-wal", &status) != 0 || status.st_size < 1 << 20 {
            try #require(ContinuousClock.now < deadline && writer.isRunning)
            usleep(1000)
        }
        kill(writer.processIdentifier, SIGSTOP)
        let start = ContinuousClock.now
        let refused = try ledger.run("record", "note", "--message", "now")
        let waited = ContinuousClock.now - start
        #expect(refused.status == 1)
        #expect(refused.standardOutput.isEmpty)
        #expect(refused.standardError.contains("another process has been writing"), "\(refused)")
        #expect(refused.standardError.contains("try again"))
        #expect(waited > .seconds(9) && waited < .seconds(60), "\(waited)")
        // Who only reads does not wait.
        #expect(try ledger.run("verify").status == 0)

        kill(writer.processIdentifier, SIGCONT)
        writer.waitUntilExit()
        let text = try String(contentsOfFile: log, encoding: .utf8)
        #expect(writer.terminationStatus == 0, "\(text)")
        let after = try ledger.run("record", "note", "--message", "then")
        try Self.expectStands(
            ledger, Torture.receipts(in: text) + Torture.receipts(in: after.standardOutput), 0)
        #expect(try ledger.sqlite3("SELECT count(*) FROM entry").output == "\(count + 1)\n")
        Torture.say("a writer that was stopped: busy after \(waited), then all went on")
    }
}
