import LedgerCore
import LedgerCorrelation

/// The merges, reviews, plans and reverts of changes.
struct ServiceFacts {
    private struct Key: Hashable {
        let service: ExactText
        let change: ExactText
    }

    private var facts: [Key: ChangeFacts] = [:]

    /// - Parameters:
    ///   - role: of persons it sees those that the role may see.
    ///   - persons: under which names they are known; read, if left out.
    init(
        _ view: LocalView, services: [String], as role: Role, persons known: PersonNames? = nil
    ) throws(LedgerError) {
        let persons: PersonNames
        if let known { persons = known } else { persons = try view.persons(as: role) }
        var facts: [Key: ChangeFacts] = [:]
        // A review of a pull request is one of every change that it brought.
        var requests: [ExactText: Set<Key>] = [:]
        var loose: [HistoryRow] = []
        try view.reader.forEachFact(
            [.merge, .review, .rollbackPlan], of: services, asOf: .now
        ) { row in
            let row = persons.applied(to: role.seen(row))
            let request = row.string("links", "pull_request").map(ExactText.init)
            guard let service = row.target.service, let change = row.changeID else {
                if row.type == .review, request != nil { loose.append(row) }
                return
            }
            let key = Key(service: ExactText(service), change: ExactText(change))
            switch row.type {
            case .merge:
                facts[key, default: .init()].merges.append(row)
                if let request { requests[request, default: []].insert(key) }
            case .review: facts[key, default: .init()].reviews.append(row)
            default: facts[key, default: .init()].plans.append(row)
            }
        }
        for review in loose {
            guard let request = review.string("links", "pull_request").map(ExactText.init) else {
                continue
            }
            for key in requests[request] ?? [] {
                facts[key]?.reviews.append(review)
            }
        }
        for revert in try view.reader.reverts(of: services) {
            guard let service = revert.deployment.target.service else { continue }
            let key = Key(
                service: ExactText(service), change: ExactText(revert.deployment.change))
            facts[key, default: .init()].reverts.append(revert)
        }
        self.facts = facts.mapValues(\.sorted)
    }

    subscript(change: ServiceChange) -> ChangeFacts {
        func said(of id: String) -> ChangeFacts {
            facts[Key(service: ExactText(change.service), change: ExactText(id))] ?? ChangeFacts()
        }
        if change.otherIDs.isEmpty { return said(of: change.id) }
        return change.otherIDs.map(said).reduce(said(of: change.id)) { $0.joined(with: $1) }.sorted
    }
}

extension HistoryRow {
    /// The id of the change that it names, or that its only `about` names.
    fileprivate var changeID: String? {
        if let id = string("change", "id") { return id }
        guard let about = members["about"]?.array, about.count == 1,
            let text = about[0].object?["change"]?.string, let colon = text.firstIndex(of: ":")
        else { return nil }
        return String(text[text.index(after: colon)...])
    }
}
