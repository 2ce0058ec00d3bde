import LedgerCore

/// A matter for which nothing is to be erased or archived.
public struct Hold: Sendable, Equatable {
    /// The entry that declared it.
    public let index: Int64
    public let matter: String
    public let since: Timestamp
    /// Where it holds; everywhere, as far as these are absent.
    public let service: String?
    public let environment: String?
    /// Of whom it holds what is known; absent too, and it holds for everybody, once that name is
    /// erased.
    public let person: String?
    public let reason: String?

    public init(
        index: Int64, matter: String, since: Timestamp, service: String?, environment: String?,
        person: String?, reason: String?
    ) {
        self.index = index
        self.matter = matter
        self.since = since
        self.service = service
        self.environment = environment
        self.person = person
        self.reason = reason
    }
}

/// The holds that stand: the one door for whatever takes something out of a ledger.
public struct Holds: Sendable {
    public private(set) var standing: [Hold] = []
    private let persons: PersonNames

    /// - Parameter entries: of `hold` events, in order.
    public init(_ entries: [StoredEntry], persons: PersonNames) {
        self.persons = persons
        for entry in entries {
            guard let leaf = Leaf(entry.leaf), let body = entry.body.flatMap({ StoredBody($0) }),
                let matter = body.event[["hold", "matter"]]?.string
            else { continue }
            standing.removeAll { $0.matter.hasSameBytes(as: matter) }
            guard body.event[["hold", "action"]]?.string == "add" else { continue }
            func value(_ name: String) -> JSON? {
                entry.disclosures.first { $0.name == name }?.value
            }
            let person = value("person")?.object?["id"]?.string
            standing.append(
                Hold(
                    index: entry.index, matter: matter, since: Timestamp(milliseconds: leaf.time),
                    service: body.event["service"]?.string,
                    environment: body.event["environment"]?.string, person: person,
                    reason: value("reason")?.string))
        }
    }

    /// The first that holds this entry. What holds an entry is held itself.
    public func hold(on entry: StoredEntry) -> Hold? {
        if standing.isEmpty { return nil }
        let event = entry.body.flatMap { StoredBody($0) }?.event
        let people = entry.people.map { PersonNames.comparable(persons.name(of: $0)) }
        return standing.first { hold in
            if hold.index == entry.index { return true }
            for (name, held) in [("service", hold.service), ("environment", hold.environment)]
            where held != nil && !held.hasSameBytes(as: event?[name]?.string) {
                return false
            }
            guard let person = hold.person else { return true }
            return people.contains(PersonNames.comparable(persons.name(of: person)))
        }
    }

    /// - Throws: `notAllowed`, with the matter, if a hold stands on this entry.
    public func check(_ entry: StoredEntry) throws(LedgerError) {
        guard let hold = hold(on: entry) else { return }
        throw LedgerError(
            .notAllowed,
            "entry #\(entry.index) is held for \(VisibleName.of(hold.matter)), by #\(hold.index)",
            advice: "nothing of it may go until: ledger hold lift "
                + "'\(VisibleName.of(hold.matter))' -m '...'")
    }
}

extension StoredEntry {
    /// The ids by which its private values name people.
    var people: [String] {
        disclosures.flatMap { disclosure -> [String] in
            switch disclosure.name {
            case "executed_as", EventSchema.principalName:
                return [disclosure.value?.string].compactMap(\.self)
            default:
                let person = disclosure.value?.object
                return [person?["id"]?.string, person?["on_behalf_of"]?.string].compactMap(\.self)
            }
        }
    }
}
