import LedgerCore
import TestSupport
import Testing

@testable import LedgerCorrelation
@testable import LedgerOperations

/// Every fault that was planted is found, and nothing else is.
@Suite(.serialized) struct GroundTruthTests {
    @Test(arguments: 0..<200)
    func whatWasPlantedIsFoundAndNothingElse(seed: Int) async throws {
        let history = FaultyHistory(seed: UInt64(seed))
        let ledger = try await RecordedLedger(
            history.events.map { event in
                let script = event.script.map {
                    Attachment(name: Attachment.script, bytes: Array($0.utf8))
                }
                return try EventReader.event(
                    from: event.members, attachments: [script].compactMap(\.self))
            }, recorded: history.events.map(\.at))
        let view = try ledger.view(clock: Clock { history.now })
        let found = Set(try await view.reply(to: CheckInquiry()).findings.map(\.id))
        let missed = history.expected.subtracting(found).sorted()
        let invented = found.subtracting(history.expected).sorted()
        #expect(missed == [], "seed \(seed)")
        #expect(invented == [], "seed \(seed)")
    }

    @Test func theSeedsPlantEveryFault() {
        let codes = Set(
            (0..<200).flatMap { FaultyHistory(seed: UInt64($0)).expected }
                .map { String($0.prefix { $0 != ":" }) })
        #expect(codes == Set(FindingRules.all.map { $0.rule.code }))
    }
}
