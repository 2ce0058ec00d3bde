import ArgumentParser
import LedgerCore
import LedgerCorrelation
import LedgerOperations
import LedgerReport

struct GateVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gate",
        abstract: "Whether a change may go to an environment now.",
        discussion: """
            For a pipeline, before it deploys. Exits with 0 if the gate is open, and with 3 and the \
            reasons if it is closed: the change has not come to the steps before, another script \
            ran there, nobody but its author has approved it, its lint is missing though others \
            were linted, its lint or test failed, nobody said how to undo it, another change has \
            failed there, or a freeze holds. The policy that was applied last says which of these \
            count.

              ledger gate orders:V42 --env prod && deploy
              ledger gate orders:V42 --env prod --tenant acme --file V42__add_index.sql
              ledger gate orders:V42 --env prod --advise

            With --advise it prints the reasons and exits with 0, for the first weeks.
            """)

    enum Outage: String, ExpressibleByArgument, CaseIterable {
        case allow, deny
    }

    @Argument(help: "The change, such as orders:V42.") var change: String

    @Option(
        name: [.customLong("env"), .customLong("environment")],
        help: "Where it is to go. [$LEDGER_ENV]")
    var environment: String?

    @Option(help: "For which tenant. [$LEDGER_TENANT]") var tenant: String?
    @Option(help: "Of which service, if the change doesn't say. [$LEDGER_SERVICE]")
    var service: String?

    @Option(help: ArgumentHelp("The script that is about to run.", valueName: "path"))
    var file: String?

    @Flag(help: "Print the reasons, and exit with 0.") var advise = false

    @Option(help: "Whether it may go when the ledger can't be asked: allow or deny.")
    var onOutage = Outage.deny

    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup var ledger: LedgerOptions

    func validate() throws {
        if output.format == .csv || output.format == .ndjson {
            throw ValidationError("gate knows -o table and -o json.")
        }
    }

    func run() async throws {
        let configuration = try Configuration.current()
        guard let name = try Setting.value(environment, "--env", "LEDGER_ENV") else {
            throw LedgerError(
                .usage, "it is not said where the change is to go", advice: "give --env")
        }
        var inquiry = GateInquiry(change: change, environment: configuration.environment(name))
        inquiry.tenant = try Setting.value(tenant, "--tenant", "LEDGER_TENANT")
        if !ChangeReference(change).hasService {
            inquiry.service =
                try Setting.value(service, "--service", "LEDGER_SERVICE")
                ?? configuration.onlyService
        }
        if let file = try Setting.value(file, "--file") {
            let bytes = try TextFile.bytes(file, limit: EventSchema.attachmentByteLimit)
            inquiry.digest = Attachment.text(
                of: Attachment(name: Attachment.script, bytes: bytes).digest)
        }
        guard let verdict = try await ask(inquiry) else { return }
        if output.recordFormat != nil {
            try Output.json(.object(verdict.json))
        } else {
            try Output.write(Array(GateReport.text(verdict).utf8))
        }
        if !verdict.isOpen, !advise { throw Failure.findings }
    }

    /// Nil if the ledger can't be asked, and the change may go all the same.
    private func ask(_ inquiry: GateInquiry) async throws(LedgerError) -> GateVerdict? {
        var isOpened = false
        do throws(LedgerError) {
            let view = try ledger.view()
            isOpened = true
            return try await view.reply(to: inquiry)
        } catch {
            // A ledger that isn't there is none that can be asked; a change that isn't is a mistake.
            let isOutage =
                switch error.code {
                case .busy, .io, .stopped, .internal, .diskFull, .tooMany: true
                case .notFound: !isOpened
                default: false
                }
            if !isOutage || onOutage == .deny && !advise { throw error }
            Terminal.note("ledger: \(error.message); the gate is open")
            return nil
        }
    }
}

struct FreezeVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "freeze",
        abstract: "Times in which nothing is to be deployed.",
        discussion: """
              ledger freeze add --env prod --until 14d -m 'year end'
              ledger freeze list
              ledger freeze lift 1234 -m 'it is over'
            """,
        subcommands: [FreezeAdd.self, FreezeList.self, FreezeLift.self])
}

