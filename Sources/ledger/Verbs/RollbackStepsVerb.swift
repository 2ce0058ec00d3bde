import ArgumentParser
import LedgerCore
import LedgerCorrelation
import LedgerOperations
import LedgerReport

struct RollbackStepsVerb: AsyncParsableCommand {
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case table, markdown, json, ndjson, csv
    }

    static let configuration = CommandConfiguration(
        commandName: "steps",
        abstract: "What has to be undone to go back, newest first; it executes nothing.",
        discussion: """
            With --undo, what ran on the same targets after the change may depend on it, and goes \
            first; with --back-to, everything that ran since is undone. An attempt that failed or \
            has not ended may have left something, and is a step too. Of a repeatable change, the \
            version before runs again.

              ledger rollback steps --env prod --undo orders:V42
              ledger rollback steps --env prod --tenant acme --back-to 03:00
              ledger rollback steps --env prod --back-to 2h -o markdown

            Exits with 0 if every step has a way back, and with 3 if one has none: nobody said how \
            to undo it, it is irreversible or mended forward only, its restore point expired, or it \
            isn't known what of it is there. The steps are printed all the same, and those come \
            first. That a rollback was tested nowhere is said, and is no reason for 3.
            """)

    @Option(
        name: [.customLong("env"), .customLong("environment")],
        help: "Where to go back. [$LEDGER_ENV]")
    var environment: String?

    @Option(help: "Only of this service; repeatable.") var service: [String] = []
    @Option(help: "Only for this tenant; repeatable.") var tenant: [String] = []
    @Option(help: "Only in this region; repeatable.") var region: [String] = []
    @Option(help: "Only on this cluster; repeatable.") var cluster: [String] = []

    @Option(help: ArgumentHelp("The change to undo, such as orders:V42.", valueName: "change"))
    var undo: String?

    @Option(
        help: ArgumentHelp(
            "Back to how it was then: 03:00, 2h (ago), yesterday, RFC 3339.", valueName: "time"))
    var backTo: String?

    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: "table; markdown, a checklist for people; json, ndjson and csv for programs.")
    var format = Format.table

    @OptionGroup(title: "Output") var look: LookOptions
    @OptionGroup var ledger: LedgerOptions

    func validate() throws {
        if (undo == nil) == (backTo == nil) {
            throw ValidationError("Give either --undo, a change, or --back-to, a time.")
        }
    }

    func run() async throws {
        let configuration = try Configuration.current()
        let now = Now.timestamp
        guard let name = try Setting.value(environment, "--env", "LEDGER_ENV") else {
            throw LedgerError(.usage, "it is not said where to go back", advice: "give --env")
        }
        var inquiry = RollbackStepsInquiry(environment: configuration.environment(name))
        inquiry.services = try Setting.values(service, "--service")
        inquiry.tenants = try Setting.values(tenant, "--tenant")
        inquiry.regions = try Setting.values(region, "--region")
        inquiry.clusters = try Setting.values(cluster, "--cluster")
        inquiry.undo = try Setting.value(undo, "--undo")
        if let undo, inquiry.services.isEmpty, !ChangeReference(undo).hasService {
            inquiry.services = [configuration.onlyService].compactMap(\.self)
        }
        inquiry.backTo = try backTo.map { text throws(LedgerError) in
            try TimeBounds.past(text, option: "--back-to", now: now, local: look.local)
        }
        if let time = inquiry.backTo {
            Terminal.note("what ran since \(look.local.text(of: time, to: .seconds))")
        }
        let steps = try await ledger.view().reply(to: inquiry)
        try write(steps, inquiry, now)
        if steps.steps.contains(where: { $0.obstacle != nil }) { throw Failure.findings }
    }

    /// What `--change` takes for the change of a step: its name, if that leads to its id.
    private static func changeName(of step: RollbackStep) -> String {
        guard let name = step.name, let configuration = try? Configuration.current(),
            let naming = try? ChangeNames(configuration, service: step.service),
            naming.change(named: name).id.hasSameBytes(as: step.change)
        else { return step.change }
        return name
    }

    private func write(
        _ steps: RollbackSteps, _ inquiry: RollbackStepsInquiry, _ now: Timestamp
    ) throws {
        let output = BufferedOutput { try Output.write($0) }
        if let format = RecordFormat(rawValue: format.rawValue) {
            for note in steps.notes { Terminal.note(note) }
            return try RollbackStep.write(steps.steps, as: format, to: output)
        }
        if format == .markdown {
            let goal =
                inquiry.undo.map { "Undo \($0) in \(inquiry.environment)" }
                ?? inquiry.backTo.map {
                    "Take \(inquiry.environment) back to \(look.local.text(of: $0, to: .seconds))"
                } ?? ""
            try output.write(
                RollbackChecklist.text(steps, goal: goal, now: now, local: look.local) {
                    Self.changeName(of: $0)
                })
            return try output.flush()
        }
        try RollbackStepsReport.writeTable(steps, now: now, look.appearance, to: output)
        Terminal.note(RollbackStepsReport.closingLine(steps))
    }
}
