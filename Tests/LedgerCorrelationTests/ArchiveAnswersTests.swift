import Foundation
import LedgerCore
import LedgerCrypto
import TestSupport
import Testing

@testable import LedgerCorrelation
@testable import LedgerOperations
@testable import LedgerStore

/// Archiving changes no answer about now, and restoring brings back everything.
@Suite(.serialized) struct ArchiveAnswersTests {
    private static func record(_ history: FaultyHistory) async throws -> RecordedLedger {
        try await RecordedLedger(
            history.events.map { event in
                let script = event.script.map {
                    Attachment(name: Attachment.script, bytes: Array($0.utf8))
                }
                let output = Attachment(name: "output", bytes: Array("done \(event.at)".utf8))
                return try EventReader.event(
                    from: event.members, attachments: [script, output].compactMap(\.self))
            }, recorded: history.events.map(\.at))
    }

    /// Every answer about now, as text.
    private static func answers(
        _ view: LocalView, _ now: Timestamp, seed: Int
    ) async throws -> [String] {
        var random = SeededGenerator(seed: UInt64(seed))
        var answers: [String] = []
        func add(_ inquiry: some Inquiry) async throws {
            let json = try await view.reply(to: inquiry).json
            answers.append(
                "\(type(of: inquiry)) \(inquiry.parameters): "
                    + String(decoding: CanonicalJSON.bytes(.object(json)), as: UTF8.self))
        }
        let services = try view.knownNames(of: .service)
        let environments = try view.knownNames(of: .environment)
        try await add(CheckInquiry())
        try await add(CoverageInquiry())
        try await add(DeclarationsInquiry())
        try await add(LinksInquiry())
        try await add(StatusInquiry())
        for service in services {
            var status = StatusInquiry()
            status.question.services = [service]
            try await add(status)
            status.question.isUnfolded = true
            try await add(status)
            let changes = try view.changes(named: "", service: service, limit: 1000)
            // Of each what is looked at one by one takes long: some are enough.
            for change in changes.shuffled(using: &random).prefix(2) {
                try await add(RollbackPlanInquiry(change: "\(service):\(change.id)"))
                try await add(LinksInquiry(ofChange: change.id, service: service))
                for environment in environments {
                    try await add(
                        GateInquiry(
                            change: "\(service):\(change.id)", environment: environment))
                    var steps = RollbackStepsInquiry(environment: environment)
                    steps.undo = "\(service):\(change.id)"
                    do { try await add(steps) } catch let error as LedgerError {
                        answers.append("\(error)")
                    }
                }
            }
        }
        for environment in environments {
            var status = StatusInquiry()
            status.question.environment = environment
            try await add(status)
            var steps = RollbackStepsInquiry(environment: environment)
            steps.backTo = Timestamp(milliseconds: now.milliseconds - 40 * 86_400_000)
            try await add(steps)
        }
        return answers
    }

    /// Everything that is stored of the entries up to one.
    private static func stored(_ path: String, upTo last: Int64) throws -> [String] {
        let view = try LocalView(path: path)
        var lines: [String] = []
        try view.forEachEntry(in: 0..<last + 1, isReversed: false) { entry in
            lines.append(String(decoding: CanonicalJSON.bytes(.object(entry.json)), as: UTF8.self))
            return true
        }
        let summary = try view.summary()
        return lines + ["\(summary.attachmentCount) \(summary.attachmentByteCount)"]
    }

    @Test(arguments: 0..<6)
    func archivingChangesNoAnswerAboutNow(seed: Int) async throws {
        let history = FaultyHistory(seed: UInt64(seed))
        let now = Timestamp(milliseconds: history.now)
        let recorded = try await Self.record(history)
        let clock = Clock { history.now + 1000 }
        let archive = recorded.folder.file("archive")
        let before = try await Self.answers(recorded.view(clock: clock), now, seed: seed)
        let head = try recorded.view().head()
        let stored = try Self.stored(recorded.path, upTo: head.index)

        let ledger = try LocalLedger(
            path: recorded.path, principal: Principal(kind: .local, id: "0"), clock: clock)
        let archived = try #require(
            try ledger.archive(
                before: Timestamp(milliseconds: history.now + 1), to: archive))
        try ledger.close()
        #expect(archived.leftover == nil)
        #expect(archived.manifest.entries.lines > 0)
        let verdict = try LocalLedger.verify(at: recorded.path, expected: [head])
        #expect(verdict.problems.kept == [], "seed \(seed)")
        #expect(verdict.archivedCount == archived.manifest.entries.lines)
        let after = try await Self.answers(recorded.view(clock: clock), now, seed: seed)
        for (left, right) in zip(before, after) { #expect(left == right, "seed \(seed)") }
        #expect(before.count == after.count)

        // Nothing of what people said is left of what went, but who ran what stands now.
        try recorded.view().forEachEntry(in: 0..<head.index + 1, isReversed: false) { entry in
            if entry.stored.archivedBy != nil {
                let names = Set(entry.stored.disclosures.map(\.name))
                #expect(names.isSubset(of: ["actor", "host"]))
            }
            return true
        }

        // What is derived can be built again, and is the same.
        let again = try LocalLedger(
            path: recorded.path, principal: Principal(kind: .local, id: "0"), clock: clock)
        try again.reindex { _ in }
        #expect(try await Self.answers(recorded.view(clock: clock), now, seed: seed) == after)

        // With the archive at hand, everything is as it was.
        let whole = try LocalView(path: recorded.path, with: [archive])
        try whole.forEachEntry(in: 0..<head.index + 1, isReversed: false) { entry in
            #expect(entry.stored.body != nil)
            return true
        }
        let proved = try LocalLedger.verify(
            at: recorded.path, with: [archive], expected: [head])
        #expect(proved.problems.kept == [])
        #expect(proved.archivedCount == 0)

        _ = try again.restore(archive)
        try again.close()
        #expect(try LocalLedger.verify(at: recorded.path, expected: [head]).problems.kept == [])
        #expect(try Self.stored(recorded.path, upTo: head.index) == stored, "seed \(seed)")
        #expect(try await Self.answers(recorded.view(clock: clock), now, seed: seed) == before)
    }
}
