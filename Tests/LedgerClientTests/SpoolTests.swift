import Foundation
import LedgerCore
import Synchronization
import TestSupport
import Testing

@testable import LedgerClient

struct SpoolTests {
    let folder: TemporaryFolder
    let spool: Spool

    init() throws {
        folder = try TemporaryFolder()
        spool = Spool(path: folder.file("state/ledger/spool"))
    }

    private static func item(_ change: String, ledger: String = "a") -> SpoolItem {
        let event = JSONObject([
            "id": .string("id-\(change)"), "type": "deployment", "service": "orders",
            "environment": "prod", "change": ["id": .string(change)],
            "time": "2026-11-01T03:10:00.000Z", "error": "private",
            "deployment": ["status": "failed", "id": "d"],
            "attachments": ["script": ["base64": "U0VMRUNUIDE7"]],
        ])
        return SpoolItem(ledger: ledger, source: "test", event: event)
    }

    private func add(_ changes: String..., ledger: String = "a") throws {
        for change in changes { _ = try spool.add(Self.item(change, ledger: ledger)) }
    }

    private func send(to recorder: Recorder) async throws -> SpoolSending {
        try await spool.send(connect: { _ async throws(LedgerError) in recorder.record })
    }

    private func write(_ text: String, as name: String) throws {
        try folder.write(text, to: "state/ledger/spool/" + name)
    }

    @Test func sendsInOrderAndRemovesWhatHasItsReceipt() async throws {
        try add("1", "2", "3")
        let recorder = Recorder()
        let sending = try await send(to: recorder)
        #expect(sending.recordedCount == 3)
        #expect(recorder.changes == ["1", "2", "3"])
        #expect(try spool.list().isEmpty)
        #expect(try await send(to: recorder).recordedCount == 0)
    }

    @Test func anEventComesBackWhole() async throws {
        try add("1")
        let seen = Mutex<Event?>(nil)
        _ = try await spool.send(connect: { _ async throws(LedgerError) in
            { events async throws(LedgerError) -> [Receipt] in
                seen.withLock { $0 = events.first }
                throw LedgerError(.io, "no")
            }
        })
        let event = try #require(seen.withLock { $0 })
        #expect(event.id == "id-1")
        #expect(event.source == "test")
        #expect(event.privateMembers["error"] == "private")
        #expect(event.attachments.first?.bytes == Array("SELECT 1;".utf8))
    }

    @Test func onlyItsOwnerMayLookInside() throws {
        try add("1")
        let attributes = try FileManager.default.attributesOfItem(atPath: spool.path)
        #expect(attributes[.posixPermissions] as? Int == 0o700)
        let name = try #require(try spool.list().first).name
        let file = try FileManager.default.attributesOfItem(atPath: spool.path + "/" + name)
        #expect(file[.posixPermissions] as? Int == 0o600)
    }

    @Test(arguments: [LedgerError.Code.busy, .io, .diskFull, .readOnly, .stopped, .damaged])
    func aLedgerThatCannotTakeItNowKeepsTheOrder(code: LedgerError.Code) async throws {
        try add("1", "2", "3")
        let recorder = Recorder(failsAfter: 1)
        let first = try await send(to: recorder)
        #expect(first.recordedCount == 1)
        #expect(first.waitingCount == 2)
        #expect(first.failures.count == 1)
        let other = Recorder()
        other.fail(with: LedgerError(code, "not now"))
        #expect(try await send(to: other).waitingCount == 2)
        other.fail(with: nil)
        #expect(try await send(to: other).recordedCount == 2)
        #expect(other.changes == ["2", "3"])
    }

    @Test(arguments: [LedgerError.Code.invalidEvent, .conflict, .usage, .notAllowed])
    func aRefusedEventGoesAsideAndTheRestGoOn(code: LedgerError.Code) async throws {
        try add("1")
        let refusing = Recorder()
        refusing.fail(with: LedgerError(code, "not like this", advice: "try that"))
        #expect(try await send(to: refusing).refusedCount == 1)
        #expect(try spool.list().map(\.refusal) == ["not like this   try that"])

        try add("2", "3", "4")
        let recorder = Recorder()
        recorder.refuse(change: "3")
        let sending = try await send(to: recorder)
        #expect(sending.recordedCount == 2)
        #expect(sending.refusedCount == 1)
        #expect(recorder.changes == ["2", "4"])

        #expect(try spool.retryRefused() == 2)
        #expect(try await send(to: Recorder()).recordedCount == 2)
        #expect(try spool.list().isEmpty)
    }

    @Test func oneLedgersTroubleIsNotAnothers() async throws {
        try add("1", "2", ledger: "away")
        try add("3", "4", ledger: "there")
        let away = Recorder()
        away.fail(with: LedgerError(.io, "nobody answers"))
        let there = Recorder()
        let sending = try await spool.send(connect: { ledger async throws(LedgerError) in
            ledger == "away" ? away.record : there.record
        })
        #expect(there.changes == ["3", "4"])
        #expect(sending.waitingCount == 2)
        #expect(sending.failures.map(\.ledger) == ["away"])
        let unknown = try await spool.send(connect: { _ async throws(LedgerError) in
            throw LedgerError(.notFound, "no such ledger")
        })
        #expect(unknown.waitingCount == 2)
    }

