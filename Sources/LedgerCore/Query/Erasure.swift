import LedgerCrypto

/// A private member, or an attachment, that a redaction has erased.
public struct ErasedMember: Sendable, Equatable {
    public let name: String
    /// The entry by which it was erased.
    public let by: Int64
    public let at: Timestamp

    public init(name: String, by: Int64, at: Timestamp) {
        self.name = name
        self.by = by
        self.at = at
    }
}

/// A private member of an entry, or an attachment, whose bytes the event itself may name.
public struct MemberReference: Sendable, Hashable {
    public let index: Int64
    /// `actor`, `attachment:NAME` …
    public let member: String

    public init(index: Int64, member: String) {
        self.index = index
        self.member = member
    }
}

extension StoredEntry {
    /// The attachments whose bytes the entry says it has, by `attachment:NAME`.
    public var attachments: [(member: String, digest: Digest)] {
        var found: [(member: String, digest: Digest)] = []
        func add(_ member: String, _ object: JSONObject?, _ digest: String, _ size: String) {
            guard let object, object[size] != nil, let text = object[digest]?.string,
                let digest = Digest(hex: text.utf8.dropFirst("sha256:".utf8.count))
            else { return }
            found.append((member, digest))
        }
        let prefix = EventSchema.attachmentPrefix
        if let event = body.flatMap({ StoredBody($0) })?.event {
            add(prefix + Attachment.script, event["change"]?.object, "digest", "size")
            add(
                prefix + Attachment.rollbackScript, event["rollback"]?.object, "script_digest",
                "script_size")
        }
        for disclosure in disclosures where disclosure.name.utf8.starts(with: prefix.utf8) {
            add(disclosure.name, disclosure.value?.object, "digest", "size")
        }
        return found
    }
}
