import LedgerCore
import LedgerCorrelation

/// What there is to show of the rows of each subject. A definition picks from these by name.
public enum ReportFields {
    public static let changes: [RecordColumn<PopulationRow>] =
        changeIdentity + changeTarget + changePeople + changeDuties + changeDates + changeOutcome
        + changeEvidence

    typealias Change = RecordColumn<PopulationRow>

    static func texts(_ values: [String]) -> JSON? {
        values.isEmpty ? nil : .array(values.map(JSON.string))
    }

    static func time(_ time: Timestamp?) -> JSON? { time.map { .string($0.utc) } }
    static func number(_ count: Int) -> JSON? { .integer(Int64(count)) }
    static func text(_ text: String?) -> JSON? { text.map(JSON.string) }

    private static let changeIdentity: [Change] = [
        Change("index", .integer, isRequired: true) { .integer($0.delivery.decisive.index) },
        Change("id", .string) { text($0.delivery.decisive.string("id")) },
        Change("service", .string, isRequired: true) { text($0.change.service) },
        Change("change", .string, isRequired: true) { text($0.change.id) },
        Change("name", .string) { text($0.change.name) },
        Change("kind", .string) { text($0.said("change", "kind")) },
        Change("class", .string) { text($0.changeClass) },
        Change("title", .string) { text($0.saidPrivately("title")) },
        Change("reason", .string) { text($0.saidPrivately("reason")) },
        Change("message", .string) { text($0.saidPrivately("message")) },
        Change("ticket", .string) { text($0.said("change", "ticket")) },
        Change("tool", .string) { text($0.said("change", "tool")) },
    ]

    private static let changeTarget: [Change] = [
        Change("environment", .string, isRequired: true) { text($0.environment) },
        Change("tenants", .list(.string)) { texts($0.delivery.all(.tenant)) },
        Change("regions", .list(.string)) { texts($0.delivery.all(.region)) },
        Change("clusters", .list(.string)) { texts($0.delivery.all(.cluster)) },
        Change("databases", .list(.string)) { texts($0.delivery.all(.database)) },
        Change("objects", .list(.string)) { texts($0.objects) },
    ]

    private static let changePeople: [Change] = [
        Change("requestors", .list(.string)) { texts($0.persons("requestor")) },
        Change("authors", .list(.string)) { texts($0.authors) },
        Change("reviewers", .list(.string)) { texts($0.reviewers) },
        Change("approvers", .list(.anything)) { row in
            let approvals = row.approvals.map { review in
                JSON.object(
                    JSONObject([
                        "at": .string(review.at.utc), "id": review.privateMembers[["actor", "id"]],
                        "role": review.members[["review", "role"]],
                    ]))
            }
            return approvals.isEmpty ? nil : .array(approvals)
        },
        Change("tester", .string) { row in
            text(row.persons("tester").first ?? row.test?.privateString("actor", "id"))
        },
        Change("deployers", .list(.string)) { texts($0.delivery.all(.deployer)) },
        Change("deployer_kinds", .list(.string)) { texts($0.delivery.all(.deployerKind)) },
        Change("executed_as", .list(.string)) { texts($0.delivery.all(.executedAs)) },
        Change("principal", .string) { row in
            let principal = row.delivery.decisive.principal
            return text(
                [principal["kind"]?.string, principal["id"]?.string].compactMap(\.self)
                    .joined(separator: ":"))
        },
        Change("identity", .oneOf(["authenticated", "vouched", "claimed", "unknown"])) { row in
            text(identity(row.delivery.decisive))
        },
    ]

    /// How sure it is who did it: the ledger authenticated that person; it authenticated who says
    /// so; who says so could write to the file; or nobody was named.
    static func identity(_ row: HistoryRow) -> String {
        guard let actor = row.privateString("actor", "id") else { return "unknown" }
        if row.principal["kind"]?.string == "local" { return "claimed" }
        let names = [
            row.principal["id"]?.string, row.privateString(EventSchema.principalName),
        ]
        return names.contains { $0.map(actor.hasSameBytes) ?? false } ? "authenticated" : "vouched"
    }

    private static let verdicts = RecordField.Kind.oneOf(
        SeparationOfDuties.Verdict.allCases.map(\.rawValue))

