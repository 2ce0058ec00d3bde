import LedgerCore

/// A CDEvent (cdevents.dev) of version 0.3 to 0.5: what happened to which subject.
struct CDEvent: Sendable {
    static let typePrefix = "dev.cdevents."

    /// `service` in `service.deployed`.
    let subject: String
    /// `deployed` in `service.deployed`.
    let predicate: String
    let id: String
    let source: String
    let time: JSON?
    /// The version of CDEvents.
    let version: String?
    /// Ties the events of one chain.
    let chainID: String?
    let subjectID: String?
    let content: LenientJSON?
    let customData: LenientJSON?

    var name: String { "\(subject).\(predicate)" }

    /// Nil if the CloudEvent is no CDEvent: `dev.cdevents.SUBJECT.PREDICATE.VERSION` with a
    /// context and a subject as its data.
    init?(_ cloudEvent: CloudEvent) {
        guard cloudEvent.type.hasPrefix(Self.typePrefix),
            case .json(let value, _) = cloudEvent.content, let context = value["context"],
            let subject = value["subject"]
        else { return nil }
        let parts = cloudEvent.type.dropFirst(Self.typePrefix.count).split(separator: ".")
        guard parts.count >= 2 else { return nil }
        self.subject = String(parts[0])
        predicate = String(parts[1])
        id = context["id"]?.text ?? cloudEvent.id
        source = context["source"]?.text ?? cloudEvent.source
        time = CloudEventAdapter.time(context["timestamp"]?.text ?? cloudEvent["time"])
        // 0.5 renamed `version`.
        version = context["specversion"]?.text ?? context["version"]?.text
        chainID = context["chainId"]?.text
        subjectID = subject["id"]?.text
        content = subject["content"]
        customData = value["customData"]
    }

    /// Where it happened, as far as it says: references are objects with `id` and `source`.
    var service: String? {
        subject == "service" ? subjectID : content?["service", "id"]?.text
    }

    var environment: String? { content?["environment", "id"]?.text }
}
