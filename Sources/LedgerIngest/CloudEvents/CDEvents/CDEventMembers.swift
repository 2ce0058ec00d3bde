import LedgerCore

/// Collects the members of the event that a CDEvent becomes. What doesn't fit a member is clipped
/// or left out: the original is attached.
struct CDEventMembers {
    private(set) var object: JSONObject

    init(_ type: EventType, _ event: CDEvent) {
        // The producer must make source and id unique together (CDEvents, `context.id`), but some,
        // and the specification's own examples, use one id for all events of a run.
        let id = CloudEventAdapter.fitting("\(event.id)/\(event.name)", limit: 200)
        object = JSONObject([
            "type": .string(type.rawValue), "id": .string(id),
            "source": .string(CloudEventAdapter.fitting(event.source, limit: 400)),
            "time": event.time,
        ])
        object.set("webhook", at: "trigger", "kind")
        object.set("CDEvents", at: "trigger", "tool")
        object.set(
            event.version.flatMap { GitText.line($0, limit: 100) }, at: "trigger", "tool_version")
        label("cdevent", event.name)
        label("chain", event.chainID)
    }

    mutating func set(_ text: String?, at path: String..., limit: Int = 200) {
        guard let text = text.flatMap({ GitText.line($0, limit: limit) }) else { return }
        switch path.count {
        case 1: object.set(text, at: path[0])
        default: object.set(text, at: path[0], path[1])
        }
    }

    mutating func setText(_ text: String?, at name: String) {
        object.set(text.flatMap { GitText.text($0, limit: 65_536) }, at: name)
    }

    mutating func label(_ name: String, _ text: String?) {
        object.set(text.flatMap { GitText.line($0, limit: 1000) }, at: "labels", name)
    }

    /// Only what is a URL can be followed; anything else becomes a label.
    mutating func link(_ name: String, _ text: String?) {
        guard let text else { return }
        if text.isURL {
            object.set(text, at: "links", name)
        } else {
            label(name, text)
        }
    }

    /// Service and environment. A name of an environment has no `/`: of a URL it is the last part,
    /// elsewhere `-` stands for it, and the label `environment` keeps it as it was.
    mutating func setPlace(service: String?, environment: String?) {
        set(service, at: "service")
        guard let environment else { return }
        let name = Self.name(ofEnvironment: environment)
        set(name, at: "environment")
        if name != environment { label("environment", environment) }
    }

    static func name(ofEnvironment text: String) -> String {
        let parts = text.split(separator: "/").map(String.init)
        let name = text.isURL ? parts.last : parts.joined(separator: "-")
        // ISO 6429 has control characters beyond ASCII, which a name may not hold.
        return String(
            (name ?? "").unicodeScalars.filter { !(0x80...0x9F ~= $0.value) }.map(Character.init))
    }
}

extension String {
    /// `scheme://…` without white space and control characters.
    var isURL: Bool {
        guard let scheme = self[...].utf8.firstRange(of: "://"), scheme > startIndex,
            utf8.count <= 4096
        else { return false }
        return utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }
    }
}
