import LedgerCrypto

/// Takes an event in: every member known and well formed, times in UTC, people as objects, URLs
/// without secrets, private members set apart, attachments decoded.
///
/// Input is the object of DESIGN "The event" with private members among the public ones, and
/// `attachments`: an object of `{"text": …}` or `{"base64": …}`, each with an optional
/// `media_type`, by name. The attachment `script` is the change's script: `change.digest` is
/// computed from it, and must agree if it is given.
public enum EventReader {
    /// Reads one event from JSON.
    ///
    /// - Throws: `LedgerError` `invalidEvent` that names the member, or the byte of bad JSON.
    public static func read(_ bytes: [UInt8]) throws(LedgerError) -> Event {
        let value: JSON
        do throws(JSONError) {
            value = try JSONReader.read(bytes)
        } catch {
            throw LedgerError(
                .invalidEvent, "not valid JSON: \(error.reason), at its byte \(error.offset)")
        }
        return try event(from: value)
    }

    public static func event(from value: JSON) throws(LedgerError) -> Event {
        guard case .object(let object) = value else {
            throw LedgerError(
                .invalidEvent, "an event must be an object, and this is \(value.kindName)")
        }
        return try event(from: object)
    }

    /// Makes an event of members as they are taken in. `mayBeOwn` lets through the types that only
    /// the ledger itself records.
    public static func event(
        from object: JSONObject, attachments given: [Attachment] = [], mayBeOwn: Bool = false
    ) throws(LedgerError) -> Event {
        var object = object
        var attachments = given
        if let inline = object["attachments"] {
            attachments += try AttachmentReader.attachments(from: inline)
            object["attachments"] = nil
        }
        let split = try split(object)
        var event = Event(
            members: split.members, privateMembers: split.privateMembers, attachments: [])
        try event.attach(attachments)
        try EventRules.check(event, mayBeOwn: mayBeOwn)
        return event
    }

    // Both the object's members and the schema's are in canonical order: one walk meets them all.
    private static func split(
        _ object: JSONObject
    ) throws(LedgerError) -> (members: JSONObject, privateMembers: JSONObject) {
        var members: [JSONObject.Member] = []
        var privateMembers: [JSONObject.Member] = []
        members.reserveCapacity(object.members.count)
        var walk = SchemaWalk(EventSchema.members)
        for member in object.members {
            guard let place = walk.place(of: member.name) else {
                throw unknown(member.name, in: "the event", known: EventSchema.members)
            }
            let value = try ValueReader.value(
                member.value, as: walk.members[place].shape, at: member.name)
            if walk.members[place].isPrivate {
                privateMembers.append(.init(name: member.name, value: value))
            } else {
                members.append(.init(name: member.name, value: value))
            }
        }
        return (JSONObject(sorted: members), JSONObject(sorted: privateMembers))
    }

    static func unknown(_ name: String, in place: String, known: [EventMember]) -> LedgerError {
        if place == "the event", name.utf8.starts(with: EventSchema.attachmentPrefix.utf8) {
            return LedgerError(
                .invalidEvent, "\(place) has a member \"\(VisibleName.of(name))\"",
                advice: "give the bytes in \"attachments\": the ledger makes that member itself")
        }
        let names = known.map(\.name) + (place == "the event" ? ["attachments"] : [])
        let closest = Suggestion.closest(to: name, among: names)
        return LedgerError(
            .invalidEvent, "\(place) has an unknown member \"\(VisibleName.of(name))\"",
            advice: closest.map { "did you mean \($0)?" }
                ?? "free key-values belong in \"labels\"; known are "
                + names.joined(separator: ", "))
    }
}

/// Finds members in a sorted list, in one pass, for names that come sorted too.
struct SchemaWalk {
    let members: [EventMember]
    private var place = 0

    init(_ members: [EventMember]) {
        self.members = members
    }

    /// Where the member of this name stands in `members`.
    mutating func place(of name: String) -> Int? {
        let key = CanonicalOrder.key(of: name)
        while place < members.count, members[place].key < key { place += 1 }
        while place < members.count, members[place].key == key {
            let order = CanonicalOrder.compare(members[place].name, name)
            if order == 0 { return place }
            if order > 0 { return nil }
            place += 1
        }
        return nil
    }
}

extension Event {
    /// Sets attachments apart and names them: scripts by plain digest, others in a private member.
    mutating func attach(_ new: [Attachment]) throws(LedgerError) {
        if new.count > EventSchema.attachmentCountLimit {
            throw LedgerError(
                .invalidEvent,
                "an event has at most \(EventSchema.attachmentCountLimit) attachments, and this "
                    + "one has \(new.count)")
        }
        for attachment in new {
            try AttachmentReader.check(attachment)
            if attachments.contains(where: { $0.name.hasSameBytes(as: attachment.name) }) {
                throw LedgerError(
                    .invalidEvent, "two attachments have the name \"\(attachment.name)\"")
            }
            attachments.append(attachment)
            switch attachment.name {
            case Attachment.script:
                try setDigest(of: attachment, in: "change", digest: "digest", size: "size")
            case Attachment.rollbackScript:
                try setDigest(
                    of: attachment, in: "rollback", digest: "script_digest", size: "script_size")
            default:
                privateMembers[EventSchema.attachmentPrefix + attachment.name] = [
                    "digest": .string(Attachment.text(of: attachment.digest)),
                    "media_type": .string(attachment.mediaType),
                    "size": .integer(Int64(attachment.bytes.count)),
                ]
            }
        }
        // A size says that the bytes are there, so it may not be claimed without them.
        try requireAttached(Attachment.script, if: "change", "size")
        try requireAttached(Attachment.rollbackScript, if: "rollback", "script_size")
    }

    private func requireAttached(
        _ name: String, if object: String, _ size: String
    ) throws(LedgerError) {
        guard members[object]?.object?[size] != nil,
            !attachments.contains(where: { $0.name == name })
        else { return }
        throw LedgerError(
            .invalidEvent, "\(object).\(size) is given, and no attachment \"\(name)\"",
            advice: "leave it out, or attach the script's bytes")
    }

    private mutating func setDigest(
        of attachment: Attachment, in object: String, digest digestName: String, size: String
    ) throws(LedgerError) {
        var inner = members[object]?.object ?? JSONObject()
        let digest = Attachment.text(of: attachment.digest)
        if let given = inner[digestName]?.string, !given.hasSameBytes(as: digest) {
            throw LedgerError(
                .invalidEvent,
                "\(object).\(digestName) is \(given), but the attached bytes have \(digest)",
                advice: "leave \(digestName) out: it is computed from the attachment")
        }
        if let given = inner[size]?.integer, given != Int64(attachment.bytes.count) {
            throw LedgerError(
                .invalidEvent,
                "\(object).\(size) is \(given), but \(attachment.bytes.count) bytes are attached",
                advice: "leave \(size) out: it is computed from the attachment")
        }
        inner[digestName] = .string(digest)
        inner[size] = .integer(Int64(attachment.bytes.count))
        members[object] = .object(inner)
    }
}
