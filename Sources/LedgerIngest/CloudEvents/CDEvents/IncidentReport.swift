import LedgerCore

/// An incident that was detected, reported or resolved; the label `state` says which.
enum IncidentReport: CDEventMapping {
    static func members(of event: CDEvent) -> CDEventMembers? {
        let content = event.content
        var members = CDEventMembers(.incident, event)
        members.setPlace(service: event.service, environment: event.environment)
        members.label("incident", event.subjectID)
        members.label("state", event.predicate)
        members.label("artifact", content?["artifactId"]?.text)
        members.link("ticket", content?["ticketURI"]?.text)
        let description = content?["description"]?.text
        let first = description?.split(separator: "\n").first.map(String.init)
        let title = first ?? "Incident \(event.subjectID ?? "without an id") \(event.predicate)"
        members.set(title, at: "title", limit: 1000)
        if first != description { members.setText(description, at: "message") }
        return members
    }

    static let examples = [
        CDEventExample(
            name: "a reported incident",
            input: """
                {"context":{"specversion":"0.5.1","id":"i1","source":"/monitoring",
                "type":"dev.cdevents.incident.reported.0.3.0",
                "timestamp":"2026-11-01T03:10:00Z"},"subject":{"id":"INC-3","content":{
                "description":"Slow\\nsince the index","environment":{"id":"prod"},
                "service":{"id":"orders"},"ticketURI":"https://issues.example.com/345"}},
                "customData":{"value":200.5,"note":null}}
                """,
            expected: """
                {"environment":"prod","id":"i1/incident.reported","labels":{
                "cdevent":"incident.reported","incident":"INC-3","state":"reported"},
                "links":{"ticket":"https://issues.example.com/345"},
                "message":"Slow\\nsince the index","service":"orders","source":"/monitoring",
                "time":"2026-11-01T03:10:00.000Z","title":"Slow",
                "trigger":{"kind":"webhook","tool":"CDEvents","tool_version":"0.5.1"},
                "type":"incident"}
                """),
        CDEventExample(
            name: "a detected incident with nothing but an id",
            input: """
                {"context":{"specversion":"0.5.1","id":"i2","source":"/monitoring",
                "type":"dev.cdevents.incident.detected.0.3.0"},"subject":{"id":"INC-4"}}
                """,
            expected: """
                {"id":"i2/incident.detected","labels":{"cdevent":"incident.detected",
                "incident":"INC-4","state":"detected"},"source":"/monitoring",
                "title":"Incident INC-4 detected",
                "trigger":{"kind":"webhook","tool":"CDEvents","tool_version":"0.5.1"},
                "type":"incident"}
                """),
    ]
}
