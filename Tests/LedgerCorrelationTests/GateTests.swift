import LedgerCore
import LedgerReport
import Testing

@testable import LedgerCorrelation
@testable import LedgerOperations

@Suite struct GateTests {
    /// The codes of the reasons at noon of a day.
    private func reasons(
        _ events: String, environment: String = "prod", tenant: String? = nil,
        script: String? = nil, day: Int = 5, change: String = "orders:42"
    ) async throws -> [String] {
        let ledger = try await RecordedLedger(ExampleEvents(events).events)
        let now = ExampleEvents.dayZero + Int64(day) * 86_400_000 + 43_200_000
        var inquiry = GateInquiry(change: change, environment: environment)
        inquiry.tenant = tenant
        inquiry.digest = script.map { "sha256:" + String(repeating: $0, count: 64) }
        let verdict = try await ledger.view(clock: Clock { now }).reply(to: inquiry)
        #expect(verdict.isOpen == verdict.reasons.isEmpty)
        return verdict.reasons.map(\.code)
    }

    private static let clean = """
        path dev stage prod
        merge 42 day 0 script a by ann
        plan 42 reversible day 0
        review 42 approved day 0 by bob
        run 42 dev day 1 script a
        run 42 stage day 2 script a
        run 41 prod/acme day 0
        run 41 prod/globex day 0

        """

    @Test func isOpenForWhatIsInOrder() async throws {
        #expect(try await reasons(Self.clean) == [])
        #expect(try await reasons(Self.clean, tenant: "acme", script: "a") == [])
        #expect(try await reasons(Self.clean, environment: "dev") == [])
    }

    @Test func isClosedForWhatHasNotComeToTheStepsBefore() async throws {
        let events = Self.clean.replacing("run 42 stage day 2 script a\n", with: "")
        #expect(try await reasons(events) == ["environment-skipped"])
        #expect(try await reasons(events, environment: "stage") == [])
        let reverted = Self.clean + "run 42 stage day 3 revert"
        #expect(try await reasons(reverted) == ["environment-skipped"])
    }

    @Test func isClosedWhileAPartIsFrozen() async throws {
        let freeze = Self.clean + "freeze prod/acme from 4 until 8"
        #expect(try await reasons(freeze) == ["freeze"])
        #expect(try await reasons(freeze, tenant: "acme") == ["freeze"])
        #expect(try await reasons(freeze, tenant: "globex") == [])
    }

    @Test func isClosedForAnotherScriptThanUpstream() async throws {
        #expect(try await reasons(Self.clean, script: "b") == ["edited-between-environments"])
        let merged = Self.clean + "merge 42 day 3 script b by ann"
        #expect(try await reasons(merged) == ["edited-between-environments"])
    }

    @Test func isClosedForWhatNobodyHasApprovedOrSomebodyRejected() async throws {
        let events = Self.clean.replacing("review 42 approved day 0 by bob\n", with: "")
        #expect(try await reasons(events) == ["no-review"])
        #expect(try await reasons(events, environment: "stage") == [])
        let rejected = Self.clean + "review 42 rejected day 1 by cy"
        #expect(try await reasons(rejected) == ["no-review"])
        // By its author, or by nobody knows whom.
        let own = Self.clean.replacing("approved day 0 by bob", with: "approved day 0 by ann")
        #expect(try await reasons(own) == ["self-approved"])
        let unknown = Self.clean.replacing("approved day 0 by bob", with: "approved day 0")
        #expect(try await reasons(unknown) == ["self-approved"])
        let emergency = events.replacing("by ann", with: "by ann emergency")
        #expect(try await reasons(emergency) == [])
    }

    @Test func isClosedForAFailedLintOrTest() async throws {
        #expect(
            try await reasons(Self.clean + "review 42 failed lint day 1") == ["lint-failed"])
        #expect(
            try await reasons(Self.clean + "review 41 passed lint day 1") == ["lint-missing"])
        #expect(
            try await reasons(Self.clean + "review 42 failed test day 1") == ["test-failed"])
        #expect(
            try await reasons(
                Self.clean + "review 42 failed test day 1\nreview 42 passed test day 2") == [])
    }

    @Test func isClosedWithoutAPlan() async throws {
        let events = Self.clean.replacing("plan 42 reversible day 0\n", with: "")
        #expect(try await reasons(events) == ["no-rollback-plan"])
    }

    @Test func isClosedWhileAnotherChangeHasFailedThere() async throws {
        let events = Self.clean + "run 40 prod/globex day 1 failed"
        #expect(try await reasons(events) == ["failed-not-resolved"])
        #expect(try await reasons(events, tenant: "globex") == ["failed-not-resolved"])
        #expect(try await reasons(events, tenant: "acme") == [])
        // Running it again is how it is mended.
        #expect(try await reasons(Self.clean + "run 42 prod/acme day 3 failed") == [])
    }

    @Test func isClosedWhileAFreezeHolds() async throws {
        let freeze = Self.clean + "freeze prod from 4 until 8"
        #expect(try await reasons(freeze, day: 3) == [])
        #expect(try await reasons(freeze, day: 5) == ["freeze"])
        #expect(try await reasons(freeze, tenant: "acme", day: 5) == ["freeze"])
        #expect(try await reasons(freeze, environment: "stage", day: 5) == [])
        #expect(try await reasons(freeze, day: 8) == [])
        #expect(try await reasons(freeze + "\nlift 8", day: 5) == [])
    }

    @Test func tellsWhatItDoesNotKnow() async throws {
        for (change, environment) in [("orders:99", "prod"), ("orders:42", "prd")] {
            await #expect(throws: LedgerError.self) {
                try await reasons(Self.clean, environment: environment, change: change)
            }
        }
    }
}
