import LedgerCore

/// A step of an approval. Its outcome is the status with which it closes; asking for it, answers
/// on the way, and its end without an answer are comments.
///
/// What is approved is the resource whose URL it gives.
enum ApprovalReview: CDEventMapping {
    private static let approving = ["approved", "granted", "accepted"]
    private static let rejecting = ["rejected", "declined", "denied"]

    static func members(of event: CDEvent) -> CDEventMembers? {
        let content = event.content
        var members = CDEventMembers(.review, event)
        members.set(decision(of: event), at: "review", "decision")
        members.set("approval", at: "review", "kind")
        let resource = content?["resourceTargetUrl"]?.text
        let change = content?["change", "id"]?.text ?? resource ?? event.subjectID
        members.set(
            change.map { CloudEventAdapter.fitting(SecretFreeURL.text(of: $0), limit: 400) },
            at: "change", "id", limit: 400)
        members.setPlace(service: event.service, environment: event.environment)
        members.link("approval", content?["approvalDetailsUrl"]?.text)
        members.link("resource", resource)
        members.label("approval_id", event.subjectID)
        members.set(content?["responder"]?.text, at: "actor", limit: 320)
        members.set(content?["requestor"]?.text, at: "requestor", limit: 320)
        members.set("Approval \(event.predicate)", at: "title", limit: 1000)
        members.setText(content?["decision"]?.text, at: "message")
        return members
    }

    private static func decision(of event: CDEvent) -> String {
        let state: String
        switch event.predicate {
        // An answer on the way doesn't resolve it.
        case "created", "requested", "updated": state = ""
        case "closed": state = event.content?["status"]?.text?.lowercased() ?? ""
        default: state = event.predicate
        }
        if approving.contains(state) { return "approved" }
        return rejecting.contains(state) ? "rejected" : "commented"
    }

    static let examples = [
        CDEventExample(
            name: "an approval",
            input: """
                {"context":{"specversion":"0.5.1","id":"r1","source":"/itsm",
                "type":"dev.cdevents.approval.closed.0.1.0","timestamp":"2026-11-01T03:10:00Z"},
                "subject":{"id":"CHG-9","content":{
                "approvalDetailsUrl":"https://itsm.example.com/CHG-9",
                "resourceTargetUrl":"https://git.example.com/acme/orders/pull/12",
                "responder":"urn:user:ann","decision":"looks right","status":"approved"}}}
                """,
            expected: """
                {"actor":{"id":"urn:user:ann"},
                "change":{"id":"https://git.example.com/acme/orders/pull/12"},
                "id":"r1/approval.closed","labels":{"approval_id":"CHG-9",
                "cdevent":"approval.closed"},"links":{
                "approval":"https://itsm.example.com/CHG-9",
                "resource":"https://git.example.com/acme/orders/pull/12"},
                "message":"looks right","review":{"decision":"approved","kind":"approval"},
                "source":"/itsm","time":"2026-11-01T03:10:00.000Z","title":"Approval closed",
                "trigger":{"kind":"webhook","tool":"CDEvents","tool_version":"0.5.1"},
                "type":"review"}
                """),
        CDEventExample(
            name: "an approval that was never answered",
            input: """
                {"context":{"specversion":"0.5.1","id":"r2","source":"/itsm",
                "type":"dev.cdevents.approval.closed.0.1.0"},
                "subject":{"id":"CHG-9","content":{"status":"expired"}}}
                """,
            expected: """
                {"change":{"id":"CHG-9"},"id":"r2/approval.closed","labels":{
                "approval_id":"CHG-9","cdevent":"approval.closed"},
                "review":{"decision":"commented","kind":"approval"},"source":"/itsm",
                "title":"Approval closed",
                "trigger":{"kind":"webhook","tool":"CDEvents","tool_version":"0.5.1"},
                "type":"review"}
                """),
        CDEventExample(
            name: "a denial in a word of its own",
            input: """
                {"context":{"version":"0.4.1","id":"r3","source":"/itsm",
                "type":"dev.cdevents.approval.declined.0.1.0"},
                "subject":{"id":"CHG-9","type":"approval","content":{
                "environment":{"id":"prod"},"service":{"id":"orders"}}}}
                """,
            expected: """
                {"change":{"id":"CHG-9"},"environment":"prod","id":"r3/approval.declined",
                "labels":{"approval_id":"CHG-9","cdevent":"approval.declined"},
                "review":{"decision":"rejected","kind":"approval"},"service":"orders",
                "source":"/itsm","title":"Approval declined",
                "trigger":{"kind":"webhook","tool":"CDEvents","tool_version":"0.4.1"},
                "type":"review"}
                """),
    ]
}
