/// A fact as its source tells it. Every event has passed `EventReader`, the only door.
public struct Event: Sendable {
    /// The public members, as they are hashed.
    public internal(set) var members: JSONObject
    /// The private members by name, `attachment:NAME` among them.
    public internal(set) var privateMembers: JSONObject
    /// Bytes to be stored beside the event.
    public internal(set) var attachments: [Attachment]
    /// Made by an adapter: the same source and id again returns the first receipt whatever else
    /// it says, because a later reading of the same thing may know more.
    public var isDerived = false

    init(members: JSONObject, privateMembers: JSONObject, attachments: [Attachment]) {
        self.members = members
        self.privateMembers = privateMembers
        self.attachments = attachments
    }

    public var type: EventType {
        members["type"]?.string.flatMap(EventType.init(rawValue:)) ?? .deployment
    }

    public var id: String? { members["id"]?.string }
    public var source: String? { members["source"]?.string }

    public func string(_ path: String...) -> String? { members[path]?.string }
    public func integer(_ path: String...) -> Int64? { members[path]?.integer }

    public func time(_ path: String...) -> Timestamp? {
        members[path]?.string.flatMap(Timestamp.init(rfc3339:))
    }

    public var target: Target { Target(of: members) }

    /// This event with its defaults where they are absent: all that the ledger ever adds.
    public func withDefaults(source: String, id: @autoclosure () -> String) -> Event {
        var event = self
        if event.members["type"] == nil { event.members["type"] = "deployment" }
        if event.members["source"] == nil { event.members["source"] = .string(source) }
        if event.members["id"] == nil { event.members["id"] = .string(id()) }
        return event
    }
}
