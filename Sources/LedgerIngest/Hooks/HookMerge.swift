import LedgerCore

/// A merge as a forge tells it. Which scripts it brought is not in it: forges cut their lists.
///
/// Where there is a clone, `GitImport` makes an event of every script that the merge brought, and
/// the events of the commit `commit` are better for `completing(_:)`. Where there is none, `event`
/// stands for them all.
public struct HookMerge: Sendable {
    /// `source` of the events that the import makes from a clone of this repository.
    public let importSource: String
    /// The repository's URL, without secrets; nil if the forge doesn't say.
    public let repository: String?
    /// As the forge names it, such as `acme/orders`.
    public let fullName: String
    /// The names that a configuration may give the repository, as `HookContext.key(of:)` makes
    /// them, the most exact first.
    public let repositoryNames: [String]
    /// What the merge became on the target branch. Bitbucket abbreviates it.
    public let commit: String
    /// The target branch's whole name, such as `refs/heads/main`.
    public let ref: String?
    /// The services whose scripts lie in the repository.
    public let services: [String]
    /// The merge without its scripts: of type `merge`, or a `note` if the service or the whole
    /// commit is not known.
    public let event: Event
    /// The request's own title.
    let title: String?

    /// The event of a script that this merge brought, with what only the forge knows: the
    /// request's page and title, and who pressed the button where Git names but the forge.
    ///
    /// - Throws: `LedgerError` `invalidEvent` if the event has no room for it.
    public func completing(_ scriptEvent: Event) throws(LedgerError) -> Event {
        var members = scriptEvent.members
        for member in scriptEvent.privateMembers.members
        where !member.name.hasPrefix(EventSchema.attachmentPrefix) {
            members[member.name] = member.value
        }
        let isForge = members[["actor", "kind"]]?.string == "service"
        if members["actor"] == nil || isForge {
            members["actor"] = event.privateMembers["actor"] ?? members["actor"]
        }
        for name in ["author", "message"] where members[name] == nil {
            members[name] = event.privateMembers[name]
        }
        members.set(title, at: "title")
        members.set(event.members[["links", "pull_request"]], at: "links", "pull_request")
        members.set("webhook", at: "trigger", "kind")
        members.set(event.string("trigger", "tool"), at: "trigger", "tool")
        if members[["change", "ticket"]] == nil {
            members.set(event.members[["change", "ticket"]], at: "change", "ticket")
        }
        var completed = try EventReader.event(
            from: members, attachments: scriptEvent.attachments + event.attachments)
        completed.isDerived = true
        return completed
    }
}