    @Test(arguments: [
        "", "{", "garbage", "[]", #"{"v":1}"#, #"{"event":{},"ledger":"a","source":"s","v":1}"#,
        #"{"event":{"id":"x"},"ledger":"a","source":"s","v":2}"#, "\u{0}\u{0}\u{0}",
    ])
    func garbageIsPutAsideAndBlocksNothing(text: String) async throws {
        try add("1")
        try write(text, as: "00000000-garbage.json")
        try add("2")
        #expect(try spool.list().first?.summary.hasPrefix("not readable: ") == true)
        let recorder = Recorder()
        let sending = try await send(to: recorder)
        #expect(recorder.changes == ["1", "2"])
        #expect(sending.refusedCount == 1)
        let rows = try spool.list()
        #expect(rows.map(\.name) == ["00000000-garbage.json"])
        #expect(rows.first?.refusal?.isEmpty == false)
        #expect(
            FileManager.default.contents(atPath: spool.path + "/refused/00000000-garbage.json")
                == Data(text.utf8))
    }

    @Test func randomDamageNeverBlocksTheRest() async throws {
        var generator = SeededGenerator()
        let bytes = Self.item("damaged").bytes
        for round in 0..<60 {
            var damaged = bytes
            switch round % 3 {
            case 0: damaged.removeLast(Int.random(in: 1...bytes.count, using: &generator))
            case 1: damaged[Int.random(in: 0..<bytes.count, using: &generator)] ^= 1 << (round % 8)
            default: damaged.insert(0, at: Int.random(in: 0...bytes.count, using: &generator))
            }
            try FileManager.default.createDirectory(
                atPath: spool.path, withIntermediateDirectories: true)
            let name = "00000000-\(round).json"
            try Data(damaged).write(to: URL(fileURLWithPath: spool.path + "/" + name))
        }
        try add("good")
        let recorder = Recorder()
        _ = try await send(to: recorder)
        let isEmpty = try spool.list().allSatisfy { $0.refusal != nil }
        #expect(recorder.changes.last == "good", "seed \(generator.seed)")
        #expect(isEmpty, "seed \(generator.seed)")
    }

    @Test func twoSendersAtOnceSendEachEventOnce() async throws {
        for number in 10..<60 { try add("\(number)") }
        let recorder = Recorder()
        let counts = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    let sending = try? await spool.send(
                        connect: { _ async throws(LedgerError) in recorder.record })
                    return sending?.recordedCount ?? 0
                }
            }
            return await group.reduce(0, +)
        }
        #expect(counts == 50)
        #expect(recorder.changes == (10..<60).map(String.init))
    }

    @Test func whoeverComesWhileAnotherSendsIsToldSo() async throws {
        try add("1")
        guard let lock = try SpoolLock.take(in: spool.waiting) else {
            Issue.record("nobody has the lock, and yet it can't be taken")
            return
        }
        await #expect(throws: LedgerError.self) { _ = try await send(to: Recorder()) }
        _ = consume lock
        #expect(try await send(to: Recorder()).recordedCount == 1)
    }

    @Test func halfWrittenFilesAreNoEvents() async throws {
        try add("1")
        try write("{\"event", as: ".young.json.tmp")
        try write("{\"event", as: ".old.json.tmp")
        let past = Date().addingTimeInterval(-7200)
        try FileManager.default.setAttributes(
            [.modificationDate: past], ofItemAtPath: spool.path + "/.old.json.tmp")
        #expect(try spool.list().count == 1)
        #expect(try await send(to: Recorder()).recordedCount == 1)
        let left = try FileManager.default.contentsOfDirectory(atPath: spool.path)
        #expect(Set(left) == [".young.json.tmp", "lock"])
    }

    @Test func listsWhatThereIs() throws {
        #expect(try spool.list().isEmpty)
        try add("V42__add_index")
        _ = try spool.addRefused(Self.item("V43"), reason: "no environment")
        let rows = try spool.list()
        #expect(
            rows.map(\.summary) == ["orders/prod V42__add_index failed", "orders/prod V43 failed"])
        #expect(rows.map(\.refusal) == [nil, "no environment"])
        #expect(rows.map(\.ledger) == ["a", "a"])
        #expect(rows[0].time == Timestamp(rfc3339: "2026-11-01T03:10:00Z"))
    }

    @Test func dropsOneOrAll() throws {
        try add("1", "2", "3")
        _ = try spool.addRefused(Self.item("4"), reason: "no")
        let names = try spool.list().map(\.name)
        try spool.drop(String(names[0].dropLast(5)))
        try spool.drop(names[3])
        #expect(try spool.list().map(\.name) == [names[1], names[2]])
        #expect(throws: LedgerError.self) { try spool.drop("nothing") }
        #expect(throws: LedgerError.self) { try spool.drop(String(names[1].prefix(4))) }
        #expect(throws: LedgerError.self) { try spool.drop("") }
        #expect(try spool.dropAll() == 2)
        #expect(try spool.list().isEmpty)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: spool.path + "/refused").isEmpty)
    }

    @Test func findsItsFolder() throws {
        #expect(try Spool.path(from: ["LEDGER_SPOOL": "here", "HOME": "/h"]) == "here")
        #expect(
            try Spool.path(from: ["XDG_STATE_HOME": "/s", "HOME": "/h"]) == "/s/ledger/spool")
        #expect(
            try Spool.path(from: ["XDG_STATE_HOME": "s", "HOME": "/h"])
                == "/h/.local/state/ledger/spool")
        #expect(throws: LedgerError.self) { try Spool.path(from: [:]) }
    }

    @Test(arguments: ["/proc/spool", "/dev/null", "/dev/null/spool"])
    func saysThatItCannotBeWritten(path: String) throws {
        #expect(throws: LedgerError.self) { try Spool(path: path).add(Self.item("1")) }
    }
}
