/// Every member that an event may have (DESIGN "The event"). `schema/event/event.schema.json` says
/// the same as JSON Schema; the examples beside it hold the two together.
public enum EventSchema {
    public static let eventByteLimit = 262_144
    /// For each of id, source and type, name and all, where the ledger adds them.
    static let defaultByteLimit = 420
    public static let attachmentByteLimit = 1_048_576
    public static let attachmentCountLimit = 16

    private static let count: EventMember.Shape = .integer(0...JSON.integerBounds.upperBound)

    /// The members that name where something ran.
    public static let targetMembers = ["service", "environment", "tenant", "region", "cluster"]

    static let person = EventMember.sorted([
        EventMember("id", .line(320), "e-mail address, login or service account"),
        EventMember("name", .line(320)),
        EventMember("kind", .oneOf(["human", "service", "agent"])),
        EventMember("on_behalf_of", .line(320), "the id of the person that it acted for"),
    ])

    private static let place: [EventMember] = [
        EventMember("service", .identifier(200), "what is deployed: an application or a database"),
        EventMember("environment", .name, "dev, test, stage, prod …"),
        EventMember("tenant", .name),
        EventMember("region", .name),
        EventMember("cluster", .name),
        EventMember("database", .line(200), "the database's name"),
        EventMember("time", .time, "when it happened, as the source says"),
    ]

    private static let change = EventMember(
        "change",
        EventMember.members(
            EventMember("id", .identifier(400), "the same wherever the change runs"),
            EventMember("name", .identifier(400), "the file's stem"),
            EventMember("digest", .digest, "SHA-256 of the script's bytes"),
            EventMember("size", count, "bytes of the script; there when they are attached"),
            EventMember("tool", .line(100)),
            EventMember("tool_digest", .line(200), "the checksum that the tool itself keeps"),
            EventMember("kind", .oneOf(["schema", "data", "config", "permission"])),
            EventMember("class", .oneOf(["standard", "normal", "emergency"])),
            EventMember("repeatable", .boolean),
            EventMember("ticket", .line(200))))

    private static let deployment = EventMember(
        "deployment",
        EventMember.members(
            EventMember("id", .line(200), "ties the events of one deployment"),
            EventMember("operation", .oneOf(DeploymentOperation.allCases.map(\.rawValue))),
            EventMember("status", .oneOf(DeploymentStatus.allCases.map(\.rawValue))),
            EventMember("started", .time),
            EventMember("ended", .time),
            EventMember("duration_ms", count),
            EventMember("attempt", .integer(1...1_000_000)),
            EventMember("group", .line(200), "ties the deployments of one run"),
            EventMember("row", .line(600), "its place in the tool's own table"),
            EventMember("statements", count),
            EventMember("statements_done", count),
            EventMember("rows", count),
            EventMember("exit_code", .integer(-1...255))))

    private static let rollback = EventMember(
        "rollback",
        EventMember.members(
            EventMember("strategy", .oneOf(RollbackStrategy.allCases.map(\.rawValue))),
            EventMember("script_digest", .digest),
            EventMember("script_size", count, "there when the script is attached"),
            EventMember("restore_point", .line(400)),
            EventMember("restore_point_expires", .time),
            EventMember("tested_in", .list(.name, 64), "environments"),
            EventMember("inferred", .boolean, "found beside the change; nobody said it")))

    private static let review = EventMember(
        "review",
        EventMember.members(
            EventMember(
                "decision", .oneOf(["approved", "rejected", "commented", "passed", "failed"])),
            EventMember("kind", .oneOf(["approval", "lint", "test"])),
            EventMember("role", .line(200)),
            EventMember("check", .line(200))))

    private static let git = EventMember(
        "git",
        EventMember.members(
            EventMember("repository", .url),
            EventMember("commit", .objectID),
            EventMember("head_commit", .objectID),
            EventMember("ref", .line(400)),
            EventMember("path", .line(4096)),
            EventMember("blob", .objectID),
            EventMember("signed", .boolean, "a signature is there; nobody checked it")))

    private static let trigger = EventMember(
        "trigger",
        EventMember.members(
            EventMember("kind", .oneOf(TriggerKind.allCases.map(\.rawValue))),
            EventMember("run", .url),
            EventMember("tool", .line(100)),
            EventMember("tool_version", .line(100))))

    private static let about = EventMember(
        "about",
        .list(
            EventMember.members(
                EventMember("entry", count, "an index"),
                EventMember("change", .line(600), "SERVICE:ID"),
                EventMember("finding", .line(400))), 100))

