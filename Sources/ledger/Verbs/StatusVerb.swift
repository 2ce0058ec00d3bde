import ArgumentParser
import LedgerCore
import LedgerCorrelation
import LedgerOperations
import LedgerReport

struct StatusVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Where every change stands.",
        discussion: """
            Without a service or an environment, the board: a row for each service, a column for \
            each environment in the order of its path.

              ledger status                              the board
              ledger status --service orders             a row for each change
              ledger status --service orders --tenants   each target for itself
              ledger status --env prod                   a row for each service
              ledger status --env prod --by tenant       a row for each tenant
              ledger status --at 2026-11-01T12:00        as it was deployed then
              ledger status --as-known-at yesterday      as the ledger knew it then

            A change stands somewhere as its last deployment there says: applied, failed, \
            unfinished (it began, and no end was heard of), unknown, reverted, skipped, baseline; \
            edited, if other content ran than upstream; pending, if it was merged or applied \
            upstream and is not here; missing, if other targets of the environment have it. \
            Behind are the changes that should be on all targets and aren't.
            """)

    @Option(help: "A row for each change of this service; repeatable.")
    var service: [String] = []

    @Option(
        name: [.customLong("env"), .customLong("environment")],
        help: "A row for each service, or what --by says, of this environment.")
    var environments: [String] = []

    @Option(help: "service, tenant, region, cluster or target.")
    var by: StatusQuestion.Grouping?

    @Flag(help: "Each tenant, region and cluster for itself.") var tenants = false

    @Option(help: "As it was deployed then: yesterday, 2026-11-01T12:00, 7d (ago).")
    var at: String?

    @Option(help: "As the ledger knew it then.") var asKnownAt: String?

    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup var ledger: LedgerOptions

    func validate() throws {
        if by != nil, environments.isEmpty {
            throw ValidationError("--by divides an environment: say which, with --env.")
        }
        if environments.count > 1 {
            throw ValidationError(
                "--env asks for one environment; ledger status alone shows them side by side.")
        }
        if tenants, !environments.isEmpty {
            throw ValidationError("With --env it is --by tenant or --by target, not --tenants.")
        }
    }

    func run() async throws {
        let configuration = try Configuration.current()
        let now = Now.timestamp
        var inquiry = StatusInquiry()
        inquiry.question.services = try Setting.values(service, "--service")
        inquiry.question.environment = try Setting.value(environments.first, "--env")
            .map(configuration.environment)
        inquiry.question.grouping = by
        inquiry.question.isUnfolded = tenants
        inquiry.at = try at.map { text throws(LedgerError) in
            try TimeBounds.past(text, option: "--at", now: now, local: output.local)
        }
        inquiry.asKnownAt = try asKnownAt.map { text throws(LedgerError) in
            try TimeBounds.past(text, option: "--as-known-at", now: now, local: output.local)
        }
        if let moment = [inquiry.at, inquiry.asKnownAt].compactMap(\.self).min() {
            Terminal.note("as of \(output.local.text(of: moment, to: .seconds))")
        }
        let status = try await ledger.view().reply(to: inquiry)
        if let format = output.recordFormat {
            try status.write(as: format, to: output.output)
        } else {
            let then = inquiry.at ?? inquiry.asKnownAt ?? now
            try StatusTable.write(status, now: then, output.appearance, to: output.output)
            Terminal.note(status.closingLine)
        }
    }
}

extension StatusQuestion.Grouping: ExpressibleByArgument {}
