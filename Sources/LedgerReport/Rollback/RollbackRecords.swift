import LedgerCore
import LedgerCorrelation

// RollbackRecords.swift
//
// The rows of `ledger rollback show` and `steps -o json|ndjson|csv`, and of GET /v1/rollback-plan and
// /v1/rollback-steps, written and read.

extension RecordColumn {
    /// The members of a plan; all but those of its target.
    fileprivate static func plan(
        _ plan: @escaping @Sendable (Row) -> RollbackPlan?
    ) -> [RecordColumn] {
        [
            .init("strategy", .oneOf(RollbackStrategy.allCases.map(\.rawValue))) {
                plan($0).map { .string($0.strategy.rawValue) }
            },
            .init("inferred", .boolean, "found beside the change; nobody said it") {
                plan($0).map { .bool($0.isInferred) }
            },
            .init("plan", .integer, "the entry that says it") {
                plan($0).map { .integer($0.index) }
            },
            .init("script_digest", .string, "sha256: of the script that undoes it") {
                plan($0)?.script.map { .string($0.digest) }
            },
            .init("script_size", .integer, "its bytes; absent if they are not kept") {
                plan($0)?.script?.size.map(JSON.integer)
            },
            .init("script_entry", .integer, "the entry that brought it") {
                plan($0)?.script.map { .integer($0.index) }
            },
            .init("restore_point", .string) { plan($0)?.restorePoint.map(JSON.string) },
            .init("restore_point_expires", .time) {
                plan($0)?.restorePointExpires.map { .string($0.utc) }
            },
            .init("tested", .list(.object(RollbackPlan.Test.fields)), "where, and what shows it") {
                plan($0).map { .array($0.tests.map { .object($0.json) }) }
            },
            .init("reason", .string) { plan($0)?.reason.map(JSON.string) },
        ]
    }
}

extension RollbackPlan: Record {
    public static let definition = RecordDefinition<RollbackPlan>(
        version: 1, columns: RecordColumn.target(\.target) + RecordColumn.plan { $0 })

    public init?(json: JSONObject) {
        guard
            let strategy = json["strategy"]?.string.flatMap(RollbackStrategy.init(rawValue:)),
            let index = json["plan"]?.integer, let isInferred = json["inferred"]?.bool,
            let tested = json["tested"]?.array
        else { return nil }
        let tests = tested.compactMap { $0.object.flatMap(Test.init(json:)) }
        guard tests.count == tested.count else { return nil }
        let script = json["script_digest"]?.string.map {
            Script(
                digest: $0, size: json["script_size"]?.integer,
                index: json["script_entry"]?.integer ?? index)
        }
        self.init(
            target: Target(of: json), strategy: strategy, script: script,
            restorePoint: json["restore_point"]?.string,
            restorePointExpires: json.time("restore_point_expires"),
            reason: json["reason"]?.string, index: index, isInferred: isInferred, tests: tests)
    }
}

extension RollbackPlan.Test {
    fileprivate static let fields = [
        RecordField("environment", .string, isRequired: true),
        RecordField("entry", .integer, "a revert, or somebody's word", isRequired: true),
        RecordField("undone", .integer, "the deployment that the revert undid"),
    ]

    fileprivate var json: JSONObject {
        JSONObject([
            "environment": .string(environment), "entry": .integer(index),
            "undone": undone.map(JSON.integer),
        ])
    }

    fileprivate init?(json: JSONObject) {
        guard let environment = json["environment"]?.string, let index = json["entry"]?.integer
        else { return nil }
        self.init(environment: environment, index: index, undone: json["undone"]?.integer)
    }
}

extension RollbackStep: Record {
    public static let definition = RecordDefinition<RollbackStep>(
        version: 1,
        columns: RecordColumn.target(\.target) + [
            .init("step", .integer, "1 is the first to be done on its target", isRequired: true) {
                .integer(Int64($0.number))
            },
            .init("change", .string, "its id", isRequired: true) { .string($0.change) },
            .init("name", .string) { $0.name.map(JSON.string) },
            .init("in_the_way", .boolean, "not asked for, but ran after it", isRequired: true) {
                .bool($0.isInTheWay)
            },
            .init("obstacle", .oneOf(Obstacle.allCases.map(\.rawValue)), "why it can't be undone") {
                $0.obstacle.map { .string($0.rawValue) }
            },
            .init("state", .state, "by its last deployment there", isRequired: true) {
                .string($0.state.rawValue)
            },
            .init("index", .integer, "that deployment", isRequired: true) { .integer($0.index) },
            .init("at", .time, isRequired: true) { .string($0.at.utc) },
            .init("digest", .string, "sha256: of its script") { $0.digest.map(JSON.string) },
            .init("before_entry", .integer, "the version that ran before, to run again") {
                $0.before.map { .integer($0.index) }
            },
            .init("before_digest", .string) { $0.before?.digest.map(JSON.string) },
        ] + RecordColumn.plan { $0.plan })

    public init?(json: JSONObject) {
        guard let number = json.count("step"), let change = json["change"]?.string,
            let isInTheWay = json["in_the_way"]?.bool,
            let state = json["state"]?.string.flatMap(ChangeState.init(rawValue:)),
            let index = json["index"]?.integer, let at = json.time("at")
        else { return nil }
        let plan = json["plan"] == nil ? nil : RollbackPlan(json: json)
        self.init(
            target: Target(of: json), number: number, change: change, name: json["name"]?.string,
            isInTheWay: isInTheWay, state: state, index: index, at: at,
            digest: json["digest"]?.string,
            before: json["before_entry"]?.integer.map {
                Version(index: $0, digest: json["before_digest"]?.string)
            }, plan: plan, obstacle: json["obstacle"]?.string.flatMap(Obstacle.init(rawValue:)))
    }
}
