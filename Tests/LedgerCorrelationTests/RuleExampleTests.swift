import LedgerCore
import LedgerReport
import Testing

@testable import LedgerCorrelation
@testable import LedgerOperations

@Suite(.serialized) struct RuleExampleTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let code: String
        let example: RuleExample
        var testDescription: String { "\(code): \(example.title)" }
    }

    static let cases = FindingRules.all.flatMap { type in
        type.examples.map { Case(code: type.rule.code, example: $0) }
    }

    @Test(arguments: Self.cases)
    func everyRuleFindsWhatItsExamplesSay(_ item: Case) async throws {
        let example = item.example
        let events = try ExampleEvents(example.events)
        let ledger = try await RecordedLedger(events.events, recorded: events.recorded)
        let now = ExampleEvents.dayZero + Int64(example.day) * 86_400_000 + 43_200_000
        var inquiry = CheckInquiry()
        inquiry.rules = [item.code]
        let found = try await ledger.view(clock: Clock { now }).reply(to: inquiry).findings
        let shown = found.map { finding in
            [
                finding.environment, finding.change,
                finding.targets.isEmpty
                    ? nil : finding.targets.map(\.ownName).joined(separator: ","),
            ].compactMap(\.self).joined(separator: " ")
        }
        // Where an example names no target, those of the finding need not be told.
        let expected = example.finds
        #expect(shown.count == expected.count, "\(shown)")
        for (one, other) in zip(shown, expected) {
            #expect(one == other || one.hasPrefix(other + " "), "\(shown)")
        }
        for finding in found {
            #expect(finding.code == item.code)
            #expect(!finding.entries.isEmpty, "nothing shows it")
            #expect(finding.since != nil)
        }
    }

    @Test(arguments: FindingRules.all.map { $0.rule.code })
    func everyRuleShowsWhatItFindsAndWhatItDoesNot(code: String) throws {
        let type = try #require(FindingRules.all.first { $0.rule.code == code })
        #expect(!(type.examples.first?.finds.isEmpty ?? true))
        #expect(type.examples.contains { $0.finds.isEmpty })
        #expect(!type.rule.finds.isEmpty && !type.rule.advice.isEmpty)
    }

    @Test func codesAreDistinct() {
        let codes = FindingRules.all.map { $0.rule.code }
        #expect(Set(codes).count == codes.count)
    }
}

@Suite struct PolicyTests {
    private func policy(_ text: String) throws -> Policy {
        try Policy(json: JSONReader.read(Array(text.utf8)))
    }

    @Test func saysWhichRulesApplyWhere() throws {
        let policy = try policy(
            """
            {"effective_from":"2026-01-02T00:00:00Z","rules":{"unticketed":"off",\
            "pending-too-long":{"severity":"error","after":"24h","environments":["prod"]}}}
            """)
        #expect(policy[Unticketed.rule].isOff)
        let pending = policy[PendingTooLong.rule]
        #expect(pending.severity == .error)
        #expect(pending.after == .seconds(86_400))
        #expect(pending.environments == ["prod"])
        #expect(policy.effectiveFrom?.utc == "2026-01-02T00:00:00.000Z")
    }

    @Test(arguments: [
        #"{"rule":{}}"#, #"{"rules":{"unticketd":"off"}}"#, #"{"rules":{"unticketed":"on"}}"#,
        #"{"rules":{"unticketed":{"severity":"bad"}}}"#, #"{"effective_from":"soon"}"#,
        #"{"rules":{"pending-too-long":{"after":"0d"}}}"#, "[]",
        #"{"rules":{"slow-in-prod":{"factor":1}}}"#,
    ])
    func refusesWhatItDoesNotKnow(text: String) {
        #expect(throws: LedgerError.self) { try policy(text) }
    }

    @Test(arguments: [
        (#"{"rules":{"slow-in-prod":{"factor":0}}}"#, "factor must be a whole number"),
        (#"{"rules":{"no-review":{"environments":"prod"}}}"#, "environments must be a list"),
        (#"{"rules":{"pending-too-long":{"after":14}}}"#, "after must be like 30m"),
        (#"{"effective_from":20260101}"#, "effective_from is no time"),
        (#"{"rules":[]}"#, "rules must be a mapping"),
    ])
    func saysWhatAValueShouldBe(text: String, words: String) throws {
        do {
            _ = try policy(text)
            Issue.record("\(text) was taken")
        } catch let error as LedgerError {
            #expect(error.message.contains(words))
        }
    }
}
