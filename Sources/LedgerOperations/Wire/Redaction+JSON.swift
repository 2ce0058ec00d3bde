import LedgerCore

///    {"entries":2,"kept":[{"digest":"sha256:…","references":[{"entry":3,"member":"attachment:x"}]}],
///     "leftover":"…","receipts":[…],"siblings":[{"entry":4,"member":"actor"}],"v":1,"values":3}
///
/// `leftover` says why old pages still hold what was erased, and is absent if they don't.
extension Redaction: Answer {
    public var json: JSONObject {
        JSONObject([
            "entries": .integer(Int64(entryCount)),
            "kept": kept.isEmpty ? nil : .array(kept.map { .object($0.json) }),
            "leftover": leftover.map { .string($0.message) },
            "receipts": .array(receipts.map { .object($0.json) }),
            "siblings": siblings.isEmpty ? nil : .array(siblings.map { .object($0.json) }), "v": 1,
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
        siblings = (json["siblings"]?.array ?? []).compactMap {
            $0.object.flatMap(MemberReference.init(json:))
        }
        leftover = json["leftover"]?.string.map { LedgerError(.busy, $0) }
        guard self.receipts.count == receipts.count else { return nil }
    }
}

extension Redaction.KeptBytes {
    fileprivate var json: JSONObject {
        JSONObject([
            "digest": .string(digest),
            "references": .array(references.map { .object($0.json) }),
        ])
    }

    fileprivate init?(json: JSONObject) {
        guard let digest = json["digest"]?.string else { return nil }
        self.init(
            digest: digest,
            references: (json["references"]?.array ?? []).compactMap {
                $0.object.flatMap(MemberReference.init(json:))
            })
    }
}

extension MemberReference {
    fileprivate var json: JSONObject {
        JSONObject(["entry": .integer(index), "member": .string(member)])
    }

    fileprivate init?(json: JSONObject) {
        guard let entry = json["entry"]?.integer, let member = json["member"]?.string else {
            return nil
        }
        self.init(index: entry, member: member)
    }
}
