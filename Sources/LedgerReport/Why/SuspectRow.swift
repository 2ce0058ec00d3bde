import LedgerCore
import LedgerCorrelation

// SuspectRow.swift
//
// The rows of `ledger why -o json|ndjson|csv`, and of GET /v1/why, written and read. The codes of
// reasons and their points stand in Suspicion.swift.

/// A change that came before a moment, and why it is suspect.
public struct SuspectRow: Record, Equatable {
    public struct Reason: Sendable, Equatable {
        public let code: String
        public let points: Int
        public let text: String
    }

    /// The newest entry.
    public let index: Int64
    /// Service and environment.
    public let target: Target
    public let type: EventType
    public let change: String?
    public let name: String?
    public let operation: DeploymentOperation?
    public let status: DeploymentStatus?
    public let kind: String?
    public let targets: [Target]
    public let failed: [Target]
    public let at: Timestamp
    public let isTimeKnown: Bool
    public let longestMilliseconds: Int64?
    public let attemptCount: Int
    public let who: String
    public let entries: [Int64]
    /// The weightiest first.
    public let reasons: [Reason]

    public var points: Int { reasons.reduce(0) { $0 + $1.points } }

    public init(_ suspect: Suspect) {
        let row = suspect.row
        index = row.index
        target = Target(service: row.target.service, environment: row.target.environment)
        type = row.type
        change = row.string("change", "id")
        name = row.string("change", "name")
        operation = row.type == .deployment ? row.operation : nil
        status = row.status
        kind = row.string("change", "kind")
        targets = suspect.targets
        failed = suspect.failed
        at = suspect.at
        isTimeKnown = row.isTimeKnown
        longestMilliseconds = suspect.longestMilliseconds
        attemptCount = suspect.attemptCount
        who = row.who
        entries = suspect.entries
        reasons = suspect.suspicions.map {
            Reason(code: $0.code, points: $0.points, text: $0.words)
        }
    }

    private static let reason = [
        RecordField("code", .string, isRequired: true),
        RecordField("points", .integer, isRequired: true),
        RecordField("text", .string, isRequired: true),
    ]

    public static let definition = RecordDefinition<SuspectRow>(
        version: 1,
        columns: [
            .init("index", .integer, "the newest entry", isRequired: true) { .integer($0.index) },
            .init("points", .integer, "the sum of those of the reasons", isRequired: true) {
                .integer(Int64($0.points))
            },
            .init("reasons", .list(.object(reason)), "the weightiest first", isRequired: true) {
                .array(
                    $0.reasons.map {
                        [
                            "code": .string($0.code), "points": .integer(Int64($0.points)),
                            "text": .string($0.text),
                        ]
                    })
            },
            .init("service", .string) { $0.target.service.map(JSON.string) },
            .init("environment", .string) { $0.target.environment.map(JSON.string) },
            .init("targets", .list(.anything), "where it ran", isRequired: true) {
                .array($0.targets.map { .object($0.json) })
            },
            .init("failed", .list(.anything), "where the last attempt failed") {
                $0.failed.isEmpty ? nil : .array($0.failed.map { .object($0.json) })
            },
            .init("type", .string, "deployment, or override", isRequired: true) {
                .string($0.type.rawValue)
            },
            .init("change", .string, "its id") { $0.change.map(JSON.string) },
            .init("name", .string, "the change's") { $0.name.map(JSON.string) },
            .init("kind", .string, "schema, data, config or permission") {
                $0.kind.map(JSON.string)
            },
            .init("operation", .string) { $0.operation.map { .string($0.rawValue) } },
            .init("status", .string, "of the newest") { $0.status.map { .string($0.rawValue) } },
            .init("at", .time, "when it ended, or began if it was under way", isRequired: true) {
                .string($0.at.utc)
            },
            .init("time_known", .boolean, "the source says when", isRequired: true) {
                .bool($0.isTimeKnown)
            },
            .init("longest_ms", .integer, "how long it took at most") {
                $0.longestMilliseconds.map(JSON.integer)
            },
            .init("attempts", .integer, isRequired: true) { .integer(Int64($0.attemptCount)) },
            .init("who", .string, "of the newest", isRequired: true) { .string($0.who) },
            .init("entries", .list(.integer), isRequired: true) {
                .array($0.entries.map(JSON.integer))
            },
        ])

    public init?(json: JSONObject) {
        guard let index = json["index"]?.integer, let items = json["reasons"]?.array,
            let at = json.time("at"),
            let type = json["type"]?.string.flatMap(EventType.init(rawValue:)),
            let isTimeKnown = json["time_known"]?.bool, let attempts = json.count("attempts"),
            let who = json["who"]?.string, let entries = json["entries"]?.array,
            let targets = json["targets"]?.array
        else { return nil }
        reasons = items.compactMap { item in
            guard let item = item.object, let code = item["code"]?.string,
                let points = item["points"]?.integer, let text = item["text"]?.string
            else { return nil }
            return Reason(code: code, points: Int(points), text: text)
        }
        if reasons.count != items.count { return nil }
        self.index = index
        target = Target(
            service: json["service"]?.string, environment: json["environment"]?.string)
        self.type = type
        change = json["change"]?.string
        name = json["name"]?.string
        operation = json["operation"]?.string.flatMap(DeploymentOperation.init(rawValue:))
        status = json["status"]?.string.flatMap(DeploymentStatus.init(rawValue:))
        kind = json["kind"]?.string
        self.targets = targets.compactMap { $0.object.map(Target.init(of:)) }
        failed = (json["failed"]?.array ?? []).compactMap { $0.object.map(Target.init(of:)) }
        self.at = at
        self.isTimeKnown = isTimeKnown
        longestMilliseconds = json["longest_ms"]?.integer
        attemptCount = attempts
        self.who = who
        self.entries = entries.compactMap(\.integer)
    }

    /// `orders:V42__add_index`; nil for a deployment of no change.
    public var called: String? {
        guard let change = name ?? change else { return nil }
        return target.service.map { "\($0):\(change)" } ?? change
    }
}
