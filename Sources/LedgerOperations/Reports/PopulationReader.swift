import LedgerCore
import LedgerCorrelation
import LedgerReport

/// Reads the changes that were deployed in a period, service by service.
struct PopulationReader {
    private struct Place: Hashable {
        let change: Int
        let environment: Int
    }

    private let view: LocalView
    private let query: EntryQuery
    private let loader: HistoryLoader
    private let facts: ServiceFacts
    private let persons: PersonNames
    // By `orders/prod:42`.
    private let exceptions: [ExactText: [HistoryRow]]

    init(_ view: LocalView, _ query: EntryQuery) throws(LedgerError) {
        self.view = view
        self.query = query
        loader = try HistoryLoader(view.reader, services: query.services, asOf: query.asOfItsEnd)
        persons = try view.persons(as: view.role)
        facts = try ServiceFacts(
            view, services: query.services, as: view.role, persons: persons)
        exceptions = try Self.exceptions(view, persons)
    }

    /// By name.
    var services: [String] { loader.services }

    /// The rows of one service, in no order.
    func rows(of service: String) throws(LedgerError) -> [PopulationRow] {
        guard let history = try loader.history(of: service) else { return [] }
        let deliveries = try deliveries(of: history)
        let digests = deliveries.values.compactMap { $0.decisive.string("change", "digest") }
        let objects = try view.reader.touchedObjects(by: Set(digests))
        var rows: [PopulationRow] = []
        for (place, delivery) in deliveries {
            let change = history.changes[place.change]
            let environment = history.environments[place.environment].name
            var row = PopulationRow(
                delivery, place.change, place.environment, in: history, facts: facts[change],
                exceptions: (change.otherIDs + [change.id]).flatMap {
                    exceptions[ExactText("\(service)/\(environment):\($0)")] ?? []
                }, counting: query.names)
            let touched = delivery.decisive.string("change", "digest").flatMap { objects[$0] } ?? []
            row.objects = Set(touched.map { ExactText($0.qualifiedName) }).sorted().map(\.text)
            row.previousHash = try view.reader.entry(at: delivery.decisive.index)
                .flatMap { Leaf($0.leaf) }?.prev.hex
            rows.append(row)
        }
        return rows
    }

    private func deliveries(of history: ServiceHistory) throws(LedgerError) -> [Place: Delivery] {
        var changes: [ExactText: Int] = [:]
        for (number, change) in history.changes.enumerated() {
            for id in change.otherIDs + [change.id] { changes[ExactText(id)] = number }
        }
        var environments: [ExactText: Int] = [:]
        for (number, place) in history.environments.enumerated() {
            environments[ExactText(place.name)] = number
        }
        var query = query
        query.services = [history.service]
        query.types = [.deployment]
        query.isReversed = true
        var found: [Place: Delivery] = [:]
        try view.forEachRow(matching: query) { row in
            guard let change = row.string("change", "id").flatMap({ changes[ExactText($0)] }),
                let environment = row.target.environment.flatMap({ environments[ExactText($0)] })
            else { return true }
            let row = persons.applied(to: row)
            let place = Place(change: change, environment: environment)
            if found[place]?.add(row) == nil { found[place] = Delivery(row) }
            return true
        }
        return found
    }

    private static func exceptions(
        _ view: LocalView, _ persons: PersonNames
    ) throws(LedgerError) -> [ExactText: [HistoryRow]] {
        var found: [ExactText: [HistoryRow]] = [:]
        try view.reader.forEachFact(
            [.acknowledgement, .override], of: [], asOf: .now
        ) { row in
            let row = persons.applied(to: row)
            if row.type == .override {
                guard let service = row.target.service, let environment = row.target.environment,
                    let change = row.string("change", "id")
                else { return }
                found[ExactText("\(service)/\(environment):\(change)"), default: []].append(row)
                return
            }
            for item in row.members["about"]?.array ?? [] {
                // no-review:orders/prod:42
                guard let id = item.object?["finding"]?.string,
                    let colon = id.firstIndex(of: ":")
                else { continue }
                found[ExactText(String(id[id.index(after: colon)...])), default: []].append(row)
            }
        }
        return found
    }
}
