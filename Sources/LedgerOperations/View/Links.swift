import LedgerCore
import LedgerCorrelation
import LedgerStore

extension LocalView {
    /// The links between changes of a service.
    func links(of service: String) throws(LedgerError) -> ServiceLinks? {
        let changes = try reader.changesByService([service], asOf: .now)
        return try reader.links(among: changes, asOf: .now)[ExactText(service)]
    }

    /// The ids that a change has besides this one.
    func otherIDs(of change: KnownChange) throws(LedgerError) -> [String] {
        try links(of: change.service)?.otherNames(of: change.id) ?? []
    }

    /// The names of persons, as far as the role may see them.
    func persons(as role: Role? = nil) throws(LedgerError) -> PersonNames {
        let role = role ?? self.role
        var rows: [HistoryRow] = []
        try reader.forEachFact([.correlation, .redaction], of: [], asOf: .now) {
            rows.append(role.seen($0))
        }
        return PersonNames(rows)
    }
}

extension SQLiteEntryReader {
    func changesByService(
        _ services: [String], asOf: AsOf
    ) throws(LedgerError) -> [ExactText: [ServiceChange]] {
        Dictionary(grouping: try serviceChanges(of: services, asOf: asOf)) {
            ExactText($0.service)
        }
    }

    /// The links between changes, by service.
    func links(
        among changes: [ExactText: [ServiceChange]], asOf: AsOf
    ) throws(LedgerError) -> [ExactText: ServiceLinks] {
        let words = try linkWords(asOf: asOf)
        var links: [ExactText: ServiceLinks] = [:]
        for (service, changes) in changes {
            let candidates = ServiceLinks.candidates(among: changes).map(\.id)
            var matches = try scriptMatches(of: candidates, in: service.text, asOf: asOf)
            let known = Set(matches.map { ExactText($0.change) })
            matches += try squashMatches(
                of: try goneTogether(changes.filter { !known.contains(ExactText($0.id)) }),
                in: service.text, asOf: asOf)
            if matches.isEmpty, words.isEmpty { continue }
            links[service] = ServiceLinks(
                of: service.text, changes: changes, matches: matches, words: words)
        }
        return links
    }

    /// Changes whose scripts went with one commit, two or more of each.
    private func goneTogether(
        _ changes: [ServiceChange]
    ) throws(LedgerError) -> [[String]] {
        var groups: [ExactText: [String]] = [:]
        for change in ServiceLinks.gone(among: changes) {
            guard let merge = change.merge,
                let commit = try row(at: merge.last)?.string("git", "commit")
            else { continue }
            groups[ExactText(commit), default: []].append(change.id)
        }
        return groups.sorted { $0.key < $1.key }.map(\.value).filter { $0.count > 1 }
    }

    /// What was said of two things that are one, or are not, in order.
    func linkWords(asOf: AsOf) throws(LedgerError) -> [LinkWord] {
        var words: [LinkWord] = []
        try forEachFact([.correlation], of: [], asOf: asOf) { row in
            if let word = LinkWord(row) { words.append(word) }
        }
        return words
    }
}
