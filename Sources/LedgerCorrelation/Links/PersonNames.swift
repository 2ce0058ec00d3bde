import LedgerCore

/// Which names are of one person.
public struct PersonNames: Sendable {
    private static let members = ["actor", "author", "requestor", "tester"]

    // From an alias to the person's id.
    private var names: [ExactText: String] = [:]

    /// - Parameter rows: of `correlation` events, in order, with what the caller may see.
    public init(_ rows: [HistoryRow]) {
        for row in rows {
            guard let person = row.privateString("person", "id"),
                let alias = row.privateString("alias", "id")
            else { continue }
            if row.string("correlation", "action") == "retract" {
                if names[ExactText(alias)]?.hasSameBytes(as: person) ?? false {
                    names[ExactText(alias)] = nil
                }
            } else if !name(of: person).hasSameBytes(as: alias) {
                names[ExactText(alias)] = person
            }
        }
    }

    /// The id by which the person is known: its own, if it is no alias.
    public func name(of id: String) -> String {
        var name = id
        while let next = names[ExactText(name)] { name = next }
        return name
    }

    /// Every id of the person with this one.
    public func ids(of id: String) -> [String] {
        let name = name(of: id)
        let aliases = names.keys.filter { self.name(of: $0.text).hasSameBytes(as: name) }
        return [name] + aliases.sorted().map(\.text)
    }

    /// The row with each person under one id.
    public func applied(to row: HistoryRow) -> HistoryRow {
        if names.isEmpty { return row }
        var row = row
        for member in Self.members {
            guard let id = row.privateString(member, "id") else { continue }
            row.privateMembers.set(name(of: id), at: member, "id")
        }
        return row
    }
}
