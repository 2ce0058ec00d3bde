import ArgumentParser
import LedgerCore

struct Correct: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "correct",
        abstract: "Set right what an entry says; the entry itself stays as it is.",
        discussion: """
            Answers use the corrected values from then on, and show that they were corrected.

              ledger correct 1234 --env stage --reason 'the job had the wrong variable'
            """)

    @Argument(help: "The entry's index.") var index: Int64

    @OptionGroup(title: "The right values") var right: CorrectedValues

    @Option(name: [.customLong("reason"), .customShort("m")], help: "Why.") var reason: String
    @Option(help: "Who corrects it, if it isn't you. [$LEDGER_ACTOR]") var actor: String?

    @OptionGroup var ledger: LedgerOptions
    @OptionGroup var receipt: ReceiptOptions

    func run() async throws {
        guard let seen = try await ledger.view().entry(at: index), let bytes = seen.stored.body,
            let body = StoredBody(bytes)
        else {
            throw LedgerError(
                .notFound, "there is no entry #\(index)", advice: "ledger head prints the last one")
        }
        if body.event["type"]?.string == EventType.correction.rawValue {
            throw LedgerError(
                .usage, "entry #\(index) is a correction itself",
                advice: "correct the entry that it is about once more")
        }
        let right = try right.members(of: body.event, try Configuration.current())
        if right.isEmpty {
            throw LedgerError(
                .usage, "nothing to correct is given", advice: "see ledger correct --help")
        }
        try EventRules.check(correction: right, of: body.event)
        var event = JSONObject()
        event.set("correction", at: "type")
        event.set([["entry": .integer(index)]], at: "about")
        event.set(.object(right), at: "correction")
        event.set(reason, at: "reason")
        event.set(Now.timestamp.utc, at: "time")
        event.set(
            try Setting.value(actor, "--actor", "LEDGER_ACTOR") ?? LocalUser.name, at: "actor")
        try await receipt.record([try Event.ofFlags(event)], in: ledger)
    }
}

/// What a correction can set right. No variable stands for a flag here: what a pipeline sets for
/// its own runs is not what was wrong with an entry.
struct CorrectedValues: ParsableArguments {
    @Option(help: "What was deployed.") var service: String?
    @Option(name: [.customLong("env"), .customLong("environment")], help: "Where it ran.")
    var environment: String?
    @Option(help: "The tenant.") var tenant: String?
    @Option(help: "The region.") var region: String?
    @Option(help: "The cluster.") var cluster: String?
    @Option(help: "The database's name.") var database: String?
    @Option(help: "The change: its id or its file's stem.") var change: String?
    @Option(help: "The ticket.") var ticket: String?
    @Option(help: "started, succeeded, failed, skipped or unknown.") var status: String?
    @Option(help: "apply, revert, baseline, mark or repair.") var operation: String?
    @Option(help: "When it really happened, such as 2026-11-01T03:10:00+01:00.") var time: String?

    /// The members to be set right in an event.
    ///
    /// - Throws: `usage` for an empty value.
    func members(
        of event: JSONObject, _ configuration: Configuration
    ) throws(LedgerError) -> JSONObject {
        var right = JSONObject()
        right.set(try Setting.value(service, "--service"), at: "service")
        let name = try Setting.value(environment, "--env")
        right.set(name.map(configuration.environment), at: "environment")
        right.set(try Setting.value(tenant, "--tenant"), at: "tenant")
        right.set(try Setting.value(region, "--region"), at: "region")
        right.set(try Setting.value(cluster, "--cluster"), at: "cluster")
        right.set(try Setting.value(database, "--database"), at: "database")
        if let change = try Setting.value(change, "--change") {
            let service = right["service"]?.string ?? event["service"]?.string
            right.setChange(
                try ChangeNames(configuration, service: service).change(named: change))
        }
        right.set(try Setting.value(ticket, "--ticket"), at: "change", "ticket")
        right.set(try Setting.value(status, "--status"), at: "deployment", "status")
        right.set(try Setting.value(operation, "--operation"), at: "deployment", "operation")
        right.set(try Setting.value(time, "--time"), at: "time")
        return right
    }
}
