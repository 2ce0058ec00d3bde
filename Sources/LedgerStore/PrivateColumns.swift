import LedgerCore

// A row of `private` has a column for each of these names, in this order, and then `other`: the
// canonical JSON array of the remaining disclosures, sorted by name. `other` is NULL if there are
// none.

/// How disclosures lie in the columns of the table `private`.
enum PrivateColumns {
    static let names = EventSchema.privateNames + [EventSchema.principalName]

    static let list = (names + ["other"]).joined(separator: ", ")

    static func bind(_ disclosures: [Disclosure], index: Int64, to statement: RawStatement) {
        statement.bind(index, at: 1)
        for place in 0...names.count { statement.bind(nil as Int64?, at: Int32(place + 2)) }
        var other: [UInt8] = []
        for disclosure in disclosures {
            if let place = names.firstIndex(where: { $0.hasSameBytes(as: disclosure.name) }) {
                statement.bindText(disclosure.bytes, at: Int32(place + 2))
            } else {
                other.append(other.isEmpty ? UInt8(ascii: "[") : UInt8(ascii: ","))
                other += disclosure.bytes
            }
        }
        if !other.isEmpty {
            statement.bindText(other + [UInt8(ascii: "]")], at: Int32(names.count + 2))
        }
    }

    /// The disclosures in the columns from `first` on; what can't be read is left out, and
    /// `verify` reports it.
    static func disclosures(in statement: RawStatement, from first: Int32) -> [Disclosure] {
        var disclosures: [Disclosure] = []
        for place in 0..<Int32(names.count) {
            if let bytes = statement.bytes(first + place),
                let disclosure = Disclosure(stored: Array(bytes))
            {
                disclosures.append(disclosure)
            }
        }
        if let bytes = statement.bytes(first + Int32(names.count)),
            let others = (try? JSONReader.read(Array(bytes)))?.array
        {
            disclosures += others.compactMap { Disclosure(stored: CanonicalJSON.bytes($0)) }
        }
        return disclosures
    }
}
