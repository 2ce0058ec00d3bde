import LedgerCore

/// Which names are of one person, and what stands for those that are erased.
public struct PersonNames: Sendable {
    private static let members = ["actor", "author", "requestor", "tester"]

    private struct Place: Hashable {
        let index: Int64
        let member: String
    }

    // From an alias to the person's id.
    private var names: [ExactText: String] = [:]
    // What a redaction gave in place of a person; nil where nobody can tell who it was.
    private var erased: [Place: JSON?] = [:]

    /// - Parameter rows: of `correlation` and `redaction` events, in order, with what the caller may
    ///   see.
    public init(_ rows: [HistoryRow]) {
        for row in rows {
            if row.type == .redaction {
                noteErased(row)
                continue
            }
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

    private mutating func noteErased(_ row: HistoryRow) {
        let said = row.members[["redaction", "members"]]?.array?.compactMap(\.string) ?? []
        let stand = row.string("redaction", "person").map { person in
            JSON.object(
                JSONObject([
                    "id": .string(person),
                    "name": row.string("redaction", "name").map(JSON.string),
                ]))
        }
        for item in row.members["about"]?.array ?? [] {
            guard let index = item.object?["entry"]?.integer else { continue }
            for member in Self.members where said.contains(member) {
                erased[Place(index: index, member: member)] = .some(stand)
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

    /// Of an address, upper and lower case are the same.
    static func comparable(_ id: String) -> ExactText {
        ExactText(id.contains("@") ? id.lowercased() : id)
    }

    /// The row with each person under one id; who is erased is told apart from others, and no more.
    public func applied(to row: HistoryRow) -> HistoryRow {
        if names.isEmpty, erased.isEmpty { return row }
        var row = row
        for member in Self.members {
            if let stand = stand(for: member, of: row) {
                row.privateMembers[member] = stand
            } else if let id = row.privateString(member, "id") {
                row.privateMembers.set(name(of: id), at: member, "id")
            }
        }
        return row
    }

    // What the end of a deployment said stood over what its start says.
    private func stand(for member: String, of row: HistoryRow) -> JSON?? {
        if let stand = erased[Place(index: row.index, member: member)] { return stand }
        guard let first = row.firstIndex, row.privateMembers[member] == nil else { return nil }
        return erased[Place(index: first, member: member)]
    }
}
