import LedgerCore
import LedgerCorrelation

/// Whether changes may go to an environment now: `POST /v1/gate`, which GateQuestion+JSON.swift
/// writes and reads.
///
/// All are asked at once: each service is looked at once, however many of its changes are asked.
public struct GateQuestion: Sendable {
    public struct Change: Sendable {
        public var service: String
        /// Its id, or its name in full.
        public var change: String
        /// For one that the ledger has never heard of.
        public var name: String?
        /// `sha256:…` of the script that is about to run; else what was merged last is meant.
        public var digest: String?
        public var isRepeatable = false

        public init(service: String, change: String) {
            self.service = service
            self.change = change
        }
    }

    public static let changeLimit = 10_000

    public var environment: String
    public var tenant: String?
    public var changes: [Change]
    /// Answers for those alone that are not there yet with the same script.
    public var isOfPending = false

    public init(environment: String, changes: [Change]) {
        self.environment = environment
        self.changes = changes
    }
}

extension GateQuestion {
    /// Those of the ledger's file that was opened.
    ///
    /// - Throws: `notFound` with "did you mean" for an environment or a tenant that nobody has heard
    ///   of: else a slip would open the gate. A change may be new.
    func answer(of view: LocalView) throws(LedgerError) -> GateAnswer {
        var desk = try GateDesk(self, view)
        var answer = GateAnswer()
        for asked in changes {
            if let verdict = try desk.verdict(on: asked) {
                answer.verdicts.append(verdict)
            } else {
                answer.thereCount += 1
            }
        }
        return answer
    }
}

/// What all changes of one question are judged by.
private struct GateDesk {
    private struct Service {
        let scope: RuleScope
        /// The places of the changes by their ids, and by their names.
        let places: [ExactText: Int]
    }

    private let question: GateQuestion
    private let view: LocalView
    private let policy: Policy
    private let freezes: [Freeze]
    private let acknowledged: Set<ExactText>
    // The verdict says whether the right people have approved, and names nobody.
    private let facts: ServiceFacts
    private let evidence: LocalEvidence
    private var loader: HistoryLoader
    private var services: [ExactText: Service] = [:]

    init(_ question: GateQuestion, _ view: LocalView) throws(LedgerError) {
        self.question = question
        self.view = view
        let names = Set(question.changes.map { ExactText($0.service) }).sorted().map(\.text)
        policy = try view.policy()
        freezes = try view.freezes()
        acknowledged = try view.acknowledged(at: view.now)
        evidence = try LocalEvidence(view, as: .admin)
        facts = try ServiceFacts(view, services: names, as: .admin, persons: evidence.persons)
        loader = try HistoryLoader(view.reader, services: names, asOf: .now)
        loader.ask(about: question.changes)
        try load()
        try checkEnvironment()
        try checkTenant()
    }

    private mutating func load() throws(LedgerError) {
        for history in try loader.histories(needsTargets: question.tenant != nil) {
            services[ExactText(history.service)] = service(history)
        }
    }

    private func service(_ history: ServiceHistory) -> Service {
        let scope = RuleScope(
            history, facts: history.changes.map { facts[$0] },
            environments: [question.environment], now: view.now, policy: policy,
            evidence: evidence)
        return Service(scope: scope, places: history.changes.placesByName)
    }

    /// Nil if it is there already, and only those are asked that are not.
    mutating func verdict(on asked: GateQuestion.Change) throws(LedgerError) -> GateVerdict? {
        let name = ExactText(asked.service)
        var gate = try gate(for: asked, services[name])
        if question.isOfPending, gate.isThere { return nil }
        if gate.needsTargets, let whole = try loader.history(of: asked.service) {
            services[name] = service(whole)
            gate = try self.gate(for: asked, services[name])
        }
        return gate.verdict(freezes, acknowledged: acknowledged)
    }

    private func gate(
        for asked: GateQuestion.Change, _ service: Service?
    ) throws(LedgerError) -> Gate {
        guard let service, let change = service.places[ExactText(asked.change)],
            let place = service.scope.history.environment(named: question.environment)
        else { throw LedgerError(.internal, "the gate has lost \(asked.service):\(asked.change)") }
        return Gate(
            service.scope, change: change, environment: place, tenant: question.tenant,
            digest: asked.digest)
    }

    /// An environment may be new to a service, but not to the ledger.
    private mutating func checkEnvironment() throws(LedgerError) {
        let environment = question.environment
        func stranger(_ services: [ExactText: Service]) -> ServiceHistory? {
            services.sorted { $0.key < $1.key }.map(\.value.scope.history)
                .first { $0.environment(named: environment) == nil }
        }
        if stranger(services) == nil { return }
        if try view.knownNames(of: .environment).contains(where: {
            $0.hasSameBytes(as: environment)
        }) {
            loader.askEnvironment(environment)
            try load()
        }
        guard let history = stranger(services) else { return }
        throw LedgerError(
            .notFound, "\(history.service) has no environment \(VisibleName.of(environment))",
            advice: Suggestion.advice(
                for: environment, among: history.environments.map(\.name))
                ?? "if it is new, declare it: ledger path set")
    }

    private func checkTenant() throws(LedgerError) {
        guard let tenant = question.tenant else { return }
        let targets = services.values.flatMap { $0.scope.history.environments }
            .flatMap { $0.targets?.targets ?? [] }
        if targets.contains(where: { $0.tenant.hasSameBytes(as: tenant) }) { return }
        let names = try view.knownNames(of: .tenant)
        if names.contains(where: { $0.hasSameBytes(as: tenant) }) { return }
        let closest =
            Suggestion.closest(to: tenant, among: names)
            .map { "did you mean \($0)? A" } ?? "a"
        throw LedgerError(
            .notFound, "no tenant \(VisibleName.of(tenant)) was ever recorded",
            advice: "\(closest) new one is declared: ledger target add")
    }
}

extension [ServiceChange] {
    /// Their places by their names and ids; an id stands over another one's name.
    fileprivate var placesByName: [ExactText: Int] {
        var places: [ExactText: Int] = [:]
        for (place, change) in enumerated() {
            if let name = change.name { places[ExactText(name)] = place }
        }
        for (place, change) in enumerated() {
            for id in change.otherIDs + [change.id] { places[ExactText(id)] = place }
        }
        return places
    }
}

extension HistoryLoader {
    /// Lets the histories have these changes even if nothing was heard of them.
    fileprivate mutating func ask(about changes: [GateQuestion.Change]) {
        for (service, asked) in Dictionary(grouping: changes, by: { ExactText($0.service) }) {
            change(service) { source in
                var known = source.changes.placesByName
                for item in asked {
                    if let place = known[ExactText(item.change)] {
                        source.asked.insert(ExactText(source.changes[place].id))
                        continue
                    }
                    known[ExactText(item.change)] = source.changes.count
                    source.asked.insert(ExactText(item.change))
                    source.changes.append(
                        ServiceChange(
                            service: service.text, id: item.change, name: item.name,
                            strategy: nil, isRepeatable: item.isRepeatable, merge: nil))
                }
            }
        }
    }
}
