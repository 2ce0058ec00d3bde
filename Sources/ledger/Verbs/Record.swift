import ArgumentParser
import LedgerCore
import LedgerIngest
import LedgerOperations

struct Record: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record",
        abstract: "Record an event by hand.",
        discussion: """
              ledger record deployment --service orders --env prod --change V42__add_index
              ledger record note --about 1234 --message 'the index was built before'
            """,
        subcommands: [
            RecordDeployment.self, RecordReview.self, RecordNote.self, RecordIncident.self,
        ])
}

/// The flags that every recorded event has.
struct RecordFlags: ParsableArguments {
    @OptionGroup(title: "Where") var target: TargetFlags
    @OptionGroup(title: "What") var change: ChangeFlags
    @OptionGroup(title: "Who and why") var people: PeopleFlags
    @OptionGroup(title: "The event") var event: EventFlags
    @OptionGroup var ledger: LedgerOptions
    @OptionGroup var receipt: ReceiptOptions

    /// Records an event of the flags and of what the verb adds.
    ///
    /// - Parameter needsService: the only service of `ledger.yaml` is meant if none is given.
    func record(
        needsService: Bool = false, about indexes: [Int64] = [],
        attachments added: [Attachment] = [],
        _ add: (inout JSONObject) async throws(LedgerError) -> Void
    ) async throws {
        let configuration = try Configuration.current()
        var object = JSONObject()
        try target.fill(&object, configuration)
        if needsService {
            object.set(try configuration.service(object["service"]?.string), at: "service")
        }
        var attachments = try change.fill(&object, configuration)
        try people.fill(&object)
        attachments += try event.fill(&object) + added
        object.set(try await About.entries(indexes, in: ledger), at: "about")
        if object["trigger"] == nil { object.set("manual", at: "trigger", "kind") }
        try await add(&object)
        let event = try Event.ofFlags(object, attachments)
        try await receipt.record([event], in: ledger)
    }
}

/// How a receipt is shown.
struct ReceiptOptions: ParsableArguments {
    @Flag(name: .customLong("json"), help: "Print the receipt as JSON.")
    var isJSON = false

    func record(_ events: [Event], in ledger: LedgerOptions) async throws {
        let receipts = try await ledger.withWriter { try await $0.record(events, source: "cli") }
        var future = FutureTimes()
        for event in events { future.look(at: event) }
        future.report()
        for receipt in receipts {
            if receipt.isRepeat {
                Terminal.note("it was recorded before: this is its first receipt")
            }
            Output.receipt(receipt, isJSON: isJSON)
        }
    }
}

