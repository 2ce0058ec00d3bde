import LedgerCrypto

extension Event {
    /// This event as it is taken in: private members among the public ones, and attachments as
    /// base64. `EventReader` makes the same event of it.
    public var intake: JSONObject {
        var object = members
        for member in privateMembers.members
        where !member.name.utf8.starts(with: EventSchema.attachmentPrefix.utf8) {
            object[member.name] = member.value
        }
        if attachments.isEmpty { return object }
        var inline = JSONObject()
        for attachment in attachments {
            inline[attachment.name] = [
                "base64": .string(Base64.encode(attachment.bytes)),
                "media_type": .string(attachment.mediaType),
            ]
        }
        object["attachments"] = .object(inline)
        return object
    }
}
