import LedgerCore
import LedgerCorrelation

/// Somebody lets changes pass that the gate is closed for.
///
/// Each is recorded as an event of type `override`, which is the ledger's own: of the change, its
/// target and script, with who, why, and the codes of the reasons. It holds for this once: who asks
/// again is told the same.
public struct GateOverride: Sendable {
    public let reason: String
    /// Who does it, if that is not who is authenticated.
    public let actor: String?

    /// - Throws: `usage` without a reason.
    public init(reason: String?, actor: String?) throws(LedgerError) {
        guard let reason, reason.utf8.contains(where: { $0 > 0x20 }) else {
            throw LedgerError(
                .usage, "an override has a reason", advice: "say it: --override -m 'why'")
        }
        self.reason = reason
        self.actor = actor
    }

    func events(
        _ answer: GateAnswer, to question: GateQuestion, at now: Timestamp
    ) throws(LedgerError) -> [Event] {
        var events: [Event] = []
        for verdict in answer.verdicts where !verdict.isOpen {
            let asked = question.changes.first {
                $0.service.hasSameBytes(as: verdict.service)
                    && ($0.change.hasSameBytes(as: verdict.change)
                        || verdict.name.hasSameBytes(as: $0.change))
            }
            var object = JSONObject()
            object.set("override", at: "type")
            object.set(now.utc, at: "time")
            object.set(verdict.service, at: "service")
            object.set(verdict.environment, at: "environment")
            object.set(verdict.tenant, at: "tenant")
            object.set(verdict.change, at: "change", "id")
            object.set(verdict.name, at: "change", "name")
            object.set(asked?.digest, at: "change", "digest")
            let codes = verdict.reasons.map { ExactText($0.code) }
            object.set(
                .array(Set(codes).sorted().map { .string($0.text) }), at: "override", "reasons")
            object.set("manual", at: "trigger", "kind")
            object.set(reason, at: "reason")
            object.set(actor, at: "actor")
            events.append(try EventReader.event(from: object, mayBeOwn: true))
        }
        return events
    }
}

extension LocalLedger {
    public func gate(
        _ question: GateQuestion, overriding override: GateOverride
    ) async throws(LedgerError) -> GateAnswer {
        let answer = try LocalView(path: path).gate(question)
        return try await pass(answer, to: question, by: override, as: principal)
    }

    /// Records that what the gate is closed for goes all the same. Whether `principal` may is for
    /// the caller to know.
    ///
    /// - Returns: the answer with the receipts; as it is, if the gate is open.
    public func pass(
        _ answer: GateAnswer, to question: GateQuestion, by override: GateOverride,
        as principal: Principal
    ) async throws(LedgerError) -> GateAnswer {
        let now = Timestamp(milliseconds: clock.now())
        let events = try override.events(answer, to: question, at: now)
        if events.isEmpty { return answer }
        var answer = answer
        answer.receipts = try await record(events, source: "ledger", as: principal)
        return answer
    }
}

extension LocalView {
    public func gate(_ question: GateQuestion) throws(LedgerError) -> GateAnswer {
        try question.answer(of: self)
    }
}
