import LedgerCore
import LedgerCorrelation
import LedgerCrypto

/// Everything that a ledger knows of one person, and nothing that it knows of others in private.
///
///    {"entries":[{"attachments":{"attachment:script":"sha256:…"},"event":{…},"hash":"…",
///     "index":3,"mentions":["message"],"private":{"actor":{…},"message":"…"},
///     "public":["git.ref"],"recorded":"…","values":["actor"],"what":"merge orders 42"}],
///     "head":{"hash":"…","index":41},"ids":[…],"log":"…","names":[…],"v":1}
///
/// Of an entry, `event` are its public members; `values`, `mentions` and `public` name the members
/// that say who the person is, that name it in a text, and that name it in public.
public struct Subject: Answer {
    public let json: JSONObject

    public init?(json: JSONObject) {
        guard json["entries"]?.array != nil, json["ids"]?.array != nil else { return nil }
        self.json = json
    }

    init(_ traces: PersonTraces, _ entries: [JSONObject], log: String, head: Head) {
        json = JSONObject([
            "entries": .array(entries.map(JSON.object)),
            "head": ["hash": .string(head.hash.hex), "index": .integer(head.index)],
            "ids": .array(traces.ids.map(JSON.string)), "log": .string(log),
            "names": .array(traces.names.map(JSON.string)), "v": 1,
        ])
    }

    public var entries: [JSONObject] { (json["entries"]?.array ?? []).compactMap(\.object) }

    /// Of the attachments that name the person, each once.
    var digests: [Digest] {
        let texts = entries.flatMap { $0["attachments"]?.object?.members ?? [] }
            .compactMap(\.value.string)
        return Set(texts).sorted().compactMap { Digest(hex: $0.utf8.dropFirst(7)) }
    }
}

extension LocalView {
    public func subject(_ asked: String) throws(LedgerError) -> Subject {
        var entries: [JSONObject] = []
        let traces = try walk(try person(asked)) { entries.append($0.subject) }
        guard !entries.isEmpty else {
            throw LedgerError(
                .notFound, "nothing in the ledger names \(VisibleName.of(asked))")
        }
        return Subject(traces, entries, log: reader.log, head: try head())
    }
}

extension TracedEntry {
    fileprivate var subject: JSONObject {
        var values = JSONObject()
        let seen = self.values + mentions
        for disclosure in entry.disclosures
        where seen.contains(where: { $0.hasSameBytes(as: disclosure.name) }) {
            values[disclosure.name] = disclosure.value
        }
        var digests = JSONObject()
        for (member, digest) in attachments {
            digests[member] = .string(Attachment.text(of: digest))
        }
        func list(_ names: [String]) -> JSON? {
            names.isEmpty ? nil : .array(names.map(JSON.string))
        }
        return JSONObject([
            "attachments": digests.isEmpty ? nil : .object(digests), "event": .object(event),
            "hash": .string(entry.hash.hex), "index": .integer(entry.index),
            "mentions": list(mentions), "private": values.isEmpty ? nil : .object(values),
            "public": list(publicMembers),
            "recorded": Leaf(entry.leaf).map {
                .string(Timestamp(milliseconds: $0.time).utc)
            }, "values": list(self.values), "what": .string(what),
        ])
    }
}
