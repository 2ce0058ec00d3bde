import Foundation
import LedgerCore
import LedgerOperations
import Synchronization
import TestSupport
import Testing

/// Clocks that are set, and ledgers of a program that is newer than this one.
@Suite struct TortureClockTests {
    private static let year: Int64 = 366 * 86_400_000

    /// The clock is set by so many milliseconds before each event.
    @Test(
        arguments: [
            ([0, -1000, 0], []), ([0, -9999, 5000], []), ([0, -year, 0], [1]),
            ([0, year, 0], []), ([0, year, -year, 1000], [2]), ([0, -10_001, 20_000], [1]),
        ] as [([Int64], [Int])])
    func warnsOfAClockThatWasSetFarBack(steps: [Int64], warned: [Int]) async throws {
        let ledger = try BuiltLedger()
        let now = Mutex<Int64>(1_767_225_600_000)
        let local = try LocalLedger(
            path: ledger.path, principal: Principal(kind: .local, id: "0"),
            clock: Clock { now.withLock { $0 } })
        var times: [Int64] = []
        for step in steps {
            now.withLock { $0 += step }
            let event = try EventReader.read(Array(#"{"type":"note","message":"m"}"#.utf8))
            times += try await local.record([event], source: "test").map(\.time.milliseconds)
        }
        try local.close()
        let run = try ledger.run("verify")
        // It is a warning: the order is that of the indexes.
        #expect(run.status == 0, "\(run)")
        let lines = run.standardError.split(separator: "\n")
        #expect(lines.count == warned.count, "\(run)")
        for (line, index) in zip(lines, warned) {
            #expect(line.hasPrefix("warning: #\(index) clock-set-back"), "\(line)")
        }
        #expect(try Verdict.ofPython(at: ledger.path) == Verdict(status: 0, codes: []))
        // A clock that is a little behind does not set the ledger's time back.
        for place in times.indices.dropFirst() where !warned.contains(place) {
            #expect(times[place] >= times[place - 1])
        }
    }

    @Test func refusesALedgerOfANewerFormat() throws {
        let ledger = try BuiltLedger()
        #expect(try ledger.run("record", "note", "--message", "m").status == 0)
        #expect(try ledger.sqlite3("PRAGMA user_version = 2").status == 0)
        let verbs = [
            ["record", "note", "--message", "m"], ["query"], ["log"], ["head"], ["info"],
            ["verify"], ["reindex"], ["show", "0"],
        ]
        for verb in verbs {
            let run = try Shell.execute(
                BuiltLedger.executable(), verb, environment: ledger.variables)
            #expect(run.status == 1, "\(verb): \(run)")
            #expect(run.standardOutput.isEmpty, "\(verb): \(run)")
            #expect(run.standardError.contains("has format 2, and this program knows 1"), "\(run)")
            #expect(run.standardError.contains("newer program"), "\(run)")
        }
        let theirs = try Verdict.ofPython(at: ledger.path)
        #expect(theirs == Verdict(status: 5, codes: ["-:newer-format"]))
        #expect(try ledger.sqlite3("PRAGMA user_version = 1").status == 0)
        try expectVerified(ledger.path)
    }

    @Test func refusesNewerProjectionsUntilTheyAreBuiltAnew() throws {
        let ledger = try BuiltLedger()
        #expect(try ledger.run("record", "note", "--message", "m").status == 0)
        let update = "UPDATE meta SET value = '99' WHERE name = 'projection'"
        #expect(try ledger.sqlite3(update).status == 0)
        for verb in [["record", "note", "--message", "m"], ["query", "--type", "note"]] {
            let run = try Shell.execute(
                BuiltLedger.executable(), verb, environment: ledger.variables)
            #expect(run.status == 1, "\(verb): \(run)")
            #expect(run.standardOutput.isEmpty, "\(verb): \(run)")
            #expect(run.standardError.contains("projections have version 99"), "\(run)")
            #expect(run.standardError.contains("ledger reindex"), "\(run)")
        }
        // The entries are none the worse for it.
        let ours = try Verdict.ofLedger(at: ledger.path)
        #expect(ours == Verdict(status: 5, codes: ["-:projection-wrong"]))
        #expect(try Verdict.ofPython(at: ledger.path) == Verdict(status: 0, codes: []))
        #expect(try ledger.run("reindex").status == 0)
        #expect(try ledger.run("record", "note", "--message", "m").status == 0)
        try expectVerified(ledger.path)
    }
}
