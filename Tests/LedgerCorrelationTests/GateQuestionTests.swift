import LedgerCore
import Testing

@testable import LedgerCorrelation
@testable import LedgerOperations

/// Many changes at once, and what nobody has heard of.
@Suite struct GateQuestionTests {
    private static let events = """
        path dev eu,us prod
        merge 42 day 0 script a by ann
        plan 42 reversible day 0
        review 42 approved day 0 by bob
        run 42 dev day 1 script a
        run 42 eu day 2 script a
        run 42 prod/acme day 3 script a
        run 42 prod/globex day 3 script a
        run 41 prod/acme day 0 baseline
        run R__v prod/acme day 3 script c repeatable
        run R__v prod/globex day 3 script c repeatable
        """

    private static func digest(_ letter: String) -> String {
        "sha256:" + String(repeating: letter, count: 64)
    }

    /// What is pending at noon of day 5, each with the codes of its reasons.
    private func pending(
        _ changes: [(id: String, script: String?)], _ more: String = "", tenant: String? = nil,
        service: String = "orders", environment: String = "prod", policy: String? = nil
    ) async throws -> [String] {
        var events = try ExampleEvents(Self.events + "\n" + more).events
        if let policy { events.append(try Self.applied(policy)) }
        let ledger = try await RecordedLedger(events)
        var question = GateQuestion(
            environment: environment,
            changes: changes.map { id, script in
                var change = GateQuestion.Change(service: service, change: id)
                change.digest = script.map(Self.digest)
                change.isRepeatable = id.hasPrefix("R__")
                return change
            })
        question.tenant = tenant
        question.isOfPending = true
        let now = ExampleEvents.dayZero + 5 * 86_400_000 + 43_200_000
        // What goes over the wire and back is the same question.
        let sent = try GateQuestion(json: question.json())
        let answer = try ledger.view(clock: Clock { now }).gate(sent)
        #expect(answer.thereCount + answer.verdicts.count == changes.count)
        #expect(GateAnswer(json: answer.json)?.json == answer.json)
        return answer.verdicts.map { verdict in
            ([verdict.change] + verdict.reasons.map(\.code)
                + verdict.acknowledged.map { "(\($0.code))" }).joined(separator: " ")
        }
    }

    private static func applied(_ policy: String) throws -> Event {
        let script = Attachment(name: "policy", bytes: Array(policy.utf8))
        return try EventReader.event(
            from: JSONObject([
                "type": "policy", "policy": ["digest": .string(Attachment.text(of: script.digest))],
            ]), attachments: [script])
    }

    private static let nothing = "environment-skipped no-review no-rollback-plan"

    @Test func whatIsThereWithTheSameScriptNeedsNoGate() async throws {
        for tenant in [nil, "acme", "globex"] {
            #expect(try await pending([("42", "a"), ("R__v", "c")], tenant: tenant) == [])
        }
        // Of a baseline nobody knows the script.
        #expect(try await pending([("41", "b")], tenant: "acme") == [])
        #expect(try await pending([("41", "b")]) != [])
    }

    @Test func whatIsThereWithAnotherScriptIsEditedOrARepeatableOnePending() async throws {
        let edited = ["42 edited-between-environments"]
        #expect(try await pending([("42", "b")]) == edited)
        #expect(try await pending([("42", "b")], tenant: "acme") == edited)
        #expect(try await pending([("R__v", "d")]) == ["R__v \(Self.nothing)"])
    }

