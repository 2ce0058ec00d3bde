import LedgerCore
import LedgerCrypto
import LedgerReport

// Answers.swift
//
// The JSON of a server's small answers, written and read here, side by side. Rows, stories and
// entries are those of the reports (QueryRow, ChangeStory, EntryReport).
//
//    head       {"hash":"…","index":1234,"v":1}; index -1 without a hash for an empty ledger
//    receipt    {"hash":"…","index":1234,"repeated":false,"time":"…"}
//    target     {"entries":12,"environment":"prod","last_recorded":"…","service":"orders",…}
//    change     {"id":"42","name":"V42__add_index","service":"orders","strategy":"reversible"}
//    merge      {"commit":"…","service":"orders"}
//
// Lists stand in {"rows":[…],"v":1}.

/// Records in a list: `{"rows":[…],"v":1}`.
public struct Rows<Row: Record>: Answer {
    public let rows: [Row]

    init(_ rows: [Row]) {
        self.rows = rows
    }

    public var json: JSONObject {
        JSONObject(["rows": .array(rows.map { .object($0.json) }), "v": 1])
    }

    public init?(json: JSONObject) {
        guard let items = json["rows"]?.array else { return nil }
        rows = items.compactMap { $0.object.flatMap(Row.init(json:)) }
        if rows.count != items.count { return nil }
    }
}

/// A value that a server answers with and a client reads.
public protocol Answer: Sendable {
    var json: JSONObject { get }
    /// Nil unless it is the JSON of such a value.
    init?(json: JSONObject)
}

extension Head: Answer {
    public var json: JSONObject {
        JSONObject([
            "hash": index < 0 ? nil : .string(hash.hex), "index": .integer(index), "v": 1,
        ])
    }

    public init?(json: JSONObject) {
        guard let index = json["index"]?.integer else { return nil }
        guard index >= 0 else {
            self = .empty
            return
        }
        guard let hash = (json["hash"]?.string).flatMap({ Digest(hex: $0.utf8) }) else {
            return nil
        }
        self.init(index: index, hash: hash)
    }
}

extension Receipt: Answer {
    public var json: JSONObject {
        JSONObject([
            "hash": .string(hash.hex), "index": .integer(index), "repeated": .bool(isRepeat),
            "time": .string(time.utc), "uncompared": isUncompared ? true : nil,
        ])
    }

    public init?(json: JSONObject) {
        guard let index = json["index"]?.integer,
            let hash = (json["hash"]?.string).flatMap({ Digest(hex: $0.utf8) }),
            let time = (json["time"]?.string).flatMap(Timestamp.init(rfc3339:))
        else { return nil }
        self.init(
            index: index, hash: hash, time: time, isRepeat: json["repeated"]?.bool ?? false,
            isUncompared: json["uncompared"]?.bool ?? false)
    }
}

extension KnownTarget: Answer {
    public var json: JSONObject {
        target.json.merging(
            JSONObject([
                "entries": .integer(entryCount), "last_recorded": .string(lastRecorded.utc),
            ]))
    }

    public init?(json: JSONObject) {
        guard let count = json["entries"]?.integer,
            let last = (json["last_recorded"]?.string).flatMap(Timestamp.init(rfc3339:))
        else { return nil }
        self.init(target: Target(of: json), entryCount: count, lastRecorded: last)
    }
}

extension KnownChange: Answer {
    public var json: JSONObject {
        JSONObject([
            "id": .string(id), "name": name.map(JSON.string), "service": .string(service),
            "strategy": strategy.map(JSON.string),
        ])
    }

    public init?(json: JSONObject) {
        guard let service = json["service"]?.string, let id = json["id"]?.string else {
            return nil
        }
        self.init(
            service: service, id: id, name: json["name"]?.string,
            strategy: json["strategy"]?.string)
    }
}

extension LedgerSummary: Answer {
    public var json: JSONObject {
        var buffer: [UInt8] = []
        SummaryReport.definition.appendJSON(of: self, to: &buffer)
        return (try? JSONReader.read(buffer))?.object ?? JSONObject()
    }

    public init?(json: JSONObject) {
        guard let log = json["log"]?.string, let entries = json["entries"]?.integer,
            let streams = json["streams"]?.integer, let bytes = json["bytes"]?.integer,
            let attachments = json["attachments"]?.integer,
            let attachmentBytes = json["attachment_bytes"]?.integer
        else { return nil }
        let hash = (json["head"]?.string).flatMap { Digest(hex: $0.utf8) }
        func time(_ name: String) -> Timestamp? {
            (json[name]?.string).flatMap(Timestamp.init(rfc3339:))
        }
        self.init(
            log: log, head: hash.map { Head(index: entries - 1, hash: $0) } ?? .empty,
            streamCount: streams, firstRecorded: time("first_recorded"),
            lastRecorded: time("last_recorded"), byteCount: bytes, attachmentCount: attachments,
            attachmentByteCount: attachmentBytes)
    }
}

/// An entry's bytes: `GET /v1/entries/1234?stored=true`, for those who check them.
///
///    {"archived_by":99,"body":"{…}","corrected_by":15,"disclosures":["[…]",…],"erasures":[…],
///     "hash":"…","hidden":["error"],"index":12,"leaf":"{…}","v":1}
///
/// `leaf`, `body` and `disclosures` are the stored bytes as text: to hash as they are.
extension SeenEntry: Answer {
    public var json: JSONObject {
        func text(_ bytes: [UInt8]) -> JSON { .string(String(decoding: bytes, as: UTF8.self)) }
        return JSONObject([
            "archived_by": stored.archivedBy.map(JSON.integer), "body": stored.body.map(text),
            "corrected_by": correctedBy.map(JSON.integer),
            "disclosures": .array(stored.disclosures.map { text($0.bytes) }),
            "erasures": erasures.isEmpty
                ? nil : .array(erasures.map { .object($0.json) }),
            "hash": .string(stored.hash.hex),
            "hidden": hidden.isEmpty ? nil : .array(hidden.map(JSON.string)),
            "index": .integer(stored.index), "leaf": text(stored.leaf), "v": 1,
        ])
    }

    public init?(json: JSONObject) {
        guard let index = json["index"]?.integer, let leaf = json["leaf"]?.string,
            let hash = (json["hash"]?.string).flatMap({ Digest(hex: $0.utf8) }),
            let texts = json["disclosures"]?.array
        else { return nil }
        let disclosures = texts.compactMap {
            ($0.string).flatMap { Disclosure(stored: Array($0.utf8)) }
        }
        guard disclosures.count == texts.count else { return nil }
        self.init(
            StoredEntry(
                index: index, leaf: Array(leaf.utf8), hash: hash,
                body: (json["body"]?.string).map { Array($0.utf8) }, disclosures: disclosures,
                archivedBy: json["archived_by"]?.integer),
            correctedBy: json["corrected_by"]?.integer,
            hidden: json["hidden"]?.array?.compactMap(\.string) ?? [],
            erasures: (json["erasures"]?.array ?? []).compactMap {
                $0.object.flatMap(ErasedMember.init(json:))
            })
    }
}
