import LedgerCore
import LedgerCorrelation

// StatusRecords.swift
//
// The rows of `ledger status -o json|ndjson|csv`, and of GET /v1/status, written and read.

extension BoardRow: Record {
    public static let definition = RecordDefinition<BoardRow>(
        version: 1,
        columns: [
            .init("service", .string, isRequired: true) { .string($0.service) },
            .init("environment", .string, isRequired: true) { .string($0.environment) },
            .init("step", .integer, "the place on the path, from 0") {
                $0.step.map { .integer(Int64($0)) }
            },
            .init("path_declared", .boolean, "else taken from what was seen", isRequired: true) {
                .bool($0.isPathDeclared)
            },
            .init("targets", .integer, isRequired: true) { .integer(Int64($0.targetCount)) },
            .init("state", .state, "the worst of its changes", isRequired: true) {
                .string($0.state.rawValue)
            },
            .init("change", .string, "the id of the last change that came") {
                $0.last.map { .string($0.change) }
            },
            .init("name", .string) { $0.last?.name.map(JSON.string) },
            .init("at", .time) { $0.last.map { .string($0.at.utc) } },
            .init("index", .integer) { $0.last.map { .integer($0.index) } },
            .init("behind", .integer, "changes that should be on all targets", isRequired: true) {
                .integer(Int64($0.behindCount))
            },
            .init("failed", .integer, isRequired: true) { .integer(Int64($0.failedCount)) },
        ])

    public init?(json: JSONObject) {
        guard let service = json["service"]?.string, let environment = json["environment"]?.string,
            let isPathDeclared = json["path_declared"]?.bool, let targets = json.count("targets"),
            let state = json["state"]?.string.flatMap(ChangeState.init(rawValue:)),
            let behind = json.count("behind"), let failed = json.count("failed")
        else { return nil }
        self.init(
            service: service, environment: environment, step: json.count("step"),
            isPathDeclared: isPathDeclared, targetCount: targets, state: state,
            last: LastChange(json: json), behindCount: behind, failedCount: failed)
    }
}

extension ChangeRow: Record {
    public static let definition = RecordDefinition<ChangeRow>(
        version: 1,
        columns: [
            .init("service", .string, isRequired: true) { .string($0.service) },
            .init("change", .string, "its id", isRequired: true) { .string($0.change) },
            .init("name", .string) { $0.name.map(JSON.string) },
            .init("also", .list(.string), "the ids that it has besides: ledger link list") { row in
                row.otherIDs.isEmpty ? nil : .array(row.otherIDs.map(JSON.string))
            },
            .init("environment", .string, isRequired: true) { .string($0.environment) },
            .init("step", .integer, "the place on the path, from 0") {
                $0.step.map { .integer(Int64($0)) }
            },
            .init("path_declared", .boolean, isRequired: true) { .bool($0.isPathDeclared) },
            .init("targets_declared", .boolean, isRequired: true) { .bool($0.areTargetsDeclared) },
            .init("state", .state, "the worst of its targets'", isRequired: true) {
                .string($0.state.rawValue)
            },
            .init("done", .integer, "targets on which its content is", isRequired: true) {
                .integer(Int64($0.doneCount))
            },
            .init("targets", .integer, isRequired: true) { .integer(Int64($0.targetCount)) },
            .init("others", .map(.list(.string)), "the other targets, by where it stands there") {
                row in
                row.others.isEmpty ? nil : .object(row.othersObject)
            },
            .init("at", .time, "when it came here last") { $0.at.map { .string($0.utc) } },
            .init("index", .integer) { $0.index.map(JSON.integer) },
            .init("merged", .time, "when it was merged first") {
                $0.mergedAt.map { .string($0.utc) }
            },
        ])

