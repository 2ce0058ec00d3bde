import ArgumentParser
import LedgerCore
import LedgerCorrelation
import LedgerCrypto
import LedgerOperations
import LedgerReport

struct RollbackShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "How a change is undone: everywhere, and where it is said otherwise.",
        discussion: """
            What somebody said with rollback set stands over what is inferred: what came along \
            with a merge, or was found beside a script or in it. A plan for a target stands over \
            the one for everywhere. Where a change was reverted, its plan counts as tested.

              ledger rollback show orders:V42
              ledger rollback show orders:V42 --env prod --tenant acme
              ledger rollback show orders:V42 --script > undo.sql
            """)

    @Argument(help: "The change, such as orders:V42.") var change: String

    @Option(help: "Of which service, if the change doesn't say. [$LEDGER_SERVICE]")
    var service: String?

    @Option(
        name: [.customLong("env"), .customLong("environment")],
        help: "The plan that holds there alone.")
    var environment: String?

    @Option(help: "And for this tenant.") var tenant: String?
    @Option(help: "In this region.") var region: String?
    @Option(help: "On this cluster.") var cluster: String?

    @Flag(help: "Print the script that undoes it, and nothing else.") var script = false

    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup var ledger: LedgerOptions

    func validate() throws {
        if environment == nil, tenant != nil || region != nil || cluster != nil {
            throw ValidationError("--tenant, --region and --cluster need --env.")
        }
    }

    func run() async throws {
        let configuration = try Configuration.current()
        var inquiry = RollbackPlanInquiry(change: change)
        inquiry.target = Target(
            environment: try Setting.value(environment, "--env").map(configuration.environment),
            tenant: try Setting.value(tenant, "--tenant"),
            region: try Setting.value(region, "--region"),
            cluster: try Setting.value(cluster, "--cluster"))
        if !ChangeReference(change).hasService {
            inquiry.target.service =
                try Setting.value(service, "--service", "LEDGER_SERVICE")
                ?? configuration.onlyService
        }
        let view = try ledger.view()
        let reply = try await view.reply(to: inquiry)
        if script { return try await printScript(reply, view) }
        if let format = output.recordFormat {
            return try RollbackPlan.write(reply.plans, as: format, to: output.output)
        }
        try RollbackPlanReport.writeTable(
            reply.plans, now: Now.timestamp, output.appearance, to: output.output)
        Terminal.note(RollbackPlanReport.closingLine(reply.plans, of: Self.name(reply)))
    }

    private static func name(_ reply: RollbackPlanReply) -> String {
        "\(reply.service):\(reply.name ?? reply.change)"
    }

    private func printScript(
        _ reply: RollbackPlanReply, _ view: any LedgerView
    ) async throws {
        let name = Self.name(reply)
        let scripts = reply.plans.compactMap(\.script)
        guard let script = scripts.first, let key = Digest(hex: script.digest.utf8.dropFirst(7))
        else {
            throw LedgerError(
                .notFound, "no script is known that undoes \(name)",
                advice: "ledger rollback set --script keeps one")
        }
        if Set(scripts.map(\.digest)).count > 1 {
            throw LedgerError(
                .ambiguous, "on some targets another script undoes \(name)",
                advice: "say where, with --env and --tenant; ledger rollback show lists them")
        }
        guard let bytes = try await view.attachment(key) else {
            throw LedgerError(
                .notFound,
                "of the script that undoes \(name) only the digest was recorded, \(script.digest)")
        }
        try Output.write(bytes)
    }
}
