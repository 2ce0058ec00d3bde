import LedgerCore

/// At which of several targets a run stopped, as far as its output names them: the last one that is
/// named is the one at which it was.
struct ToolStop {
    /// In which the targets are to be looked at: the one at which it stopped first, as what is found
    /// there says what the others mean.
    let order: [Int]
    private let hasFailed: Bool
    private let places: [String.Index?]
    private var isFound = false

    init(_ tools: [ToolRun], hasFailed: Bool, _ output: String) {
        self.hasFailed = hasFailed
        let names = tools.map { $0.place.map(Self.names) ?? [] }
        // What several go by tells nothing.
        let counts = Dictionary(names.joined().map { ($0, 1) }, uniquingKeysWith: +)
        let places = names.map { names in
            Self.lastPlace(of: names.filter { counts[$0] == 1 }, in: output)
        }
        var last: Int?
        for (index, place) in places.enumerated() {
            guard let place else { continue }
            if last.flatMap({ places[$0] }).map({ $0 < place }) ?? true { last = index }
        }
        self.places = places
        order = [last].compactMap(\.self) + tools.indices.filter { $0 != last }
    }

    func failure(at place: Int) -> ToolRun.Failure {
        if !hasFailed { return .none }
        if places.count == 1 { return .here }
        guard places[place] != nil else { return isFound ? .notReached : .perhaps }
        return place == order[0] ? .here : .perhaps
    }

    /// Takes in what was found at the first target of `order`.
    mutating func note(_ outcomes: [ToolRun.Outcome], at place: Int) {
        guard place == order.first, places[place] != nil else { return }
        isFound = outcomes.contains { $0.status != .succeeded }
    }

    /// What a target goes by in an output.
    private static func names(_ place: TargetDatabase) -> Set<String> {
        var connection = RecognizedCommand()
        connection.connect(to: place.database)
        let target = place.target
        let names = [target.tenant, connection.database, target.cluster, target.region]
        return Set(names.compactMap(\.self).filter { $0.utf8.count > 1 })
    }

    private static func lastPlace(
        of names: Set<String>, in output: String
    ) -> String.Index? {
        var found: String.Index?
        for name in names {
            var rest = output[...]
            while let place = rest.range(ofText: name) {
                let isWord =
                    !(output[..<place.lowerBound].last?.isPartOfName ?? false)
                    && !(output[place.upperBound...].first?.isPartOfName ?? false)
                if isWord, found.map({ $0 < place.lowerBound }) ?? true {
                    found = place.lowerBound
                }
                rest = output[place.upperBound...]
            }
        }
        return found
    }
}

extension Character {
    fileprivate var isPartOfName: Bool { isLetter || isNumber || self == "_" }
}