    private var othersObject: JSONObject {
        var object = JSONObject()
        for (state, names) in others.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            object[state.rawValue] = .array(names.map(JSON.string))
        }
        return object
    }

    public init?(json: JSONObject) {
        guard let service = json["service"]?.string, let change = json["change"]?.string,
            let environment = json["environment"]?.string,
            let isPathDeclared = json["path_declared"]?.bool,
            let areTargetsDeclared = json["targets_declared"]?.bool,
            let state = json["state"]?.string.flatMap(ChangeState.init(rawValue:)),
            let done = json.count("done"), let targets = json.count("targets")
        else { return nil }
        var others: [ChangeState: [String]] = [:]
        for member in json["others"]?.object?.members ?? [] {
            guard let state = ChangeState(rawValue: member.name) else { return nil }
            others[state] = member.value.array?.compactMap(\.string)
        }
        self.init(
            service: service, change: change, name: json["name"]?.string,
            otherIDs: (json["also"]?.array ?? []).compactMap(\.string), environment: environment,
            step: json.count("step"), isPathDeclared: isPathDeclared,
            areTargetsDeclared: areTargetsDeclared, state: state, doneCount: done,
            targetCount: targets, others: others, at: json.time("at"),
            index: json["index"]?.integer, mergedAt: json.time("merged"))
    }
}

extension TargetRow: Record {
    public static let definition = RecordDefinition<TargetRow>(
        version: 1,
        columns: RecordColumn.target(\.target) + [
            .init("change", .string, "its id", isRequired: true) { .string($0.change) },
            .init("name", .string) { $0.name.map(JSON.string) },
            .init("state", .state, isRequired: true) { .string($0.state.rawValue) },
            .init("at", .time, "when the last deployment of it was") {
                $0.at.map { .string($0.utc) }
            },
            .init("index", .integer) { $0.index.map(JSON.integer) },
            .init("digest", .string, "of that deployment's script") {
                $0.digest.map(JSON.string)
            },
        ])

    public init?(json: JSONObject) {
        guard let change = json["change"]?.string,
            let state = json["state"]?.string.flatMap(ChangeState.init(rawValue:))
        else { return nil }
        self.init(
            target: Target(of: json), change: change, name: json["name"]?.string, state: state,
            at: json.time("at"),
            index: json["index"]?.integer, digest: json["digest"]?.string)
    }
}

extension PlaceRow: Record {
    public static let definition = RecordDefinition<PlaceRow>(
        version: 1,
        columns: [
            .init("environment", .string, isRequired: true) { .string($0.environment) },
            .init(
                "by", .oneOf(StatusQuestion.Grouping.allCases.map(\.rawValue)),
                "what place is", isRequired: true
            ) { .string($0.grouping.rawValue) },
            .init("place", .string, isRequired: true) { .string($0.place) },
            .init("targets", .integer, isRequired: true) { .integer(Int64($0.targetCount)) },
            .init("service", .string, "of the last change that came") {
                $0.service.map(JSON.string)
            },
            .init("change", .string, "its id") { $0.last.map { .string($0.change) } },
            .init("name", .string) { $0.last?.name.map(JSON.string) },
            .init("at", .time) { $0.last.map { .string($0.at.utc) } },
            .init("index", .integer) { $0.last.map { .integer($0.index) } },
            .init("behind", .integer, "changes that should be here", isRequired: true) {
                .integer(Int64($0.behindCount))
            },
            .init("behind_since", .time, "since when the oldest of them should") {
                $0.behindSince.map { .string($0.utc) }
            },
            .init("failed", .integer, isRequired: true) { .integer(Int64($0.failedCount)) },
        ])

    public init?(json: JSONObject) {
        guard let environment = json["environment"]?.string,
            let grouping = json["by"]?.string.flatMap(StatusQuestion.Grouping.init(rawValue:)),
            let place = json["place"]?.string, let targets = json.count("targets"),
            let behind = json.count("behind"), let failed = json.count("failed")
        else { return nil }
        self.init(
            environment: environment, grouping: grouping, place: place, targetCount: targets,
            service: json["service"]?.string, last: LastChange(json: json), behindCount: behind,
            behindSince: json.time("behind_since"), failedCount: failed)
    }
}

extension LastChange {
    fileprivate init?(json: JSONObject) {
        guard let change = json["change"]?.string, let at = json.time("at"),
            let index = json["index"]?.integer
        else { return nil }
        self.init(change: change, name: json["name"]?.string, at: at, index: index)
    }
}

extension RecordField.Kind {
    static let state = RecordField.Kind.oneOf(ChangeState.allCases.map(\.rawValue))
}

extension JSONObject {
    func count(_ name: String) -> Int? { self[name]?.integer.map { Int($0) } }

    func time(_ name: String) -> Timestamp? {
        (self[name]?.string).flatMap(Timestamp.init(rfc3339:))
    }
}
