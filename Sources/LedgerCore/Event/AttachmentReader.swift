import LedgerCrypto

/// Decodes the `attachments` of an event as it is taken in.
enum AttachmentReader {
    static func attachments(from value: JSON) throws(LedgerError) -> [Attachment] {
        guard case .object(let object) = value else {
            throw LedgerError(
                .invalidEvent, "attachments must be an object, not \(value.kindName)",
                advice: "write \"attachments\": {\"script\": {\"text\": \"ALTER TABLE …\"}}")
        }
        var attachments: [Attachment] = []
        for member in object.members {
            attachments.append(try attachment(named: member.name, from: member.value))
        }
        return attachments
    }

    private static func attachment(
        named name: String, from value: JSON
    ) throws(LedgerError) -> Attachment {
        let place = "attachments.\(VisibleName.of(name))"
        guard case .object(let object) = value else {
            throw LedgerError(.invalidEvent, "\(place) must be an object, not \(value.kindName)")
        }
        for member in object.members where !known.contains(where: { $0.name == member.name }) {
            throw EventReader.unknown(member.name, in: place, known: known)
        }
        let mediaType = object["media_type"]
        if let mediaType {
            _ = try ValueReader.value(mediaType, as: .line(200), at: "\(place).media_type")
        }
        let bytes: [UInt8]
        switch (object["text"], object["base64"]) {
        case (.string(let text)?, nil): bytes = Array(text.utf8)
        case (nil, .string(let text)?):
            guard let decoded = Base64.decode(text) else {
                throw LedgerError(.invalidEvent, "\(place).base64 is not valid base64")
            }
            bytes = decoded
        default:
            throw LedgerError(.invalidEvent, "\(place) needs either text or base64, as a string")
        }
        return Attachment(name: name, mediaType: mediaType?.string, bytes: bytes)
    }

    /// Refuses what would not fit beside an event, wherever the attachment comes from.
    static func check(_ attachment: Attachment) throws(LedgerError) {
        let place = "attachments.\(VisibleName.of(attachment.name))"
        guard isName(attachment.name) else {
            throw LedgerError(
                .invalidEvent, "\(place): a name has 1 to 100 letters, digits, and . _ -")
        }
        if attachment.bytes.count > EventSchema.attachmentByteLimit {
            throw LedgerError(
                .invalidEvent,
                "\(place) has \(attachment.bytes.count) bytes, and at most "
                    + "\(EventSchema.attachmentByteLimit) are taken")
        }
    }

    private static let known = [
        EventMember("base64", .line(1)), EventMember("media_type", .line(1)),
        EventMember("text", .line(1)),
    ]

    private static func isName(_ name: String) -> Bool {
        1...100 ~= name.utf8.count
            && name.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
                default: false
                }
            }
    }
}
