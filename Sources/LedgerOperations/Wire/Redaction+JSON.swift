import LedgerCore

/// `{"entries":2,"kept":[{"digest":"sha256:…","references":[{"entry":3,"member":"attachment:x"}]}],
/// "leftover":"…","receipts":[…],"v":1,"values":3}`; `leftover` says why old pages still hold what
/// was erased, and is absent if they don't.
extension Redaction: Answer {
    public var json: JSONObject {
        JSONObject([
            "entries": .integer(Int64(entryCount)),
            "kept": kept.isEmpty ? nil : .array(kept.map { .object($0.json) }),
            "leftover": leftover.map { .string($0.message) },
            "receipts": .array(receipts.map { .object($0.json) }), "v": 1,
            "values": .integer(Int64(memberCount)),
        ])
    }

    public init?(json: JSONObject) {
        guard let receipts = json["receipts"]?.array, let entries = json["entries"]?.integer,
            let values = json["values"]?.integer
        else { return nil }
        self.init()
        self.receipts = receipts.compactMap { $0.object.flatMap(Receipt.init(json:)) }
        entryCount = Int(entries)
        memberCount = Int(values)
        kept = (json["kept"]?.array ?? []).compactMap { $0.object.flatMap(KeptBytes.init(json:)) }
        leftover = json["leftover"]?.string.map { LedgerError(.busy, $0) }
        guard self.receipts.count == receipts.count else { return nil }
    }
}

extension Redaction.KeptBytes {
    fileprivate var json: JSONObject {
        JSONObject([
            "digest": .string(digest),
            "references": .array(
                references.map { ["entry": .integer($0.index), "member": .string($0.member)] }),
        ])
    }

    fileprivate init?(json: JSONObject) {
        guard let digest = json["digest"]?.string else { return nil }
        self.init(
            digest: digest,
            references: (json["references"]?.array ?? []).compactMap(\.object).compactMap {
                guard let entry = $0["entry"]?.integer, let member = $0["member"]?.string else {
                    return nil
                }
                return AttachmentReference(index: entry, member: member)
            })
    }
}
