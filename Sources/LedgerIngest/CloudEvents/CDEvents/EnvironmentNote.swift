import LedgerCore

/// An environment that was made, altered or removed. It is a note in the environment: a target
/// would need a service.
enum EnvironmentNote: CDEventMapping {
    static func members(of event: CDEvent) -> CDEventMembers? {
        var members = CDEventMembers(.note, event)
        let name = event.content?["name"]?.text ?? event.subjectID
        members.setPlace(service: nil, environment: name)
        members.label("environment_id", event.subjectID)
        members.link("environment", event.content?["uri"]?.text ?? event.content?["url"]?.text)
        let title = "Environment \(name ?? "without a name") \(event.predicate)"
        members.set(title, at: "title", limit: 1000)
        return members
    }

    static let examples = [
        CDEventExample(
            name: "a new environment, of version 0.4.1",
            input: """
                {"context":{"version":"0.4.1","id":"e1","source":"/terraform",
                "type":"dev.cdevents.environment.created.0.2.0",
                "timestamp":"2026-11-01T03:10:00Z"},"subject":{"id":"env-7",
                "type":"environment","content":{"name":"stage",
                "url":"https://ops.example.com/stage?token=abc"}}}
                """,
            expected: """
                {"environment":"stage","id":"e1/environment.created","labels":{
                "cdevent":"environment.created","environment_id":"env-7"},
                "links":{"environment":"https://ops.example.com/stage"},"source":"/terraform",
                "time":"2026-11-01T03:10:00.000Z","title":"Environment stage created",
                "trigger":{"kind":"webhook","tool":"CDEvents","tool_version":"0.4.1"},
                "type":"note"}
                """)
    ]
}
