import LedgerCore
import LedgerCorrelation

/// A matter for which nothing is to be erased or archived, or its end.
public struct HoldRequest: Sendable {
    public let matter: String
    public let service: String?
    public let environment: String?
    public let person: String?
    public let why: ErasureReason
    public let isLifted: Bool

    public init(
        matter: String, service: String? = nil, environment: String? = nil,
        person: String? = nil, why: ErasureReason, isLifted: Bool = false
    ) {
        self.matter = matter
        self.service = service
        self.environment = environment
        self.person = person
        self.why = why
        self.isLifted = isLifted
    }

    fileprivate func event(at now: Timestamp) throws(LedgerError) -> Event {
        var object = JSONObject()
        object.set("hold", at: "type")
        object.set(now.utc, at: "time")
        object.set(service, at: "service")
        object.set(environment, at: "environment")
        object.set(isLifted ? "lift" : "add", at: "hold", "action")
        object.set(matter, at: "hold", "matter")
        object.set(person, at: "person")
        why.fill(&object)
        return try EventReader.event(from: object, mayBeOwn: true)
    }
}

extension LocalLedger {
    public func hold(_ request: HoldRequest) async throws(LedgerError) -> Receipt {
        try hold(request, as: principal)
    }

    /// - Throws: `exists` for a matter that is held already, `notFound` for one to be lifted that
    ///   isn't.
    public func hold(
        _ request: HoldRequest, as principal: Principal
    ) throws(LedgerError) -> Receipt {
        let persons = try LocalView(path: path).persons()
        let receipt = try store.write { writer in
            let holds = Holds(try writer.entries(of: .hold), persons: persons).standing
            let known = holds.first { $0.matter.hasSameBytes(as: request.matter) }
            if let known, !request.isLifted {
                throw LedgerError(
                    .exists, "\(VisibleName.of(request.matter)) is held by #\(known.index)",
                    advice: "ledger hold list")
            }
            if known == nil, request.isLifted {
                throw LedgerError(
                    .notFound, "nothing is held for \(VisibleName.of(request.matter))",
                    advice: Suggestion.advice(for: request.matter, among: holds.map(\.matter)))
            }
            let now = clock.now()
            // On the stream of what it lifts.
            let held = HoldRequest(
                matter: request.matter, service: known?.service ?? request.service,
                environment: known?.environment ?? request.environment,
                person: request.person, why: request.why, isLifted: request.isLifted)
            let event = try held.event(at: Timestamp(milliseconds: now))
            return try Sequencing(log: log).place(
                prepare([event], source: "ledger", as: principal), in: writer, now: now)
        }.first
        heads.nudge()
        guard let receipt else { throw .noReceipt }
        return receipt
    }
}
