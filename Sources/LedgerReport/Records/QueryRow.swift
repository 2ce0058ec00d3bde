import LedgerCore

/// A row of `ledger query -o json|ndjson|csv`: the contract that `exports/query-row.schema.json`
/// states. A deployment is one row, started and ended as one; rows are never folded.
public enum QueryRow {
    public static let definition = RecordDefinition<HistoryRow>(
        version: 1, columns: place + target + change + deployment + people + texts + source)

    /// JSON Schema of a row; `$defs` has the document of `-o json` too.
    public static var schema: JSON {
        let version = RecordField(
            "v", .integer,
            "the version of this contract: grows when a member changes its meaning or goes, not "
                + "when one is added", isRequired: true)
        let row = RecordField.schema(ofObjectWith: definition.fields + [version])
        let rows: JSON = ["type": "array", "items": ["$ref": "#/$defs/row"]]
        return [
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "A row of ledger query",
            "description": .string(
                "One event, or one deployment with its start and its end. What is absent is not "
                    + "known. With -o ndjson each line is a row; with -o json the output is "
                    + "#/$defs/document; with -o csv objects with known members have a field for "
                    + "each, such as actor_id, and other lists and objects are JSON in one field."),
            "$ref": "#/$defs/row",
            "$defs": [
                "row": .object(row),
                "document": [
                    "type": "object", "required": ["v", "rows"],
                    "properties": ["v": ["const": .integer(definition.version)], "rows": rows],
                ],
            ],
        ]
    }

    private typealias Column = RecordColumn<HistoryRow>

    private static let place: [Column] = [
        Column("index", .integer, "the entry; for a deployment, that of its end", isRequired: true)
        {
            .integer($0.index)
        },
        Column("first_index", .integer, "the entry of the deployment's start, if it is another") {
            $0.firstIndex.map(JSON.integer)
        },
        Column("hash", .hash, "the hash of entry `index`", isRequired: true) {
            .string($0.hash.hex)
        },
        Column("recorded", .time, "when the ledger recorded entry `index`", isRequired: true) {
            .string($0.recorded.utc)
        },
        Column("at", .time, "when it happened; `recorded`, if that is not known", isRequired: true)
        {
            .string($0.at.utc)
        },
        Column("time_known", .boolean, "the source says when it happened", isRequired: true) {
            .bool($0.isTimeKnown)
        },
        Column("type", .oneOf(EventType.allCases.map(\.rawValue)), isRequired: true) {
            .string($0.type.rawValue)
        },
        Column("corrected_by", .integer, "the entry of the last correction that is applied here") {
            $0.correctedBy.map(JSON.integer)
        },
    ]

    private static let target: [Column] = [
        member("service"), member("environment"), member("tenant"), member("region"),
        member("cluster"), member("database"),
    ]

    private static let change: [Column] = [
        member("change", .string, "the change's id", at: "change", "id"),
        member("name", .string, "the change's name", at: "change", "name"),
        member("kind", .string, "schema, data, config or permission", at: "change", "kind"),
        member("class", .string, "standard, normal or emergency", at: "change", "class"),
        member("ticket", .string, at: "change", "ticket"),
        member("digest", .string, "sha256: of the script's bytes", at: "change", "digest"),
        member("tool", .string, "the tool that keeps the change", at: "change", "tool"),
        Column("strategy", .string, "how it can be undone: by its own word, else as planned") {
            $0.strategy.map(JSON.string)
        },
        Column("rollback", .object(rollback), "what the event itself says of undoing it") {
            object($0.members["rollback"], with: rollback)
        },
    ]

    private static let rollback = [
        RecordField("strategy", .string), RecordField("script_digest", .string),
        RecordField("restore_point", .string), RecordField("restore_point_expires", .time),
        RecordField("tested_in", .list(.string), "environments"),
        RecordField("inferred", .boolean, "found beside the change; nobody said it"),
    ]