    private static let people: [EventMember] = [
        EventMember("actor", .person, "who the source says did it", isPrivate: true),
        EventMember("author", .person, isPrivate: true),
        EventMember("requestor", .person, isPrivate: true),
        EventMember("tester", .person, isPrivate: true),
        EventMember("executed_as", .line(200), "the database user", isPrivate: true),
        EventMember("title", .line(1000), isPrivate: true),
        EventMember("message", .text(65_536), isPrivate: true),
        EventMember("reason", .text(65_536), isPrivate: true),
        EventMember("error", .text(65_536), isPrivate: true),
        EventMember("command", .text(65_536), isPrivate: true),
        EventMember(
            "host", .line(400), "of the database, with a port after `:`; else where it ran",
            isPrivate: true),
    ]

    /// What a correction may set right.
    private static let correction = EventMember(
        "correction",
        .members(EventMember.sorted(place + [change, deployment, rollback, git, trigger])))

    private static let administration: [EventMember] = [
        EventMember(
            "target",
            EventMember.members(
                EventMember("action", .oneOf(["add", "retire"])),
                EventMember("address", .line(400), "host/database"))),
        EventMember(
            "path",
            EventMember.members(
                EventMember(
                    "steps", .list(.either(.name, .list(.name, 64)), 64),
                    "environments in order; a list stands for parallel ones"))),
        EventMember("until", .time),
        EventMember(
            "correlation",
            EventMember.members(EventMember("action", .oneOf(["assert", "retract"])))),
        EventMember("person", .person, "who goes by an alias too", isPrivate: true),
        EventMember("alias", .person, "another id of that person", isPrivate: true),
        EventMember(
            "policy",
            EventMember.members(
                EventMember("digest", .digest), EventMember("effective_from", .time))),
        EventMember(
            "freeze",
            EventMember.members(
                EventMember("action", .oneOf(["add", "lift"])), EventMember("from", .time),
                EventMember("until", .time, "not included; a freeze without a target is of all"))),
        EventMember(
            "snapshot",
            EventMember.members(
                EventMember("digest", .digest),
                EventMember("table", .line(400), "a tool's own table that was read"),
                EventMember("rows", count),
                EventMember("missing", count, "rows of which the ledger had no entry"),
                EventMember("extra", count, "entries of which the table had no row"),
                EventMember(
                    "rewritten",
                    .list(
                        EventMember.members(
                            EventMember("row", .line(600)),
                            EventMember("change", .identifier(400)),
                            EventMember(
                                "member", .oneOf(["change", "outcome", "checksum", "row"])),
                            EventMember("before", .line(600)), EventMember("after", .line(600))),
                        100)))),
        EventMember(
            "token",
            EventMember.members(
                EventMember("action", .oneOf(["create", "revoke"])), EventMember("id", .line(200)),
                EventMember("role", .line(100)), EventMember("expires", .time),
                EventMember("digest", .digest, "of the secret, which nobody could guess"),
                EventMember("services", .list(.name, 64), "where it may write; all if absent"),
                EventMember("environments", .list(.name, 64)),
                EventMember("sources", .list(.line(400), 64), "beginnings of source"))),
        EventMember(
            "export",
            EventMember.members(
                EventMember("report", .line(200)),
                EventMember("digest", .digest, "of cover.json, or of the rows alone"),
                EventMember("rows", count),
                EventMember(
                    "sample",
                    EventMember.members(
                        EventMember("size", count, "rows that were drawn"),
                        EventMember("seed", .line(200)),
                        EventMember("stratify", .line(200), "a column"))))),
        EventMember(
            "override",
            EventMember.members(
                EventMember(
                    "reasons", .list(.line(100), 64), "codes of why the gate was closed"))),
        EventMember(
            "redaction",
            EventMember.members(
                EventMember("members", .list(.line(200), 100)),
                EventMember("name", .line(100), "stands for the name beside it"),
                EventMember("person", .line(100), "stands for the id of whose values these were"))),
        EventMember(
            "hold",
            EventMember.members(
                EventMember("action", .oneOf(["add", "lift"])),
                EventMember("matter", .line(200), "for which nothing is to be erased"))),
        EventMember(
            "archive",
            EventMember.members(
                EventMember("first", count), EventMember("last", count),
                EventMember("digest", .digest, "of archive.json"),
                EventMember("entries", count, "how many of them are in it"),
                EventMember("carried", .digest, "of what the ledger keeps of them"))),
    ]

    /// An event's members in canonical order.
    public static let members: [EventMember] = EventMember.sorted(
        [
            EventMember("type", .oneOf(EventType.allCases.map(\.rawValue))),
            EventMember("id", .line(200), "with `source`, unique in the ledger"),
            EventMember(
                "source", .identifier(400), "who sent it: a pipeline, a repository, a tool"),
            change, deployment, rollback, review, git, trigger, about, correction,
            EventMember("links", .map(.url)),
            EventMember("labels", .map(.line(1000)), "free key-values; public"),
        ] + place + people + administration)

    /// The names of the private members that a store keeps by name, as most events have some.
    public static let privateNames: [String] = people.map(\.name)

    public static let principalName = "principal_name"
    public static let attachmentPrefix = "attachment:"
}