struct RecordDeployment: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deployment",
        abstract: "Record that a change ran somewhere.",
        discussion: """
              ledger record deployment --service orders --env prod --tenant acme \\
                --file migrations/V42__add_index.sql --status succeeded \\
                -m 'index for the monthly report' --ticket INC-9
            """)

    @OptionGroup var flags: RecordFlags

    @Option(help: "started, succeeded, failed, skipped or unknown.")
    var status = "succeeded"

    @Option(help: "apply, revert, baseline, mark or repair.")
    var operation: String?

    @Option(help: ArgumentHelp("Ties the events of one deployment.", valueName: "id"))
    var deployment: String?

    @Option(help: "When it began.") var started: String?
    @Option(help: "When it ended.") var ended: String?
    @Option(help: ArgumentHelp("How long it took.", valueName: "milliseconds"))
    var durationMs: Int64?

    @Option(help: "What went wrong.") var error: String?
    @Option(help: "The database user that it ran as.") var executedAs: String?
    @Option(help: "The host of the database, or the machine that it ran on.") var host: String?

    @Option(
        help:
            "How to undo it: \(RollbackStrategy.allCases.map(\.rawValue).joined(separator: ", ")).")
    var strategy: String?

    func run() async throws {
        let undo = try undo()
        try await flags.record(
            needsService: true,
            attachments: undo.map { [Attachment(name: Attachment.rollbackScript, bytes: $0)] } ?? []
        ) { (event) throws(LedgerError) in
            event.set("deployment", at: "type")
            event.set(status, at: "deployment", "status")
            event.set(operation, at: "deployment", "operation")
            event.set(deployment, at: "deployment", "id")
            event.set(started, at: "deployment", "started")
            event.set(ended, at: "deployment", "ended")
            if flags.event.time == nil, let time = ended ?? started { event.set(time, at: "time") }
            event.set(durationMs.map { JSON.integer($0) }, at: "deployment", "duration_ms")
            event.set(error, at: "error")
            event.set(executedAs, at: "executed_as")
            event.set(host, at: "host")
            event.set(strategy, at: "rollback", "strategy")
            if undo != nil {
                event.set(RollbackStrategy.reversible.rawValue, at: "rollback", "strategy")
                event.set(true, at: "rollback", "inferred")
            }
        }
    }

    /// What undoes the script, where nobody says how: it lies beside it, or in it.
    private func undo() throws(LedgerError) -> [UInt8]? {
        guard strategy == nil, operation ?? "apply" == DeploymentOperation.apply.rawValue,
            let path = try Setting.value(flags.change.file, "--file", "LEDGER_FILE")
        else { return nil }
        let script = try TextFile.bytes(path, limit: EventSchema.attachmentByteLimit)
        return UndoScript.bytes(for: path, content: script)
    }
}

struct RecordReview: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "review",
        abstract: "Record that a change was approved, rejected, linted or tested.",
        discussion: """
              ledger record review --service orders --change V42__add_index \\
                --decision approved --role dba --actor bob@example.com
            """)

    @OptionGroup var flags: RecordFlags

    @Option(help: "approved, rejected, commented, passed or failed.") var decision: String
    @Option(name: .customLong("review-kind"), help: "approval, lint or test.") var reviewKind:
        String?
    @Option(help: "In which role.") var role: String?
    @Option(help: "The name of the check.") var check: String?

    func run() async throws {
        try await flags.record(needsService: true) { (event) throws(LedgerError) in
            event.set("review", at: "type")
            event.set(decision, at: "review", "decision")
            event.set(reviewKind, at: "review", "kind")
            event.set(role, at: "review", "role")
            event.set(check, at: "review", "check")
        }
    }
}

struct RecordNote: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "note",
        abstract: "Record a note, about an entry or on its own.",
        discussion: """
              ledger record note --about 1234 --message 'the index was built before'
            """)

    @OptionGroup var flags: RecordFlags
    @Option(help: ArgumentHelp("The entry that it is about; repeatable.", valueName: "index"))
    var about: [Int64] = []

    func run() async throws {
        try await flags.record(about: about) { (event) throws(LedgerError) in
            event.set("note", at: "type")
        }
    }
}

struct RecordIncident: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "incident",
        abstract: "Record an incident, so that what changed before it can be found.",
        discussion: """
              ledger record incident --service orders --env prod \\
                --title 'checkout is slow' --time 2026-11-01T03:10:00Z
            """)

    @OptionGroup var flags: RecordFlags
    @Option(help: ArgumentHelp("An entry that it is about; repeatable.", valueName: "index"))
    var about: [Int64] = []

    func run() async throws {
        try await flags.record(about: about) { (event) throws(LedgerError) in
            event.set("incident", at: "type")
        }
    }
}

enum About {
    /// What names entries in an event.
    ///
    /// - Throws: `notFound` for an index that the ledger doesn't have, most likely mistyped.
    static func entries(
        _ indexes: [Int64], in ledger: LedgerOptions
    ) async throws(LedgerError) -> JSON? {
        if indexes.isEmpty { return nil }
        let head = try await ledger.view().head()
        for index in indexes where index < 0 || index > head.index {
            throw LedgerError(
                .notFound, "there is no entry #\(index)", advice: "ledger head prints the last one")
        }
        return .array(indexes.map { ["entry": .integer($0)] })
    }
}
