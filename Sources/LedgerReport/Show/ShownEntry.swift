import LedgerCore

/// A stored entry taken apart, as far as its bytes can be read.
public struct ShownEntry {
    let entry: StoredEntry
    /// Nil if its bytes are no leaf.
    let leaf: Leaf?
    /// Nil if it is archived, or if its bytes are no body.
    let body: StoredBody?
    /// The private values that are still there.
    let privateMembers: JSONObject
    /// The names of those that are not.
    let erased: [String]
    /// The names of those that are not for the reader to see.
    let hidden: [String]
    /// What redactions have erased, attachments among it.
    let erasures: [ErasedMember]

    public init(
        _ entry: StoredEntry, hidden: [String] = [], erasures: [ErasedMember] = []
    ) {
        self.erasures = erasures
        self.entry = entry
        leaf = Leaf(entry.leaf)
        body = entry.body.flatMap { StoredBody($0) }
        var values = JSONObject()
        for disclosure in entry.disclosures { values[disclosure.name] = disclosure.value }
        privateMembers = values
        self.hidden = hidden
        erased = (body?.privateDigests.members.map(\.name) ?? []).filter { name in
            values[name] == nil && !hidden.contains { $0.hasSameBytes(as: name) }
        }
    }

    /// The entry alone as a row: what it says itself, without corrections.
    var row: HistoryRow? {
        guard let leaf, let body else { return nil }
        let recorded = Timestamp(milliseconds: leaf.time)
        let time = body.event["time"]?.string.flatMap(Timestamp.init(rfc3339:))
        return HistoryRow(
            index: entry.index, firstIndex: nil, hash: entry.hash, recorded: recorded,
            at: time ?? recorded, isTimeKnown: time != nil, members: body.event,
            privateMembers: privateMembers, principal: body.principal, correctedBy: nil,
            strategy: body.event[["rollback", "strategy"]]?.string)
    }

    func erasure(of member: String) -> ErasedMember? {
        erasures.first { $0.name.hasSameBytes(as: member) }
    }

    struct ShownAttachment {
        let name: String
        let digest: String
        let size: Int64?
        let mediaType: String?
        /// Scripts can be named by digest alone.
        let isStored: Bool
        let erased: ErasedMember?
    }

    var attachments: [ShownAttachment] {
        var found: [ShownAttachment] = []
        func add(_ name: String, _ object: JSONObject?, _ digest: String, _ size: String) {
            guard let object, let text = object[digest]?.string else { return }
            let bytes = object[size]?.integer
            let erased = erasure(of: EventSchema.attachmentPrefix + name)
            found.append(
                ShownAttachment(
                    name: name, digest: text, size: bytes,
                    mediaType: object["media_type"]?.string, isStored: bytes != nil,
                    erased: erased))
        }
        add(Attachment.script, body?.event["change"]?.object, "digest", "size")
        let rollback = body?.event["rollback"]?.object
        add(Attachment.rollbackScript, rollback, "script_digest", "script_size")
        let prefix = EventSchema.attachmentPrefix
        for member in privateMembers.members where member.name.utf8.starts(with: prefix.utf8) {
            let name = String(member.name.dropFirst(prefix.count))
            add(name, member.value.object, "digest", "size")
        }
        return found
    }
}
