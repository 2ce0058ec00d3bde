import LedgerCore

@testable import LedgerIngest

/// Short forms for tests of what is posted.
enum Posted {
    static func read(
        _ body: String, as type: String? = "application/json",
        headers: [(name: String, value: String)] = [], limit: Int = 100
    ) throws -> [PostedEvent] {
        try PostedEventReader.events(
            in: PostedRequest(contentType: type, headers: headers, body: Array(body.utf8)),
            limit: limit)
    }

    /// The members of each event, private ones among them, or the error.
    static func texts(_ events: [PostedEvent]) -> [String] {
        events.map { posted in
            switch posted.event {
            case .success(let event): text(event)
            case .failure(let error): "\(error.code.rawValue): \(error.message)"
            }
        }
    }

    /// Its members, but for the descriptor of the attachment that every one of them has.
    static func text(_ event: Event) -> String {
        var members = event.members
        for member in event.privateMembers.members { members[member.name] = member.value }
        members["attachment:cloudevent"] = nil
        return String(decoding: CanonicalJSON.bytes(.object(members)), as: UTF8.self)
    }

    static func original(_ event: Event) -> String? {
        event.attachments.first { $0.name == "cloudevent" }.map {
            String(decoding: $0.bytes, as: UTF8.self)
        }
    }
}