    private static let deployment: [Column] = [
        member("deployment", .string, "ties a deployment's events", at: "deployment", "id"),
        Column("operation", .oneOf(DeploymentOperation.allCases.map(\.rawValue))) {
            $0.type == .deployment ? .string($0.operation.rawValue) : nil
        },
        Column(
            "status", .oneOf(DeploymentStatus.allCases.map(\.rawValue)),
            "started: no end was heard of"
        ) { $0.status.map { .string($0.rawValue) } },
        member("started", .time, at: "deployment", "started"),
        member("ended", .time, at: "deployment", "ended"),
        Column("duration_ms", .integer, "as the source says, else from started to ended") {
            $0.durationMilliseconds.map(JSON.integer)
        },
        member("attempt", .integer, at: "deployment", "attempt"),
        member("group", .string, "ties the deployments of one run", at: "deployment", "group"),
        member("exit_code", .integer, at: "deployment", "exit_code"),
    ]

    private static let people: [Column] = [
        person("actor", "who did it, as the source says"), person("author", "who wrote it"),
        person("requestor", "who asked for it"),
        privateText("executed_as", "the database user"),
        Column("principal", .object(principal), "whom the ledger authenticated", isRequired: true) {
            var principal = $0.principal
            principal["name"] = $0.privateMembers[EventSchema.principalName]
            return .object(principal)
        },
        Column("review", .object(review)) { object($0.members["review"], with: review) },
    ]

    private static let principal = [
        RecordField("kind", .string), RecordField("id", .string), RecordField("name", .string),
    ]

    private static let review = [
        RecordField("decision", .string), RecordField("kind", .string),
        RecordField("role", .string), RecordField("check", .string),
    ]

    private static let texts: [Column] = [
        privateText("title"), privateText("message"), privateText("reason"), privateText("error"),
        privateText("command"), privateText("host"),
    ]

    private static let source: [Column] = [
        member("trigger", .string, "cli, git, manual, webhook or import", at: "trigger", "kind"),
        member("trigger_tool", .string, "the tool that told of it", at: "trigger", "tool"),
        member("run", .string, "the pipeline's run", at: "trigger", "run"),
        member("repository", .string, at: "git", "repository"),
        member("commit", .string, at: "git", "commit"),
        member("path", .string, "the script's path in the repository", at: "git", "path"),
        member("source", .string, "who sent it; with `id`, unique"), member("id"),
        member("about", .list(.anything), "the entries, changes and findings it speaks of"),
        member("links", .map(.string)), member("labels", .map(.string)),
        member(
            "override", .list(.string), "why the gate was closed, as codes, that somebody passed",
            at: "override", "reasons"),
        Column("export", .object(export), "what was handed out") {
            object($0.members["export"], with: export)
        },
        Column(
            "archived_by", .integer,
            "the entry of the archive that has its body: texts, links and most private members are "
                + "not here then"
        ) {
            $0.archivedBy.map(JSON.integer)
        },
    ]

    private static let export = [
        RecordField("report", .string), RecordField("rows", .integer),
        RecordField("digest", .string, "sha256: of cover.json, or of the rows alone"),
    ]

    private static func member(
        _ name: String, _ kind: RecordField.Kind = .string, _ meaning: String = "",
        at outer: String? = nil, _ inner: String? = nil
    ) -> Column {
        let outer = outer ?? name
        return Column(name, kind, meaning) { row in
            guard let inner else { return row.members[outer] }
            return row.members[outer]?.object?[inner]
        }
    }

    private static func privateText(_ name: String, _ meaning: String = "") -> Column {
        Column(name, .string, meaning) { $0.privateMembers[name] }
    }

    private static func person(_ name: String, _ meaning: String) -> Column {
        let fields = [
            RecordField("id", .string), RecordField("name", .string), RecordField("kind", .string),
            RecordField("on_behalf_of", .string),
        ]
        return Column(name, .object(fields), meaning) {
            object($0.privateMembers[name], with: fields)
        }
    }

    /// The members that are part of the contract, or nil if there are none.
    private static func object(_ value: JSON?, with fields: [RecordField]) -> JSON? {
        var object = JSONObject()
        for field in fields { object[field.name] = value?.object?[field.name] }
        return object.isEmpty ? nil : .object(object)
    }
}
