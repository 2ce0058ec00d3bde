import LedgerCore

// ServiceLinks.swift
//
// Which changes of one service are one under several ids. The service and the id come first; where
// ids differ, the script can show it:
//
//    a change that is in no merge ran with the script of a merge     it is that merge's change
//    a change whose script left Git has the script of another one    it was renamed
//        (if the other one came when it went, and was not there before)
//    several that left Git together make up another one's script     they were squashed
//
// Nothing is inferred where the scripts of several changes fit, nor between two versions of a tool
// (42 and 43) unless the file was renamed: what the tool's own table says counts more than content.
// Somebody's word counts most, and the last word of all.

/// Under which ids the changes of a service are counted.
public struct ServiceLinks: Sendable {
    /// Those that are retracted too; sorted by the change's id.
    public let links: [Link]
    private var names: [ExactText: String] = [:]

    /// The changes that may be others by another name: only of these scripts are to be compared.
    public static func candidates(among changes: [ServiceChange]) -> [ServiceChange] {
        guard changes.contains(where: isMerged) else { return [] }
        return changes.filter {
            !isMerged($0) && !$0.isRepeatable
                && ($0.merge != nil || ChangeOrder.version(of: $0.id) == nil)
        }
    }

    /// Those whose scripts have left Git, in the order of changes: what went at once may have come
    /// back as one.
    public static func gone(among changes: [ServiceChange]) -> [ServiceChange] {
        let gone = changes.filter { $0.merge != nil && !isMerged($0) && !$0.isRepeatable }
        let items = gone.map { ChangeOrder.Item(id: $0.id, at: $0.merge?.firstAt ?? 0) }
        return ChangeOrder.sorted(items).map { gone[$0] }
    }

    /// Whether its script is in Git now: who deletes one brings no digest.
    private static func isMerged(_ change: ServiceChange) -> Bool { change.merge?.digest != nil }

    /// - Parameters:
    ///   - matches: of the candidates.
    ///   - words: what was said of changes of this service, in order.
    public init(
        of service: String, changes: [ServiceChange], matches: [ScriptMatch], words: [LinkWord]
    ) {
        let known = Dictionary(changes.map { (ExactText($0.id), $0) }) { first, _ in first }
        var said: [Pair: (word: LinkWord, change: String, same: String)] = [:]
        for word in words {
            guard case .changes(let place, let left, let right) = word.subject,
                place.hasSameBytes(as: service)
            else { continue }
            // What is in Git is what the other one is.
            let isTurned =
                known[ExactText(left)].map(Self.isMerged) ?? false
                && !(known[ExactText(right)].map(Self.isMerged) ?? false)
            said[Pair(left, right)] =
                isTurned ? (word, right, left) : (word, left, right)
        }
        var links: [ExactText: Link] = [:]
        let merged = matches.filter { match in
            guard let other = known[ExactText(match.merged)], Self.isMerged(other) else {
                return false
            }
            // A copy that was in Git beside it is another change.
            let gone = known[ExactText(match.change)]?.merge
            return gone.map { match.mergedAt >= $0.lastAt } ?? true
        }
        let byChange = Dictionary(grouping: merged) { ExactText($0.change) }
        for (id, matches) in byChange {
            guard let change = known[id],
                let match = Self.only(matches)
            else { continue }
            let retraction = said[Pair(change.id, match.merged)].flatMap {
                $0.word.isAsserted ? nil : $0.word.index
            }
            links[id] = Link(
                service: service, change: change.id, same: match.merged,
                reason: match.likeness.reason(isGone: change.merge != nil),
                confidence: match.likeness == .text ? .medium : .high,
                entries: match.entries.sorted(), retractedBy: retraction)
        }
        for (word, change, same) in said.values.sorted(by: { $0.word.index < $1.word.index })
        where word.isAsserted && known[ExactText(same)] != nil {
            // Two scripts that are in Git are two changes, whatever is said.
            if [change, same].allSatisfy({ known[ExactText($0)].map(Self.isMerged) ?? false }) {
                continue
            }
            links[ExactText(change)] = Link(
                service: service, change: change, same: same, reason: .asserted,
                confidence: .certain, entries: [word.index], retractedBy: nil)
        }
        self.links = links.sorted { $0.key < $1.key }.map(\.value)
        for link in self.links where link.retractedBy == nil {
            // Of several that would close a circle the last doesn't count.
            if name(of: link.same).hasSameBytes(as: link.change) { continue }
            names[ExactText(link.change)] = link.same
        }
    }

    public var isEmpty: Bool { names.isEmpty }

    /// The id under which a change is counted: its own, if it has no other one.
    public func name(of id: String) -> String {
        var name = id
        while let next = names[ExactText(name)] { name = next }
        return name
    }

    /// The other ids of the same change, sorted.
    public func otherNames(of id: String) -> [String] {
        let name = name(of: id)
        let aliases = names.keys.filter { self.name(of: $0.text).hasSameBytes(as: name) }
        return (aliases + [ExactText(name)]).sorted().map(\.text)
            .filter { !$0.hasSameBytes(as: id) }
    }

    /// Whether the change ran under this id with other bytes, though it is the same.
    public func hasOtherBytes(_ id: String) -> Bool {
        links.contains { link in
            link.change.hasSameBytes(as: id) && link.retractedBy == nil
                && (link.reason == .squashed || link.confidence == .medium)
        }
    }

    /// Each change once, with the ids that it has besides.
    public func joined(_ changes: [ServiceChange]) -> [ServiceChange] {
        if isEmpty { return changes }
        let groups = Dictionary(grouping: changes) { ExactText(name(of: $0.id)) }
        return groups.sorted { $0.key < $1.key }.compactMap { name, group in
            guard let main = group.first(where: { ExactText($0.id) == name }) else {
                return nil
            }
            let others = group.filter { ExactText($0.id) != name }
            return others.isEmpty ? main : main.joined(with: others)
        }
    }

    /// The likeness that counts most, if one change alone has it.
    private static func only(_ matches: [ScriptMatch]) -> ScriptMatch? {
        for likeness in [ScriptMatch.Likeness.script, .blob, .text, .parts] {
            let found = matches.filter { $0.likeness == likeness }
            guard let first = found.first else { continue }
            return found.allSatisfy { $0.merged.hasSameBytes(as: first.merged) } ? first : nil
        }
        return nil
    }

    private struct Pair: Hashable {
        let first: ExactText
        let second: ExactText

        init(_ left: String, _ right: String) {
            let ids = [ExactText(left), ExactText(right)].sorted()
            first = ids[0]
            second = ids[1]
        }
    }
}

extension ScriptMatch.Likeness {
    fileprivate func reason(isGone: Bool) -> Link.Reason {
        switch self {
        case .parts: .squashed
        case .script: isGone ? .renamed : .sameScript
        case .blob: isGone ? .renamed : .sameBlob
        case .text: isGone ? .renamed : .sameText
        }
    }
}

extension ServiceChange {
    fileprivate func joined(with others: [ServiceChange]) -> ServiceChange {
        let merges = ([self] + others).compactMap(\.merge)
        var change = ServiceChange(
            service: service, id: id, name: name,
            strategy: strategy ?? others.lazy.compactMap(\.strategy).first,
            isRepeatable: isRepeatable, merge: merge ?? merges.first)
        if let first = merges.map(\.firstAt).min() { change.merge?.firstAt = first }
        change.otherIDs = others.map { ExactText($0.id) }.sorted().map(\.text)
        return change
    }
}
