// CloudEventAdapter.swift
//
// What a CloudEvent becomes, by its `type`:
//
//    dev.changeledger.TYPE   the event of that type whose members are the data, such as
//                            dev.changeledger.deployment or dev.changeledger.rollback_plan. Its
//                            `id`, `source` and `time` are the attributes' where the data has none.
//    dev.cdevents.…          see CDEventAdapter.swift.
//    any other               a note with the type as its title and the CloudEvent attached.
//
// What is not ours keeps its `source` and `id`, which are unique together there too. The same pair
// again returns the first receipt whatever else it says: on their way, brokers add attributes.
import LedgerCore
import LedgerCrypto

enum CloudEventAdapter {
    static let ownPrefix = "dev.changeledger."
    /// The attachment that holds the CloudEvent, or the CDEvent, as it came.
    static let attachmentName = "cloudevent"

    static func event(from cloudEvent: CloudEvent) throws(LedgerError) -> Event {
        if cloudEvent.type.hasPrefix(ownPrefix) { return try own(cloudEvent) }
        if let event = CDEvent(cloudEvent) {
            return try CDEventAdapter.event(from: event, cloudEvent)
        }
        return try foreign(members(cloudEvent), cloudEvent)
    }

    /// Makes an event of members, with the original attached.
    static func foreign(
        _ members: JSONObject, _ cloudEvent: CloudEvent
    ) throws(LedgerError) -> Event {
        let original = LedgerCore.Attachment(
            name: attachmentName, mediaType: "application/cloudevents+json",
            bytes: cloudEvent.original)
        var event = try EventReader.event(from: members, attachments: [original])
        event.isDerived = true
        return event
    }

    /// The members of a note that holds any CloudEvent.
    static func members(_ cloudEvent: CloudEvent) -> JSONObject {
        JSONObject([
            "type": "note", "id": .string(fitting(cloudEvent.id, limit: 200)),
            "source": .string(fitting(cloudEvent.source, limit: 400)),
            "time": time(cloudEvent["time"]),
            "title": .string(GitText.line(cloudEvent.type, limit: 1000) ?? "CloudEvent"),
        ])
    }

    /// A time that is none is left out: it stands in the attachment.
    static func time(_ text: String?) -> JSON? {
        text.flatMap(Timestamp.init(rfc3339:)).map { .string($0.utc) }
    }

    /// Text as it is, or its SHA-256 where it is no line of at most so many bytes.
    static func fitting(_ text: String, limit: Int) -> String {
        let isLine = text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
        if isLine, text.utf8.count <= limit { return text }
        return "sha256:" + SHA256.hash(Array(text.utf8)).hex
    }

    private static func own(_ cloudEvent: CloudEvent) throws(LedgerError) -> Event {
        guard case .json(let value, let document) = cloudEvent.content, value.members != nil else {
            throw LedgerError(
                .invalidEvent,
                "the data of a CloudEvent of type \(ownPrefix)… is an event, as a "
                    + "JSON object")
        }
        let read: JSON
        do throws(JSONError) {
            read = try JSONReader.read(Array(document[value.range]))
        } catch {
            throw LedgerError(.invalidEvent, "data: \(error)")
        }
        guard case .object(var members) = read else {
            throw LedgerError(.invalidEvent, "data must be an object")
        }
        let type = String(cloudEvent.type.dropFirst(ownPrefix.count))
        if let given = members["type"], given != .string(type) {
            throw LedgerError(
                .invalidEvent, "data.type is not that of the CloudEvent",
                advice: "leave it out of the data")
        }
        members["type"] = .string(type)
        for name in ["id", "source", "time"] where members[name] == nil {
            members.set(cloudEvent[name], at: name)
        }
        return try EventReader.event(from: members)
    }
}
