import LedgerCore
import LedgerCorrelation

// FindingRecords.swift
//
// The rows of `ledger check -o json|ndjson|csv`, and of GET /v1/findings, written and read.

extension Finding: Record {
    public static let definition = RecordDefinition<Finding>(
        version: 1,
        columns: [
            .init("id", .string, "the same as long as the same is wrong", isRequired: true) {
                .string($0.id)
            },
            .init("code", .string, "the rule that found it", isRequired: true) { .string($0.code) },
            .init(
                "severity", .oneOf(Severity.allCases.map(\.rawValue)), isRequired: true
            ) { .string($0.severity.rawValue) },
            .init("service", .string, isRequired: true) { .string($0.service) },
            .init("environment", .string) { $0.environment.map(JSON.string) },
            .init("change", .string, "its id") { $0.change.map(JSON.string) },
            .init("name", .string, "the change's") { $0.name.map(JSON.string) },
            .init("targets", .list(.anything), "those that it is about") { finding in
                finding.targets.isEmpty
                    ? nil : .array(finding.targets.map { .object($0.json) })
            },
            .init("entries", .list(.integer), "those that show it", isRequired: true) {
                .array($0.entries.map(JSON.integer))
            },
            .init("detail", .string, "what is wrong", isRequired: true) { .string($0.detail) },
            .init("advice", .string, "what to do", isRequired: true) { .string($0.advice) },
            .init("since", .time) { $0.since.map { .string($0.utc) } },
            .init(
                "difference", .string, "of two scripts: a unified diff, at most 40 lines of it"
            ) { $0.difference.map(JSON.string) },
        ])

    public init?(json: JSONObject) {
        guard let code = json["code"]?.string,
            let severity = json["severity"]?.string.flatMap(Severity.init(rawValue:)),
            let service = json["service"]?.string, let entries = json["entries"]?.array,
            let detail = json["detail"]?.string, let advice = json["advice"]?.string
        else { return nil }
        self.init(
            code: code, severity: severity, service: service,
            environment: json["environment"]?.string, change: json["change"]?.string,
            name: json["name"]?.string,
            targets: (json["targets"]?.array ?? []).compactMap { $0.object.map(Target.init(of:)) },
            entries: entries.compactMap(\.integer), detail: detail, advice: advice,
            since: json.time("since"), difference: json["difference"]?.string)
    }
}
