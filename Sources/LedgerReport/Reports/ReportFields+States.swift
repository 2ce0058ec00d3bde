import LedgerCore
import LedgerCorrelation

extension ReportFields {
    public static let findings: [RecordColumn<ReportedFinding>] =
        Finding.definition.columns.filter { $0.field.name != "targets" }.map { column in
            RecordColumn(
                column.field.name, column.field.kind, column.field.meaning,
                isRequired: column.field.isRequired
            ) { column.value($0.finding) }
        } + [
            RecordColumn("targets", .list(.string)) {
                texts($0.finding.targets.map(\.text))
            },
            RecordColumn("acknowledged", .boolean, isRequired: true) {
                .bool($0.acknowledgement != nil)
            },
            RecordColumn("acknowledged_by", .string) {
                text($0.acknowledgement?.privateString("actor", "id"))
            },
            RecordColumn("acknowledged_until", .time) { $0.acknowledgement?.members["until"] },
            RecordColumn("acknowledged_reason", .string) {
                text($0.acknowledgement?.privateString("reason"))
            },
            RecordColumn("acknowledgement", .integer, "its entry") {
                $0.acknowledgement.map { .integer($0.index) }
            },
        ]

    public static let coverage: [RecordColumn<CoverageRow>] = [
        .init("service", .string, isRequired: true) { text($0.service) },
        .init("environment", .string, isRequired: true) { text($0.environment) },
        .init("changes", .integer, isRequired: true) { number($0.changeCount) },
        .init("tested", .integer, isRequired: true) { number($0.testedCount) },
        .init("untested", .integer, isRequired: true) { number($0.untestedCount) },
        .init("irreversible", .integer, isRequired: true) { number($0.irreversibleCount) },
        .init("unexplained", .integer, isRequired: true) { number($0.unexplainedCount) },
        .init("unplanned", .integer, isRequired: true) { number($0.unplanned.count) },
        .init("unplanned_changes", .list(.string)) { texts($0.unplanned) },
    ]

    public static let state: [RecordColumn<TargetState>] =
        RecordColumn.target { (row: TargetState) in row.target } + [
            .init("change", .string, isRequired: true) { text($0.change.id) },
            .init("name", .string) { text($0.change.name) },
            .init("state", .oneOf(ChangeState.allCases.map(\.rawValue)), isRequired: true) {
                text($0.state.rawValue)
            },
            .init("since", .time) { row in
                time(row.last.map { Timestamp(milliseconds: $0.at) })
            },
            .init("digest", .string) { text($0.last?.digest) },
            .init("duration_ms", .integer) { $0.last?.durationMilliseconds.map(JSON.integer) },
            .init("index", .integer) { row in row.last.map { .integer($0.index) } },
        ]

    public static let tokens: [RecordColumn<TokenUse>] = [
        .init("token", .string, isRequired: true) { text($0.token.id) },
        .init("name", .string) { text($0.token.name) },
        .init("role", .oneOf(Role.allCases.map(\.rawValue)), isRequired: true) {
            text($0.token.role.rawValue)
        },
        .init("services", .list(.string)) { texts($0.token.scope.services) },
        .init("environments", .list(.string)) { texts($0.token.scope.environments) },
        .init("sources", .list(.string)) { texts($0.token.scope.sources) },
        .init("created", .time, isRequired: true) { time($0.token.created) },
        .init("created_by", .string) { text($0.createdBy.map(principal)) },
        .init("created_in", .integer, isRequired: true) { .integer($0.created) },
        .init("expires", .time) { time($0.token.expires) },
        .init("revoked", .time) { time($0.token.revoked) },
        .init("revoked_by", .string) { text($0.revokedBy.map(principal)) },
        .init("revoked_in", .integer) { $0.revoked.map(JSON.integer) },
        .init("entries", .integer, isRequired: true) { .integer($0.entryCount) },
        .init("first_used", .time) { time($0.firstUsed) },
        .init("last_used", .time) { time($0.lastUsed) },
    ]

    private static func principal(_ principal: Principal) -> String {
        "\(principal.kind.rawValue):\(principal.name ?? principal.id)"
    }

    public static let activity: [RecordColumn<ActivityRow>] = [
        .init("actor", .string) { text($0.actor) },
        .init("kind", .string) { text($0.kind) },
        .init("type", .oneOf(EventType.allCases.map(\.rawValue)), isRequired: true) {
            text($0.type.rawValue)
        },
        .init("service", .string) { text($0.service) },
        .init("environment", .string) { text($0.environment) },
        .init("events", .integer, isRequired: true) { number($0.count) },
        .init("failed", .integer, isRequired: true) { number($0.failedCount) },
        .init("manual", .integer, isRequired: true) { number($0.manualCount) },
        .init("first", .time, isRequired: true) { time($0.first) },
        .init("last", .time, isRequired: true) { time($0.last) },
    ]

    public static let adHoc: [RecordColumn<AdHocShare>] = [
        .init("month", .string, isRequired: true) { text($0.month) },
        .init("service", .string, isRequired: true) { text($0.service) },
        .init("deployments", .integer, isRequired: true) { number($0.deploymentCount) },
        .init("ad_hoc", .integer, isRequired: true) { number($0.adHocCount) },
        .init("percent", .string, isRequired: true) { text($0.percent) },
    ]

    public static let checks: [RecordColumn<LedgerCheck>] = [
        .init("check", .string, isRequired: true) { text($0.name) },
        .init("result", .oneOf(["right", "wrong", "told"]), isRequired: true) { row in
            text(row.isRight.map { $0 ? "right" : "wrong" } ?? "told")
        },
        .init("detail", .string, isRequired: true) { text($0.detail) },
    ]
}
