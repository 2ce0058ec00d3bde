import ArgumentParser
import LedgerCore
import LedgerCorrelation
import LedgerOperations
import LedgerReport

struct Rollback: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "How changes can be undone.",
        discussion: """
              ledger rollback set --service orders --change V42__add_index \\
                --strategy forward_fix
              ledger rollback show orders:V42
              ledger rollback steps --env prod --undo orders:V42
              ledger rollback coverage --env prod
            """,
        subcommands: [
            RollbackSet.self, RollbackShow.self, RollbackStepsVerb.self, RollbackCoverage.self,
        ])
}

struct RollbackCoverage: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "coverage",
        abstract: "How many of the changes that run somewhere can be undone.",
        discussion: """
              ledger rollback coverage --env prod
              ledger rollback coverage --service orders -o csv
            """)

    @Option(
        name: [.customLong("env"), .customLong("environment")],
        help: "Only there; repeatable.")
    var environments: [String] = []

    @Option(help: "Only of this service; repeatable.") var service: [String] = []

    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup var ledger: LedgerOptions

    func run() async throws {
        let configuration = try Configuration.current()
        var inquiry = CoverageInquiry()
        inquiry.environments = try Setting.values(environments, "--env")
            .map(configuration.environment)
        inquiry.services = try Setting.values(service, "--service")
        let rows = try await ledger.view().reply(to: inquiry).rows
        if let format = output.recordFormat {
            return try CoverageRow.write(rows, as: format, to: output.output)
        }
        try CoverageReport.writeTable(rows, output.appearance, to: output.output)
    }
}

struct RollbackSet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Record the rollback plan of a change.",
        discussion: """
              ledger rollback set --service orders --change V42__add_index \\
                --strategy reversible --script U42__add_index.sql --tested-in stage
              ledger rollback set --service orders --change V42__add_index --env prod \\
                --tenant acme --strategy restore_point --restore-point snap-1

            With --env, --tenant, --region or --cluster the plan is that of these targets alone, \
            and stands there over the plan for everywhere.
            """)

    @OptionGroup var flags: RecordFlags

    @Option(
        help: ArgumentHelp(
            "\(RollbackStrategy.allCases.map(\.rawValue).joined(separator: ", ")).",
            valueName: "strategy"))
    var strategy: String

    @Option(help: ArgumentHelp("The script that undoes it; its bytes are kept.", valueName: "path"))
    var script: String?

    @Option(help: "The backup or snapshot to go back to.") var restorePoint: String?
    @Option(
        help: ArgumentHelp(
            "Until when that is kept: 14d (from now), 2027-01-01, RFC 3339.", valueName: "time"))
    var restorePointExpires: String?

    @Option(help: ArgumentHelp("Where it was tested; repeatable.", valueName: "environment"))
    var testedIn: [String] = []

    func run() async throws {
        let script = try script.map { path throws(LedgerError) in
            try TextFile.bytes(path, limit: EventSchema.attachmentByteLimit)
        }
        try await flags.record(
            needsService: true,
            attachments: script.map { [Attachment(name: Attachment.rollbackScript, bytes: $0)] }
                ?? []
        ) { (event) async throws(LedgerError) in
            event.set("rollback_plan", at: "type")
            event.set(strategy, at: "rollback", "strategy")
            event.set(restorePoint, at: "rollback", "restore_point")
            event.set(try expires()?.utc, at: "rollback", "restore_point_expires")
            if !testedIn.isEmpty {
                event.set(.array(testedIn.map { .string($0) }), at: "rollback", "tested_in")
            }
            try await noteDoubts(of: event)
        }
    }

    /// What was is told as well: a plan may be recorded late.
    private func expires() throws(LedgerError) -> Timestamp? {
        guard let text = try Setting.value(restorePointExpires, "--restore-point-expires") else {
            return nil
        }
        if let time = Timestamp(rfc3339: text) { return time }
        return try TimeBounds.future(
            text, option: "--restore-point-expires", now: Now.timestamp, local: Terminal.local)
    }

    /// A plan may come before its change and is recorded in any case; most often these are slips.
    private func noteDoubts(of event: JSONObject) async throws(LedgerError) {
        if let service = event["service"]?.string, let id = event[["change", "id"]]?.string {
            let view = try flags.ledger.view()
            let name = event[["change", "name"]]?.string ?? id
            if try await ChangeReference("\(service):\(id)").doubt(view) != nil,
                let note = try await ChangeReference("\(service):\(name)").doubt(view)
            {
                Terminal.note("note: \(note)")
            }
        }
        if strategy == RollbackStrategy.restorePoint.rawValue, restorePoint == nil {
            Terminal.note("note: the strategy is restore_point, and no --restore-point is given")
        }
        if let expires = try expires(), expires < Now.timestamp {
            Terminal.note("note: the restore point expired at \(expires.utc)")
        }
    }
}
