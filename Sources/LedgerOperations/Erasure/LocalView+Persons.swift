import LedgerCore
import LedgerCorrelation
import LedgerCrypto

extension LocalView {
    /// - Throws: `notAllowed` unless the role sees everything, `notFound` if nothing is known of the
    ///   person.
    public func traces(of asked: String) throws(LedgerError) -> PersonTraces {
        let traces = try walk(try person(asked)) { _ in }
        guard traces.traces.isEmpty else { return traces }
        var known: [String] = []
        if let first = asked.split(separator: "@").first, first.count < asked.utf8.count {
            known.append(String(first))
        }
        throw LedgerError(
            .notFound, "nothing in the ledger names \(VisibleName.of(asked))",
            advice: known.isEmpty
                ? nil : "it may go by another name, such as \(VisibleName.of(known[0]))")
    }

    func person(_ asked: String) throws(LedgerError) -> KnownPerson {
        guard role.seesEverything else {
            throw LedgerError(
                .notAllowed,
                "what is known of a person needs the role auditor or admin, and this is \(role)")
        }
        if !asked.utf8.contains(where: { $0 > 0x20 }) {
            throw LedgerError(.usage, "it is not said of whom")
        }
        var book = KnownPerson.Book(try persons())
        try reader.forEachEntry(in: 0..<head().index + 1, isReversed: false) { entry in
            book.add(entry)
            return true
        }
        return KnownPerson(asked, in: book)
    }

    /// Finds the traces of a person; `body` is given each entry that has some.
    func walk(
        _ person: KnownPerson, _ body: (TracedEntry) throws -> Void
    ) throws(LedgerError) -> PersonTraces {
        var traces = PersonTraces()
        traces.ids = person.ids
        traces.names = person.names
        traces.alike = person.alike
        let holds = try holds()
        var scripts: [Digest: Bool] = [:]
        try reader.forEachEntry(in: 0..<head().index + 1, isReversed: false) { entry in
            guard let event = entry.body.flatMap({ StoredBody($0) })?.event else { return true }
            var traced = TracedEntry(entry: entry, event: event)
            for disclosure in entry.disclosures {
                if person.owns(disclosure) {
                    traced.values.append(disclosure.name)
                } else if person.isMentioned(in: disclosure) {
                    traced.mentions.append(disclosure.name)
                }
            }
            let attachments = entry.attachments
            let erased =
                attachments.isEmpty ? [] : try reader.erasures(of: entry.index).map(\.name)
            for (member, digest) in attachments
            where !traced.mentions.contains(member) && !erased.contains(member) {
                if scripts[digest] == nil {
                    let bytes = try reader.attachment(digest)
                    scripts[digest] = bytes.map(person.isMentioned(in:)) ?? false
                }
                guard scripts[digest] ?? false else { continue }
                traced.mentions.append(member)
                traced.attachments.append((member, digest))
            }
            traced.publicMembers = person.publicMentions(in: event)
            if !traced.isEmpty {
                traces.traces += traced.traces(held: holds.hold(on: entry)?.matter)
                try body(traced)
            }
            if let copy = traced.copy { traces.copies.append(copy) }
            return true
        }
        return traces
    }

    /// The holds that stand.
    public func holds() throws(LedgerError) -> Holds {
        var entries: [StoredEntry] = []
        try reader.forEachFact([.hold], of: [], asOf: .now) { row in
            if let entry = try reader.entry(at: row.index) { entries.append(entry) }
        }
        return Holds(entries, persons: try persons(as: .admin))
    }
}

/// An entry that knows of a person.
struct TracedEntry {
    let entry: StoredEntry
    let event: JSONObject
    var values: [String] = []
    var mentions: [String] = []
    var publicMembers: [String] = []
    /// Those of the mentions that are bytes.
    var attachments: [(member: String, digest: Digest)] = []

    var isEmpty: Bool { values.isEmpty && mentions.isEmpty && publicMembers.isEmpty }

    /// `deployment orders/prod 42`.
    var what: String {
        let target = EventSchema.targetMembers.compactMap { event[$0]?.string }
            .joined(separator: "/")
        let change = event[["change", "name"]]?.string ?? event[["change", "id"]]?.string
        return [event["type"]?.string, target.isEmpty ? nil : target, change]
            .compactMap(\.self).joined(separator: " ")
    }

    func traces(held: String?) -> [PersonTraces.Trace] {
        func traces(
            _ kind: PersonTraces.Kind, _ members: [String]
        ) -> [PersonTraces.Trace] {
            members.map {
                .init(index: entry.index, kind: kind, member: $0, what: what, held: held)
            }
        }
        return traces(.value, values) + traces(.mention, mentions)
            + traces(.public, publicMembers)
    }

    var copy: PersonTraces.Copy? {
        let type = event["type"]?.string ?? ""
        switch type {
        case EventType.export.rawValue:
            return .init(
                index: entry.index, type: type, what: event[["export", "report"]]?.string ?? "")
        case EventType.archive.rawValue:
            let first = event[["archive", "first"]]?.integer ?? 0
            let last = event[["archive", "last"]]?.integer ?? 0
            return .init(index: entry.index, type: type, what: "entries #\(first) to #\(last)")
        default: return nil
        }
    }
}