struct FreezeAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Declare a freeze: ledger gate is closed while it holds.",
        discussion: """
              ledger freeze add --env prod --until 14d -m 'year end'
              ledger freeze add --env prod --service orders \\
                --from 2026-12-20 --until 2027-01-02
            """)

    @OptionGroup(title: "Where") var target: TargetFlags
    @Option(help: "From when: 2026-12-20, 2026-12-20T18:00; now, if left out.") var from: String?
    @Option(help: "Until when, not included: 14d (from now), 2027-01-02.") var until: String?
    @OptionGroup(title: "Who and why") var people: PeopleFlags
    @OptionGroup var ledger: LedgerOptions
    @OptionGroup var receipt: ReceiptOptions

    func run() async throws {
        let local = Terminal.local
        let now = Now.timestamp
        var object = JSONObject()
        object.set("freeze", at: "type")
        object.set("add", at: "freeze", "action")
        try target.fill(&object, Configuration.current())
        if object["environment"] == nil {
            throw LedgerError(.usage, "a freeze has an environment", advice: "give --env")
        }
        try await noteUnknown(object["environment"]?.string)
        let start = try from.map { text throws(LedgerError) in
            try TimeBounds.future(text, option: "--from", now: now, local: local)
        }
        let end = try until.map { text throws(LedgerError) in
            try TimeBounds.future(text, option: "--until", now: now, local: local)
        }
        if let start, let end, end <= start {
            throw LedgerError(.usage, "--until is not after --from")
        }
        object.set((start ?? now).utc, at: "freeze", "from")
        object.set(end?.utc, at: "freeze", "until")
        object.set("manual", at: "trigger", "kind")
        try people.fill(&object)
        try await receipt.record([Event.ofFlags(object, [])], in: ledger)
    }

    /// It may come before its first deployment; most often this is a slip.
    private func noteUnknown(_ environment: String?) async throws(LedgerError) {
        let known = try await ledger.view().knownNames(of: .environment)
        guard let environment, !known.contains(where: { $0.hasSameBytes(as: environment) }) else {
            return
        }
        let advice = Suggestion.advice(for: environment, among: known).map { "; \($0)" }
        Terminal.note(
            "note: nothing was ever recorded of the environment "
                + "\(VisibleName.of(environment))\(advice ?? "")")
    }
}

struct FreezeList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "The freezes that hold, and those to come.",
        discussion: """
              ledger freeze list
            """)

    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup var ledger: LedgerOptions

    func run() async throws {
        let freezes = try await ledger.view().reply(to: FreezeInquiry()).rows
        if let format = output.recordFormat {
            return try Freeze.write(freezes, as: format, to: output.output)
        }
        try GateReport.writeTable(freezes, output.appearance, to: output.output)
        if freezes.isEmpty { Terminal.note("nothing is frozen") }
    }
}

struct FreezeLift: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lift",
        abstract: "End a freeze.",
        discussion: """
              ledger freeze lift 1234 -m 'it is over'
            """)

    @Argument(help: "The entry that declared it: ledger freeze list.") var index: Int64
    @OptionGroup(title: "Who and why") var people: PeopleFlags
    @OptionGroup var ledger: LedgerOptions
    @OptionGroup var receipt: ReceiptOptions

    func run() async throws {
        let freezes = try await ledger.view().reply(to: FreezeInquiry()).rows
        guard let freeze = freezes.first(where: { $0.index == index }) else {
            throw LedgerError(
                .notFound, "entry #\(index) declares no freeze that holds or is to come",
                advice: "ledger freeze list")
        }
        var object = JSONObject()
        object.set("freeze", at: "type")
        object.set("lift", at: "freeze", "action")
        // On the stream of what it lifts.
        object = freeze.target.json.merging(object)
        object.set(.array([["entry": .integer(index)]]), at: "about")
        object.set("manual", at: "trigger", "kind")
        try people.fill(&object)
        try await receipt.record([Event.ofFlags(object, [])], in: ledger)
    }
}
