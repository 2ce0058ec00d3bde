import LedgerCore

/// Every name by which a ledger knows one person.
///
/// Ids are one person's if it was said so (`ledger person alias`), if they are one address in upper
/// and lower case, or if one is the name that Git gives to the author with the other, and to no
/// other author: there a finding takes the two for one.
public struct KnownPerson: Sendable {
    /// As they were asked for and recorded.
    public private(set) var ids: [String] = []
    public private(set) var names: [String] = []
    /// Ids of others with one of these names: perhaps the same person, but nobody said so.
    public private(set) var alike: [String] = []

    private var comparableIDs: Set<ExactText> = []
    private var lowerNames: Set<String> = []
    // Ids of others, and names that Git gives to others, in lower case.
    private var otherLogins: Set<String> = []
    private var otherNames: Set<String> = []
    private let search: TextSearch
    private let persons: PersonNames

    /// People as entries name them.
    public struct Book: Sendable {
        fileprivate struct Mention: Hashable, Sendable {
            let id: ExactText
            let name: ExactText?
        }

        fileprivate private(set) var mentions: Set<Mention> = []
        // Authors by the lower case of the name that Git gives them.
        private var owners: [String: Set<ExactText>] = [:]
        fileprivate let persons: PersonNames

        public init(_ persons: PersonNames) {
            self.persons = persons
        }

        fileprivate func person(_ id: ExactText) -> ExactText {
            PersonNames.comparable(persons.name(of: id.text))
        }

        fileprivate func names(besides people: Set<ExactText>) -> Set<String> {
            Set(owners.filter { !$0.value.isSubset(of: people) }.keys)
        }

        /// The one author to whom Git gives this name; nil if it gives it to several.
        fileprivate func owner(ofName name: String) -> ExactText? {
            guard let owners = owners[name] else { return nil }
            let others = owners.filter { $0.text.lowercased() != name }
            return others.count == 1 ? others.first : nil
        }

        public mutating func add(_ entry: StoredEntry) {
            for disclosure in entry.disclosures where KnownPerson.members.contains(disclosure.name)
            {
                let person = disclosure.value?.object
                guard let id = person?["id"]?.string else { continue }
                let name = person?["name"]?.string
                mentions.insert(Mention(id: ExactText(id), name: name.map(ExactText.init)))
                if let name, disclosure.name == "author" {
                    owners[name.lowercased(), default: []].insert(self.person(ExactText(id)))
                }
                if let other = person?["on_behalf_of"]?.string {
                    mentions.insert(Mention(id: ExactText(other), name: nil))
                }
            }
        }
    }

    /// Private members that hold a person.
    static let members: Set<String> = [
        "actor", "author", "requestor", "tester", "person", "alias",
    ]

    public init(_ asked: String, in book: Book) {
        persons = book.persons
        var ids: Set<ExactText> = [ExactText(asked)]
        var names: Set<ExactText> = []
        var count = -1
        while ids.count + names.count > count {
            count = ids.count + names.count
            ids.formUnion(ids.flatMap { book.persons.ids(of: $0.text) }.map(ExactText.init))
            let own = Set(ids.map { book.person($0) })
            let logins = Set(ids.map { $0.text.lowercased() })
            for mention in book.mentions {
                let login = mention.id.text.lowercased()
                if own.contains(book.person(mention.id)) {
                    ids.insert(mention.id)
                    if let name = mention.name { names.insert(name) }
                } else if let owner = book.owner(ofName: login), own.contains(owner) {
                    ids.insert(mention.id)
                } else if logins.contains(where: {
                    book.owner(ofName: $0) == book.person(mention.id)
                }) {
                    ids.insert(mention.id)
                }
            }
        }
        self.ids = [asked] + ids.subtracting([ExactText(asked)]).sorted().map(\.text)
        self.names = names.sorted().map(\.text)
        comparableIDs = Set(ids.map { PersonNames.comparable($0.text) })
        lowerNames = Set(names.map { $0.text.lowercased() })
        search = TextSearch(self.ids + self.names)
        let own = Set(ids.map { book.person($0) })
        otherNames = book.names(besides: own)
        var alike: Set<ExactText> = []
        for mention in book.mentions where !ids.contains(mention.id) {
            otherLogins.insert(persons.name(of: mention.id.text).lowercased())
            if let name = mention.name, lowerNames.contains(name.text.lowercased()) {
                alike.insert(mention.id)
            }
        }
        self.alike = alike.sorted().map(\.text)
    }

    /// Whether a private value is of this person.
    public func owns(_ disclosure: Disclosure) -> Bool {
        guard let value = disclosure.value else { return false }
        switch disclosure.name {
        case "executed_as", EventSchema.principalName:
            return value.string.map { has($0) || lowerNames.contains($0.lowercased()) } ?? false
        case _ where Self.members.contains(disclosure.name):
            let person = value.object
            if let id = person?["id"]?.string, has(id) { return true }
            if let other = person?["on_behalf_of"]?.string, has(other) { return true }
            guard person?["id"] == nil, let name = person?["name"]?.string else { return false }
            return lowerNames.contains(name.lowercased())
        default: return false
        }
    }

    /// What findings compare of a person's value, all in lower case: the id by which the person is
    /// known, and the name that Git gives. Nil for what is no person or names another one too, and
    /// where a finding may take this person for another one: it then knows nobody.
    public func compared(in disclosure: Disclosure) -> (id: String, name: String?)? {
        guard Self.members.contains(disclosure.name), let person = disclosure.value?.object,
            let id = person["id"]?.string, has(id)
        else { return nil }
        let (known, name) = (
            persons.name(of: id).lowercased(), person["name"]?.string?.lowercased()
        )
        if otherNames.contains(known) || name.map(otherLogins.contains) ?? false { return nil }
        return (known, name)
    }

    /// Whether a private text speaks of this person. Who another one is is no text.
    public func isMentioned(in disclosure: Disclosure) -> Bool {
        !Self.members.contains(disclosure.name) && disclosure.value.map(isMentioned(in:)) ?? false
    }

    public func isMentioned(in value: JSON) -> Bool {
        switch value {
        case .string(let text): search.finds(in: Array(text.utf8))
        case .array(let values): values.contains(where: isMentioned(in:))
        case .object(let object): object.members.contains { isMentioned(in: $0.value) }
        default: false
        }
    }

    public func isMentioned(in bytes: [UInt8]) -> Bool {
        search.finds(in: bytes)
    }

    /// The paths of the public members that name this person.
    public func publicMentions(in event: JSONObject) -> [String] {
        event.members.flatMap { member -> [String] in
            guard let inner = member.value.object else {
                return isMentioned(in: member.value) ? [member.name] : []
            }
            return publicMentions(in: inner).map { "\(member.name).\($0)" }
        }
    }

    private func has(_ id: String) -> Bool {
        comparableIDs.contains(PersonNames.comparable(id))
    }
}
