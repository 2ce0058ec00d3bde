import ArgumentParser
import LedgerCore
import LedgerOperations
import LedgerReport

/// Which events are asked for.
struct QueryOptions: ParsableArguments {
    @Option(
        name: [.customLong("env"), .customLong("environment")],
        help: "Where it ran. Repeatable, as all of these but --text and the times: any of them.")
    var environments: [String] = []

    @Option(name: .customLong("service"), help: "What was deployed.")
    var services: [String] = []

    @Option(name: .customLong("tenant"), help: "For which tenant.")
    var tenants: [String] = []

    @Option(name: .customLong("region"), help: "In which region.")
    var regions: [String] = []

    @Option(name: .customLong("cluster"), help: "On which cluster.")
    var clusters: [String] = []

    @Option(name: .customLong("database"), help: "The database's name.")
    var databases: [String] = []

    @Option(
        name: .customLong("change"),
        help: "An id, a name, or a beginning that only one change has; orders:V42 for one service.")
    var changes: [String] = []

    @Option(name: .customLong("actor"), help: "The id or name of who did it.")
    var actors: [String] = []

    @Option(
        name: .customLong("type"), help: "deployment, if left out; merge, review, note and others.")
    var types: [String] = []

    @Option(name: .customLong("status"), help: "started, succeeded, failed, skipped, unknown.")
    var statuses: [String] = []

    @Option(name: .customLong("operation"), help: "apply, revert, baseline, mark, repair.")
    var operations: [String] = []

    @Option(name: .customLong("trigger"), help: "cli, git, manual, webhook, import.")
    var triggers: [String] = []

    @Option(name: .customLong("ticket"), help: "The ticket that asked for it.")
    var tickets: [String] = []

    @Option(name: .customLong("digest"), help: "The script's digest: sha256: and 64 digits.")
    var digests: [String] = []

    @Option(
        name: .customLong("object"),
        help: "A table, view or other object that the script touches: orders or shop.orders.")
    var objects: [String] = []

    @Option(help: "Words in a change's name, a title, message, reason, error or command.")
    var text: String?

    @Option(help: "From when: 7d, 24h, 03:00, yesterday, 2026-11-01, or RFC 3339.")
    var since: String?

    @Option(help: "Until when, not included.") var until: String?

    @Option(help: "2026-Q4, 2026-11, 2026-W47 or 2026.") var period: String?

    @Flag(help: "Let times mean when it was recorded, not when it happened.")
    var recorded = false

    @Option(help: "At most so many rows; a table has 50 if this is left out.")
    var limit: Int?

    @Flag(help: "Oldest first.") var reverse = false

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit must be at least 1.") }
    }

    /// The question, with names that the ledger knows.
    ///
    /// - Throws: `notFound` with "did you mean" for a name that was never recorded.
    func query(
        _ view: any LedgerView, now: Timestamp, local: LocalTime
    ) async throws(LedgerError) -> EntryQuery {
        let configuration = try Configuration.current()
        var question = Question(.flags)
        question.values = [
            "env": environments, "service": services, "tenant": tenants, "region": regions,
            "cluster": clusters, "database": databases, "change": changes, "actor": actors,
            "type": types, "status": statuses, "operation": operations, "trigger": triggers,
            "ticket": tickets, "digest": digests, "object": objects,
        ]
        for (name, value) in [
            ("text", text), ("since", since), ("until", until), ("period", period),
        ] {
            question.values[name] = value.map { [$0] }
        }
        question.isRecorded = recorded
        question.isReversed = reverse
        question.limit = limit
        return try await question.query(
            view, now: now, local: local, environment: configuration.environment)
    }
}