    private static let changeDuties: [Change] = [
        Change("author_approver", verdicts, isRequired: true) {
            text($0.duties.authorAndApprover.rawValue)
        },
        Change("author_deployer", verdicts, isRequired: true) {
            text($0.duties.authorAndDeployer.rawValue)
        },
        Change("separation", verdicts, isRequired: true) { text($0.duties.verdict.rawValue) },
        Change("exceptions", .list(.anything)) { row in
            let exceptions = row.exceptions.map { exception in
                JSON.object(
                    JSONObject([
                        "by": exception.privateMembers[["actor", "id"]],
                        "entry": .integer(exception.index),
                        "reason": exception.privateMembers["reason"],
                        "type": .string(exception.type.rawValue),
                        "until": exception.members["until"],
                    ]))
            }
            return exceptions.isEmpty ? nil : .array(exceptions)
        },
    ]

    private static let changeDates: [Change] = [
        Change("first_heard", .time, isRequired: true) { time($0.requested) },
        Change("merged", .time) { row in
            time(row.facts.merges.first?.at)
        },
        Change("approved", .time) { time($0.approvals.first?.at) },
        Change("tested", .time) { time($0.test?.at) },
        Change("started", .time, isRequired: true) { row in
            time(row.delivery.first.time("deployment", "started") ?? row.delivery.first.at)
        },
        Change("ended", .time, isRequired: true) { row in
            time(row.delivery.last.time("deployment", "ended") ?? row.delivery.last.at)
        },
        Change("recorded", .time, isRequired: true) { time($0.delivery.decisive.recorded) },
        Change("time_known", .boolean, isRequired: true) {
            .bool($0.delivery.decisive.isTimeKnown)
        },
        Change("approved_before", .boolean) { $0.isApprovedBefore.map(JSON.bool) },
    ]

    private static let changeOutcome: [Change] = [
        Change("status", .oneOf(ChangeState.allCases.map(\.rawValue))) {
            text($0.state?.rawValue)
        },
        Change("attempts", .integer, isRequired: true) { number($0.delivery.attemptCount) },
        Change("targets", .integer) { row in
            row.states.isEmpty ? nil : number(row.states.values.reduce(0, +))
        },
        Change("targets_applied", .integer) { counted($0, [.applied, .edited, .baseline]) },
        Change("targets_failed", .integer) { counted($0, [.failed, .unfinished, .unknown]) },
        Change("targets_missing", .integer) { counted($0, [.missing, .pending, .absent]) },
        Change("targets_reverted", .integer) { counted($0, [.reverted]) },
        Change("rollback", .string) { text($0.plan?.strategy.rawValue) },
        Change("rollback_inferred", .boolean) { $0.plan.map { .bool($0.isInferred) } },
        Change("rollback_tested_in", .list(.string)) { row in
            texts((row.plan?.tests ?? []).map(\.environment))
        },
        Change("reverted", .time) { time($0.delivery.lastRevertedAt) },
    ]

    private static func counted(_ row: PopulationRow, _ states: Set<ChangeState>) -> JSON? {
        row.states.isEmpty ? nil : number(row.count(states))
    }

    private static let changeEvidence: [Change] = [
        Change("pull_request", .string) { row in
            text(
                ([row.delivery.decisive] + row.facts.merges.reversed()).lazy
                    .compactMap { $0.string("links", "pull_request") }.first)
        },
        Change("commit", .string) { text($0.said("git", "commit")) },
        Change("repository", .string) { text($0.said("git", "repository")) },
        Change("path", .string) { text($0.said("git", "path")) },
        Change("runs", .list(.string)) { texts($0.delivery.all(.run)) },
        Change("digest", .string) { text($0.delivery.decisive.string("change", "digest")) },
        Change("digests", .list(.string)) { texts($0.delivery.all(.digest)) },
        Change("first_environment", .string) { text($0.firstEnvironment) },
        Change("same_as_upstream", .boolean) { $0.isSameAsUpstream.map(JSON.bool) },
        Change("source", .string) { text($0.delivery.decisive.string("source")) },
        Change("hash", .hash, isRequired: true) { .string($0.delivery.decisive.hash.hex) },
        Change("previous_hash", .hash) { row in text(row.previousHash) },
        Change("entries", .list(.integer), isRequired: true) {
            .array($0.entries.map(JSON.integer))
        },
    ]
}