    @Test func whatOneTenantLacksIsPending() async throws {
        let failed = "run 42 prod/globex day 4 failed script a"
        #expect(try await pending([("42", "a")], failed) == ["42"])
        #expect(try await pending([("42", "a")], failed, tenant: "acme") == [])
        #expect(
            try await pending([("42", "a")], "run 42 prod/acme day 4 revert", tenant: "acme")
                == ["42"])
    }

    @Test func whatTheLedgerHasNeverHeardOfHasNothing() async throws {
        #expect(try await pending([("4", "a")]) == ["4 \(Self.nothing)"])
        #expect(try await pending([("4", nil), ("42", "a"), ("R__w", "a")]).count == 2)
        // Of a new service no step before is known.
        #expect(
            try await pending([("1", "a")], service: "billing")
                == ["1 no-review no-rollback-plan"])
    }

    @Test func aSlipOpensNoGate() async throws {
        let amce = await #expect(throws: LedgerError.self) {
            try await pending([("42", "a")], tenant: "amce")
        }
        #expect(amce?.code == .notFound && amce?.advice?.contains("did you mean acme?") == true)
        let prdo = await #expect(throws: LedgerError.self) {
            try await pending([("42", "a")], environment: "prdo")
        }
        #expect(prdo?.code == .notFound && prdo?.advice == "did you mean prod?")
        let billing = await #expect(throws: LedgerError.self) {
            try await pending([("1", "a")], service: "billing", environment: "prdo")
        }
        #expect(billing?.advice?.contains("ledger path set") == true)
        // Declared, and never heard from.
        #expect(
            try await pending([("42", "a")], "target prod/initech", tenant: "initech") == ["42"])
    }

    @Test func whatIsAcknowledgedDoesNotCount() async throws {
        func acknowledged(_ ids: String...) throws -> String {
            ids.map { "acknowledge \($0) day 4" }.joined(separator: "\n")
        }
        #expect(
            try await pending(
                [("43", "a")],
                acknowledged("no-review:orders/prod:43", "no-rollback-plan:orders/prod:44"))
                == ["43 environment-skipped no-rollback-plan (no-review)"])
        let failed = "run 40 prod/globex day 4 failed\n"
        let quiet = try acknowledged("failed-not-resolved:orders/prod:40")
        #expect(
            try await pending([("42", "b")], failed)
                == ["42 edited-between-environments failed-not-resolved"])
        #expect(
            try await pending([("42", "b")], failed + quiet)
                == ["42 edited-between-environments (failed-not-resolved)"])
    }

    @Test func rulesCloseTheGateFromWhenThePolicySays() async throws {
        let failed = "run 40 prod/globex day 2 failed"
        func reasons(_ start: String) async throws -> [String] {
            try await pending(
                [("43", "a")], failed, policy: #"{"effective_from":"\#(start)T00:00:00.000Z"}"#)
        }
        #expect(try await reasons("2026-01-02") == ["43 \(Self.nothing) failed-not-resolved"])
        // What failed before is not found any more.
        #expect(try await reasons("2026-01-05") == ["43 \(Self.nothing)"])
        #expect(try await reasons("2026-02-01") == ["43"])
        let frozen = failed + "\nfreeze prod from 1 until 9"
        #expect(
            try await pending(
                [("43", "a")], frozen,
                policy: #"{"effective_from":"2026-02-01T00:00:00.000Z"}"#) == ["43 freeze"])
    }

    @Test(arguments: [
        #"{"env":"prod"}"#, #"{"env":"prod","changes":[]}"#, #"{"changes":[{}],"env":"prod"}"#,
        #"{"changes":[{"service":"o"}],"env":"prod"}"#,
        #"{"changes":[{"change":"1","service":"o","x":1}],"env":"prod"}"#,
        #"{"changes":[{"change":"1","service":"o"}],"env":""}"#,
        #"{"changes":[{"change":"1","service":"o"}],"env":"prod","pending":1}"#,
        #"{"changes":[{"change":"1","service":"o"}],"env":"prod","tenants":"a"}"#,
    ])
    func whatIsNoQuestionIsRefused(body: String) throws {
        let object = try #require(JSONReader.read(Array(body.utf8)).object)
        let error = #expect(throws: LedgerError.self) { try GateQuestion(json: object) }
        #expect(error?.code == .usage)
    }

    @Test(arguments: [
        #"{"override":true}"#, #"{"override":{}}"#, #"{"override":{"reason":" \n"}}"#,
        #"{"override":{"reason":"x","who":"ann"}}"#,
    ])
    func anOverrideHasAReason(body: String) throws {
        let object = try #require(JSONReader.read(Array(body.utf8)).object)
        #expect(throws: LedgerError.self) { try GateOverride(of: object) }
    }
}
