import LedgerCore

/// Reads members of a request's body.
struct MemberReader {
    private let object: JSONObject
    private let place: String

    init(_ object: JSONObject, _ place: String) {
        self.object = object
        self.place = place
    }

    func check(_ known: [String]) throws(LedgerError) {
        for member in object.members where !known.contains(member.name) {
            throw LedgerError(
                .usage, "there is no member \(place)\(VisibleName.of(member.name))",
                advice: Suggestion.advice(for: member.name, among: known))
        }
    }

    func text(_ name: String) throws(LedgerError) -> String? {
        guard let value = object[name] else { return nil }
        guard let text = value.string, !text.isEmpty else {
            throw LedgerError(.usage, "\(place)\(name) must be a string that is not empty")
        }
        return text
    }

    func needed(_ name: String) throws(LedgerError) -> String {
        guard let text = try text(name) else {
            throw LedgerError(.usage, "\(place)\(name) is missing")
        }
        return text
    }

    func truth(_ name: String) throws(LedgerError) -> Bool {
        guard let value = object[name] else { return false }
        guard let flag = value.bool else {
            throw LedgerError(.usage, "\(place)\(name) must be true or false")
        }
        return flag
    }

    func texts(_ name: String) throws(LedgerError) -> [String] {
        guard let value = object[name] else { return [] }
        let texts = value.array?.compactMap(\.string).filter { !$0.isEmpty } ?? []
        guard let array = value.array, texts.count == array.count else {
            throw LedgerError(
                .usage, "\(place)\(name) must be a list of strings that are not empty")
        }
        return texts
    }

    func indexes(_ name: String) throws(LedgerError) -> [Int64] {
        let array = object[name]?.array ?? []
        let numbers = array.compactMap(\.integer).filter { $0 >= 0 }
        guard object[name]?.array != nil, numbers.count == array.count else {
            throw LedgerError(.usage, "\(place)\(name) must be a list of indexes")
        }
        return numbers
    }
}
