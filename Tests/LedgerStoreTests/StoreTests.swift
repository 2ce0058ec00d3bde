import LedgerCore
import LedgerCrypto
import TestSupport
import Testing

@testable import LedgerStore

@Suite struct StoreTests {
    private func leaf(_ index: Int64, _ reader: SQLiteEntryReader) throws -> Leaf {
        let entry = try #require(try reader.entry(at: index))
        return try #require(Leaf(entry.leaf))
    }

    @Test func setsThePragmasOnTheConnectionThatWrites() throws {
        let ledger = try TestLedger()
        #expect(try ledger.store.pragma("synchronous") == 2, "FULL")
        #expect(try ledger.store.pragma("wal_autocheckpoint") == 0)
        #expect(try ledger.store.pragma("secure_delete") == 1)
        #expect(try ledger.store.pragma("page_size") == 8192)
        #expect(try ledger.sqlite3("PRAGMA journal_mode").output == "wal\n")
        #expect(try ledger.sqlite3("PRAGMA application_id").output == "1279607879\n")
    }

    @Test func chainsEntriesAndStreams() throws {
        let ledger = try TestLedger()
        let receipts = try ledger.record([
            Events.deployment("42"), Events.deployment("42", tenant: "acme"),
            Events.deployment("43"),
        ])
        #expect(receipts.map(\.index) == [0, 1, 2])
        let reader = try ledger.reader()
        #expect(try reader.head() == Head(index: 2, hash: receipts[2].hash))
        let leaves = try (0..<3).map { try leaf($0, reader) }
        #expect(leaves.map(\.prev) == [.zero, receipts[0].hash, receipts[1].hash])
        #expect(leaves.map(\.stream.index) == [0, 0, 1])
        #expect(leaves[2].stream.prev == receipts[0].hash)
        #expect(leaves[0].stream.id != leaves[1].stream.id)
    }

    @Test func givesTheFirstReceiptForTheSameEventAgain() throws {
        let ledger = try TestLedger()
        let first = try ledger.record([Events.deployment("42", id: "a")])[0]
        let again = try ledger.record([Events.deployment("42", id: "a")])[0]
        #expect(again.index == first.index && again.hash == first.hash)
        #expect(again.isRepeat && !first.isRepeat)
        #expect(try ledger.reader().head().index == 0)
    }

    @Test func refusesOtherContentUnderTheSameId() throws {
        let ledger = try TestLedger()
        try ledger.record([Events.deployment("42", id: "a")])
        let error = #expect(throws: LedgerError.self) {
            try ledger.record([Events.deployment("43", id: "a")])
        }
        #expect(error?.code == .conflict)
        #expect(try ledger.reader().head().index == 0)
    }

    @Test func keepsNothingOfAWriteThatFails() throws {
        let ledger = try TestLedger()
        try ledger.record([Events.deployment("42", id: "a")])
        #expect(throws: LedgerError.self) {
            try ledger.record([
                Events.deployment("50", id: "b"), Events.deployment("43", id: "a"),
            ])
        }
        #expect(try ledger.reader().head().index == 0)
        // The next one follows the entry that stands, and not one that was lost.
        let next = try ledger.record([Events.deployment("51")])[0]
        #expect(next.index == 1)
        #expect(try ProjectionCheck.differences(at: ledger.path).isEmpty)
    }

    @Test func refusesAnEventOfAnAdapterNever() throws {
        let ledger = try TestLedger()
        let first = try ledger.record([Events.deployment("42", id: "a")])[0]
        var other = try Events.deployment("43", id: "a")
        other.isDerived = true
        #expect(try ledger.record([other])[0].hash == first.hash)
    }

    @Test func usesTheLastTimeAgainWhenTheClockIsALittleBehind() throws {
        let ledger = try TestLedger()
        let start: Int64 = 1_767_225_600_000
        let times = [start, start - 1000, start + 5, start - 365 * 86_400_000, start + 10]
        for (number, now) in times.enumerated() {
            try ledger.record([Events.deployment("\(number)")], now: now)
        }
        let reader = try ledger.reader()
        let recorded = try (0..<5).map { try leaf($0, reader).time }
        #expect(recorded == [start, start, start + 5, start - 365 * 86_400_000, start + 10])
    }

    @Test func readsAsOfTheMomentItWasOpened() throws {
        let ledger = try TestLedger()
        try ledger.record([Events.deployment("42")])
        let before = try ledger.reader()
        try ledger.record([Events.deployment("43")])
        #expect(try before.head().index == 0)
        #expect(try ledger.reader().head().index == 1)
    }

    @Test func leavesTheWholeLedgerInOneFileWhenClosed() throws {
        let ledger = try TestLedger()
        try ledger.record([Events.deployment("42")])
        try ledger.store.close()
        let copy = ledger.folder.file("copy.db")
        _ = try Shell.run("cp", [ledger.path, copy])
        #expect(try SQLiteEntryReader(path: copy).head().index == 0)
    }

    @Test func tellsApartWhatIsNoLedger() throws {
        let folder = try TemporaryFolder()
        func code(_ path: String) -> LedgerError.Code? {
            do {
                _ = try SQLiteEntryReader(path: path)
                return nil
            } catch {
                return error.code
            }
        }
        #expect(code(folder.file("absent.db")) == .notFound)
        #expect(
            code(try folder.write("not SQLite, but long enough to be asked", to: "text.db"))
                == .notALedger)
        _ = try Shell.run("sqlite3", [folder.file("other.db"), "CREATE TABLE t (a)"])
        #expect(code(folder.file("other.db")) == .notALedger)
        let path = folder.file("newer.db")
        try SQLiteEntryStore.create(at: path, log: "local/test")
        _ = try Shell.run("sqlite3", [path, "PRAGMA user_version = 2"])
        #expect(code(path) == .newerFormat)
        #expect(throws: LedgerError.self) { try SQLiteEntryStore.create(at: path, log: "again") }
    }

    @Test func makesNothingBesideAFileThatIsNoLedger() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("not SQLite, but long enough to be asked", to: "text.db")
        #expect(throws: LedgerError.self) { try SQLiteEntryStore(path: path) }
        #expect(try Shell.run("ls", [folder.path]).output == "text.db\n")
    }

    @Test func rebuildsProjectionsOfAnyShape() throws {
        let ledger = try TestLedger()
        try ledger.record([Events.deployment("42")])
        try ledger.sqlite3("ALTER TABLE event DROP COLUMN ticket; DROP TABLE stream")
        try ledger.store.reindex()
        #expect(try ProjectionCheck.differences(at: ledger.path).map(\.detail) == [])
        #expect(try ledger.record([Events.deployment("43")])[0].index == 1)
    }

    @Test func refusesProjectionsOfANewerProgramUntilTheyAreRebuilt() throws {
        let ledger = try TestLedger()
        try ledger.record([Events.deployment("42")])
        try ledger.sqlite3("UPDATE meta SET value = '99' WHERE name = 'projection'")
        let error = #expect(throws: LedgerError.self) {
            try ledger.record([Events.deployment("43")])
        }
        #expect(error?.code == .newerFormat)
        try ledger.store.reindex()
        #expect(try ledger.record([Events.deployment("43")])[0].index == 1)
    }
}
