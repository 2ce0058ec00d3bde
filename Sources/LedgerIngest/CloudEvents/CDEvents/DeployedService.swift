import LedgerCore

/// A service that was brought to an environment, back to an older artifact there, or away from it.
///
/// `removed` takes the target out of service. It is no deployment: nothing was applied or reverted,
/// and what the service's changes did to its database stays.
enum DeployedService: CDEventMapping {
    static func members(of event: CDEvent) -> CDEventMembers? {
        var members: CDEventMembers
        switch event.predicate {
        case "deployed", "upgraded", "rolledback":
            members = CDEventMembers(.deployment, event)
            let operation: DeploymentOperation = event.predicate == "rolledback" ? .revert : .apply
            members.set(operation.rawValue, at: "deployment", "operation")
            members.set(DeploymentStatus.succeeded.rawValue, at: "deployment", "status")
            members.set(members.object["id"]?.string, at: "deployment", "id")
            members.set(
                event.chainID.map { CloudEventAdapter.fitting($0, limit: 200) },
                at: "deployment", "group")
        case "removed":
            members = CDEventMembers(.target, event)
            members.set("retire", at: "target", "action")
        default: return nil
        }
        members.setPlace(service: event.service, environment: event.environment)
        members.label("artifact", event.content?["artifactId"]?.text)
        return members
    }

    static let examples = [
        CDEventExample(
            name: "an upgrade, of version 0.4.1",
            input: """
                {"context":{"version":"0.4.1","id":"a1","source":"/argo/prod",
                "type":"dev.cdevents.service.upgraded.0.2.0","timestamp":"2026-11-01T03:10:00Z"},
                "subject":{"id":"orders","type":"service","content":{"environment":{"id":"prod",
                "source":"/k8s"},"artifactId":"pkg:oci/orders@sha256%3A0b31"}}}
                """,
            expected: """
                {"deployment":{"id":"a1/service.upgraded","operation":"apply","status":"succeeded"},
                "environment":"prod","id":"a1/service.upgraded","labels":{
                "artifact":"pkg:oci/orders@sha256%3A0b31","cdevent":"service.upgraded"},
                "service":"orders","source":"/argo/prod","time":"2026-11-01T03:10:00.000Z",
                "trigger":{"kind":"webhook","tool":"CDEvents","tool_version":"0.4.1"},
                "type":"deployment"}
                """),
        CDEventExample(
            name: "a rollback in an environment whose id is a path",
            input: """
                {"context":{"specversion":"0.5.1","id":"a2","source":"/argo","chainId":"c7",
                "type":"dev.cdevents.service.rolledback.0.3.0","timestamp":"2026-11-01T04:10:00+01:00"},
                "subject":{"id":"orders","content":{"environment":{"id":"/eu/prod"}}}}
                """,
            expected: """
                {"deployment":{"group":"c7","id":"a2/service.rolledback","operation":"revert","status":"succeeded"},
                "environment":"eu-prod","id":"a2/service.rolledback","labels":{
                "cdevent":"service.rolledback","chain":"c7","environment":"/eu/prod"},
                "service":"orders","source":"/argo","time":"2026-11-01T03:10:00.000Z",
                "trigger":{"kind":"webhook","tool":"CDEvents","tool_version":"0.5.1"},
                "type":"deployment"}
                """),
        CDEventExample(
            name: "a removal",
            input: """
                {"context":{"specversion":"0.5.1","id":"a3","source":"/argo",
                "type":"dev.cdevents.service.removed.0.3.0"},
                "subject":{"id":"orders","content":{"environment":{"id":"test"}}}}
                """,
            expected: """
                {"environment":"test","id":"a3/service.removed","labels":{
                "cdevent":"service.removed"},"service":"orders","source":"/argo",
                "target":{"action":"retire"},
                "trigger":{"kind":"webhook","tool":"CDEvents","tool_version":"0.5.1"},
                "type":"target"}
                """),
        CDEventExample(
            name: "a deployment that doesn't say where",
            input: """
                {"context":{"specversion":"0.5.1","id":"a4","source":"/argo",
                "type":"dev.cdevents.service.deployed.0.3.0"},"subject":{"id":"orders","content":{}}}
                """,
            expected: """
                {"id":"a4/service.deployed","labels":{"cdevent":"service.deployed"},
                "message":"kept as a note: an event of type deployment needs environment",
                "source":"/argo","title":"dev.cdevents.service.deployed.0.3.0",
                "trigger":{"kind":"webhook","tool":"CDEvents","tool_version":"0.5.1"},
                "type":"note"}
                """),
    ]
}
