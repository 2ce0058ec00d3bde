// CDEventAdapter.swift
//
// What a CDEvent becomes. Each kind of subject has its file, with its examples:
//
//    change.merged                                MergedChange      merge
//    service.deployed|upgraded|rolledback|removed DeployedService   deployment, target
//    environment.*                                EnvironmentNote   note
//    approval.*                                   ApprovalReview    review
//    incident.*                                   IncidentReport    incident
//    any other                                                      note
//
// The event's `id` is the context's id, `/`, and the name of what happened, such as
// `271069a8-fc18/service.deployed`; its `source` is the context's. The whole CDEvent is attached.
// Where what it says is not enough for the event that it should become (a deployment without an
// environment), it is kept as a note that says what was missing: nothing is lost.
import LedgerCore

/// What the CDEvents about one kind of subject become.
protocol CDEventMapping: SendableMetatype {
    static var examples: [CDEventExample] { get }
    /// Nil for those that are kept as notes.
    static func members(of event: CDEvent) -> CDEventMembers?
}

/// A CDEvent and the members of its event, both as JSON.
struct CDEventExample: Sendable {
    let name: String
    let input: String
    let expected: String
}

enum CDEventAdapter {
    static let mappings: [String: any CDEventMapping.Type] = [
        "approval": ApprovalReview.self, "change": MergedChange.self,
        "environment": EnvironmentNote.self, "incident": IncidentReport.self,
        "service": DeployedService.self,
    ]

    static func event(
        from event: CDEvent, _ cloudEvent: CloudEvent
    ) throws(LedgerError) -> Event {
        var note = CDEventMembers(.note, event)
        note.set(cloudEvent.type, at: "title", limit: 1000)
        if let members = mappings[event.subject]?.members(of: event) {
            do throws(LedgerError) {
                return try CloudEventAdapter.foreign(members.object, cloudEvent)
            } catch {
                note.setText("kept as a note: \(error.message)", at: "message")
                return try CloudEventAdapter.foreign(note.object, cloudEvent)
            }
        }
        var placed = note
        placed.setPlace(service: event.service, environment: event.environment)
        if let event = try? CloudEventAdapter.foreign(placed.object, cloudEvent) { return event }
        return try CloudEventAdapter.foreign(note.object, cloudEvent)
    }
}
