import Foundation
import LedgerCore
import LedgerCrypto
import TestSupport
import Testing

@testable import LedgerStore

@Suite struct SeenProjectionTests {
    private func count(_ ledger: TestLedger, _ table: String) throws -> Int? {
        let answer = try ledger.sqlite3("SELECT count(*) FROM \(table)")
        return Int(answer.output.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    private func events(_ numbers: Range<Int>) throws -> [Event] {
        try numbers.map { try Events.deployment("42", id: "run-\($0)") }
    }

    @Test func knowsAnIdWhetherItHasMovedOrNot() throws {
        let ledger = try TestLedger()
        let limit = SeenProjection.recentLimit
        try ledger.record(events(0..<limit))
        #expect(try count(ledger, "seen_recent") == limit)
        #expect(try count(ledger, "seen") == 0)
        let moving = try events(limit..<limit + 1)
        try ledger.record(moving)
        #expect(try count(ledger, "seen_recent") == 0)
        #expect(try count(ledger, "seen") == limit + 1)
        try ledger.record(events(limit + 1..<limit + 9))
        let again = try events(0..<1) + moving + events(limit + 8..<limit + 9)
        let receipts = try ledger.record(again)
        #expect(receipts.map(\.index) == [0, limit, limit + 8].map(Int64.init))
        #expect(receipts.allSatisfy { $0.isRepeat })
        #expect(try ProjectionCheck.differences(at: ledger.path).isEmpty)
    }

    @Test func aLongTransactionMovesMoreThanIsHeldInMemory() throws {
        let ledger = try TestLedger()
        try ledger.record(events(0..<33_000))
        #expect(try count(ledger, "seen_recent") == 33_000 - 32_768)
        #expect(try count(ledger, "seen") == 32_768)
        let receipts = try ledger.record(events(32_999..<33_000))
        #expect(receipts.map(\.index) == [32_999])
    }

    @Test func believesNothingRememberedOnceAnotherConnectionWrote() throws {
        let ledger = try TestLedger()
        try ledger.record(events(0..<3))
        let other = try SQLiteEntryStore(path: ledger.path)
        // The same entries stand, and all their rows have moved.
        try other.reindex()
        let sequencing = Sequencing(log: ledger.store.log)
        let theirs = try events(3..<SeenProjection.recentLimit + 9).map {
            TestLedger.submission($0, log: ledger.store.log)
        }
        _ = try other.write { writer in
            try theirs.flatMap { try sequencing.place([$0], in: writer, now: 1_767_225_600_000) }
        }
        let receipts = try ledger.record(events(1..<5))
        #expect(receipts.map(\.index) == [1, 2, 3, 4])
        #expect(receipts.allSatisfy { $0.isRepeat })
        try ledger.record(events(0..<1) + [try Events.deployment("43")])
        #expect(try ProjectionCheck.differences(at: ledger.path).isEmpty)
    }

    @Test func aRowThatWasRemovedIsNamed() throws {
        let ledger = try TestLedger()
        try ledger.record(events(0..<3))
        try ledger.sqlite3("DELETE FROM seen_recent WHERE idx = 1")
        let found = try ProjectionCheck.differences(at: ledger.path)
        #expect(found.first?.detail.hasPrefix("seen ") == true)
        try ledger.store.reindex()
        #expect(try ProjectionCheck.differences(at: ledger.path).isEmpty)
    }
}
