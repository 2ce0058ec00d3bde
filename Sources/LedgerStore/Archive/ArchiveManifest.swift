import LedgerCore
import LedgerCrypto

// ArchiveManifest.swift
//
// An archive is a folder of four files. archive.json is the RFC 8785 form of
//
//    {"attachments":{"digest":"sha256:…","lines":3},"before":"2026-01-01T00:00:00.000Z",
//     "carried":{…},"entries":{…},"first":0,"head":{"hash":"…","index":1299},"last":1233,
//     "log":"ledger.example.com/changes","v":1}
//
// and a line feed; each digest is the SHA-256 of a whole file, the head that of the ledger when it
// was written. The others have one JSON object to a line, each the RFC 8785 form too:
//
//    entries.ndjson      {"body":"{…}","disclosures":["[…]",…],"index":12}
//    carried.ndjson      {"carried":{…},"index":12}
//    attachments.ndjson  {"bytes":"<base64>","digest":"sha256:…"}
//
// `body` and `disclosures` are the stored bytes as text, to hash as they are; `carried` is what the
// ledger keeps of the body (Remainder.swift). Entries stand by index, from `first` to `last`; what is
// not there stays in the ledger. Attachments are those that these entries name, by digest.
//
// An archive is valid beside its ledger if and only if
//    (1) the ledger has an entry of type archive whose `archive.digest` is the SHA-256 of
//        archive.json, with its `first`, `last`, number of entries and the digest of carried.ndjson,
//    (2) the files have the digests that archive.json names,
//    (3) each body's SHA-256 is the `body` of the leaf at its index, and each disclosure's digest is
//        in its body, and
//    (4) each attachment's SHA-256 is its digest.

/// What archive.json says.
public struct ArchiveManifest: Sendable {
    static let name = "archive.json"
    static let entriesName = "entries.ndjson"
    static let carriedName = "carried.ndjson"
    static let attachmentsName = "attachments.ndjson"

    public let log: String
    /// Of the ledger when the archive was written.
    public let head: Head
    public let before: Timestamp
    public let first: Int64
    public let last: Int64
    public let entries: LineCount
    public let carried: LineCount
    public let attachments: LineCount

    var bytes: [UInt8] {
        func file(_ count: LineCount) -> JSON {
            ["digest": .string("sha256:" + count.digest.hex), "lines": .integer(count.lines)]
        }
        return CanonicalJSON.bytes([
            "attachments": file(attachments), "before": .string(before.utc),
            "carried": file(carried), "entries": file(entries), "first": .integer(first),
            "head": ["hash": .string(head.hash.hex), "index": .integer(head.index)],
            "last": .integer(last), "log": .string(log), "v": 1,
        ]) + [0x0A]
    }

    /// SHA-256 of archive.json.
    public var digest: Digest { SHA256.hash(bytes) }

    /// The member `archive` of the entry that names it.
    public var member: JSONObject {
        JSONObject([
            "carried": .string("sha256:" + carried.digest.hex),
            "digest": .string("sha256:" + digest.hex), "entries": .integer(entries.lines),
            "first": .integer(first), "last": .integer(last),
        ])
    }

    static func read(_ folder: String) throws -> ArchiveManifest {
        var lines: [[UInt8]] = []
        let path = "\(folder)/\(name)"
        do {
            try LineFile.read(path) { lines.append(Array($0)) }
        } catch let error as LedgerError where error.code == .notFound {
            throw LedgerError(
                .notFound, "\(folder) is no archive: it has no \(name)",
                advice: "name the folder that ledger archive --out made")
        }
        guard let line = lines.first, let object = (try? JSONReader.read(line))?.object,
            let manifest = ArchiveManifest(object), manifest.bytes == line + [0x0A]
        else {
            throw LedgerError(.damaged, "\(path) is damaged: it is not what an archive has there")
        }
        return manifest
    }

    private init?(_ object: JSONObject) {
        func file(_ name: String) -> LineCount? {
            guard let text = object[[name, "digest"]]?.string,
                let digest = Digest(hex: Array(text.utf8.dropFirst("sha256:".utf8.count))),
                let lines = object[[name, "lines"]]?.integer
            else { return nil }
            return LineCount(lines: lines, digest: digest)
        }
        guard let log = object["log"]?.string, let first = object["first"]?.integer,
            let last = object["last"]?.integer,
            let before = object["before"]?.string.flatMap(Timestamp.init(rfc3339:)),
            let index = object[["head", "index"]]?.integer,
            let hash = object[["head", "hash"]]?.string.flatMap({ Digest(hex: $0.utf8) }),
            let entries = file("entries"), let carried = file("carried"),
            let attachments = file("attachments")
        else { return nil }
        self.init(
            log: log, head: Head(index: index, hash: hash), before: before, first: first,
            last: last, entries: entries, carried: carried, attachments: attachments)
    }

    init(
        log: String, head: Head, before: Timestamp, first: Int64, last: Int64, entries: LineCount,
        carried: LineCount, attachments: LineCount
    ) {
        self.log = log
        self.head = head
        self.before = before
        self.first = first
        self.last = last
        self.entries = entries
        self.carried = carried
        self.attachments = attachments
    }
}
