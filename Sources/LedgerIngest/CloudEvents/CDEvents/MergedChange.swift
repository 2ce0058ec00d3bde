import LedgerCore

/// A merged pull request. The change is the one that CDEvents names, since which scripts it brought
/// is not said. The commit is known where the subject's id is one, or `customData.commit` names it.
enum MergedChange: CDEventMapping {
    static func members(of event: CDEvent) -> CDEventMembers? {
        guard event.predicate == "merged" else { return nil }
        var members = CDEventMembers(.merge, event)
        let repository = event.content?["repository"]
        let id = repository?["id"]?.text
        members.set(id.map { RepositoryName(path: $0).text }, at: "service")
        members.set(
            event.subjectID.map { CloudEventAdapter.fitting($0, limit: 400) }, at: "change", "id",
            limit: 400)
        let commit = [event.subjectID, event.customData?["commit"]?.text].lazy
            .compactMap(\.self).first { isCommit($0) }
        members.set(commit, at: "git", "commit")
        if let url = url(id: id, source: repository?["source"]?.text) {
            members.set(url, at: "git", "repository", limit: 4096)
        } else {
            members.label("repository", id)
        }
        members.set(event.content?["description"]?.text, at: "title", limit: 1000)
        return members
    }

    private static func isCommit(_ text: String) -> Bool {
        [40, 64].contains(text.utf8.count)
            && text.utf8.allSatisfy { 0x30...0x39 ~= $0 || 0x61...0x66 ~= $0 }
    }

    /// The id of a repository is its path at the source.
    private static func url(id: String?, source: String?) -> String? {
        guard let id else { return nil }
        if id.isURL { return id }
        guard let source, source.isURL else { return nil }
        if source.hasSuffix("/" + id) { return source }
        let url = source.hasSuffix("/") ? source + id : "\(source)/\(id)"
        return url.isURL ? url : nil
    }

    static let examples = [
        CDEventExample(
            name: "a merge whose commit is in the custom data",
            input: """
                {"context":{"specversion":"0.5.1","id":"m1","source":"/forge",
                "type":"dev.cdevents.change.merged.0.3.0","timestamp":"2026-11-01T03:10:00Z"},
                "subject":{"id":"1234","content":{"repository":{"id":"acme/orders",
                "source":"https://git.example.com"}}},
                "customData":{"commit":"5f0c1e2d3b4a59687766554433221100ffeeddcc","risk":0.5}}
                """,
            expected: """
                {"change":{"id":"1234"},"git":{
                "commit":"5f0c1e2d3b4a59687766554433221100ffeeddcc",
                "repository":"https://git.example.com/acme/orders"},"id":"m1/change.merged",
                "labels":{"cdevent":"change.merged"},"service":"orders","source":"/forge",
                "time":"2026-11-01T03:10:00.000Z",
                "trigger":{"kind":"webhook","tool":"CDEvents","tool_version":"0.5.1"},
                "type":"merge"}
                """),
        CDEventExample(
            name: "a merge without a commit, of a repository that has a URL",
            input: """
                {"context":{"specversion":"0.5.1","id":"m2","source":"/forge",
                "type":"dev.cdevents.change.merged.0.3.0"},
                "subject":{"id":"1235","content":{"repository":{
                "id":"https://git.example.com/acme/orders.git"}}}}
                """,
            expected: """
                {"change":{"id":"1235"},"git":{
                "repository":"https://git.example.com/acme/orders.git"},"id":"m2/change.merged",
                "labels":{"cdevent":"change.merged"},"service":"orders","source":"/forge",
                "trigger":{"kind":"webhook","tool":"CDEvents","tool_version":"0.5.1"},
                "type":"merge"}
                """),
        CDEventExample(
            name: "a review, which says nothing of its outcome",
            input: """
                {"context":{"specversion":"0.5.1","id":"m3","source":"/forge",
                "type":"dev.cdevents.change.reviewed.0.3.0"},
                "subject":{"id":"1235","content":{}}}
                """,
            expected: """
                {"id":"m3/change.reviewed","labels":{"cdevent":"change.reviewed"},
                "source":"/forge","title":"dev.cdevents.change.reviewed.0.3.0",
                "trigger":{"kind":"webhook","tool":"CDEvents","tool_version":"0.5.1"},
                "type":"note"}
                """),
    ]
}
