import ArgumentParser
import LedgerCore
import LedgerCorrelation
import LedgerIngest
import LedgerOperations
import LedgerReport

struct GateVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gate",
        abstract: "Whether a change may go to an environment now.",
        discussion: """
            For a pipeline, before it deploys. Exits with 0 if the gate is open, and with 3 and the \
            reasons if it is closed: the change has not come to the steps before (of parallel \
            environments one is enough), another script ran there, nobody but its author has \
            approved it, its lint is missing though others were linted, its lint or test failed, \
            nobody said how to undo it, another change has failed there, or a freeze holds. The \
            policy that was applied last says which of these count, and from when; a finding that \
            is acknowledged doesn't.

              ledger gate orders:V42 --env prod && deploy
              ledger gate orders:V42 --env prod --tenant acme --file V42__add_index.sql
              ledger gate --env prod --pending
              ledger gate orders:V42 --env prod --advise
              ledger gate orders:V42 --env prod --override -m 'INC-12: orders are down'

            With --pending it asks for every script in the work tree that is not applied there, by \
            id and content; ledger.yaml says where they lie. With --advise it prints the reasons \
            and exits with 0, for the first weeks. With --override too, and records who did it and \
            why; for that, a server asks for a token that may record and is not limited to some \
            services or environments.
            """)

    enum Outage: String, ExpressibleByArgument, CaseIterable {
        case allow, deny
    }

    @Argument(help: "The change, such as orders:V42.") var change: String?

    @Flag(help: "Ask for the scripts in the work tree that are not applied there.")
    var pending = false

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

    @Flag(
        name: .customLong("override"), help: "Let it pass, and record who did it: with --reason.")
    var isOverridden = false

    @Option(
        name: [.customLong("reason"), .customShort("m")],
        help: "Why it goes all the same. [$LEDGER_REASON]")
    var reason: String?

    @Option(help: "Who lets it pass, if it isn't you. [$LEDGER_ACTOR]") var actor: String?

    @Option(help: "Whether it may go when the ledger can't be asked: allow or deny.")
    var onOutage = Outage.deny

    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup var ledger: LedgerOptions

    func validate() throws {
        if output.format == .csv || output.format == .ndjson {
            throw ValidationError("gate knows -o table and -o json.")
        }
        if pending == (change != nil) {
            throw ValidationError("Name a change, or give --pending: one of the two.")
        }
        if pending, file != nil {
            throw ValidationError("--pending finds the scripts itself: leave out --file.")
        }
        if isOverridden, advise || onOutage == .allow {
            throw ValidationError(
                "--override records who did it: leave out --advise and --on-outage allow.")
        }
        if !isOverridden, reason != nil || actor != nil {
            throw ValidationError("--reason and --actor say who overrides: add --override.")
        }
    }

    func run() async throws {
        let configuration = try Configuration.current()
        guard let name = try Setting.value(environment, "--env", "LEDGER_ENV") else {
            throw LedgerError(
                .usage, "it is not said where the change is to go", advice: "give --env")
        }
        let place = configuration.environment(name)
        let tenant = try Setting.value(tenant, "--tenant", "LEDGER_TENANT")
        let answer =
            pending
            ? try await askForPending(place, tenant, configuration)
            : try await askForOne(place, tenant, configuration)
        guard let answer else { return }
        try write(answer, place)
        if !answer.isOpen, !advise, !isOverridden { throw Failure.findings }
    }

    /// Nil if the ledger can't be asked, and the change may go all the same.
    private func askForOne(
        _ environment: String, _ tenant: String?, _ configuration: Configuration
    ) async throws(LedgerError) -> GateAnswer? {
        let change = change ?? ""
        var inquiry = GateInquiry(change: change, environment: environment)
        inquiry.tenant = tenant
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
        if isOverridden { return try await pass(inquiry.question(ledger.view())) }
        return try await ask { [inquiry] (view) throws(LedgerError) in
            var answer = GateAnswer()
            answer.verdicts = [try await view.reply(to: inquiry)]
            return answer
        }
    }

    private func askForPending(
        _ environment: String, _ tenant: String?, _ configuration: Configuration
    ) async throws(LedgerError) -> GateAnswer? {
        let services = try configuration.scriptServices(
            Setting.value(service, "--service", "LEDGER_SERVICE"))
        let tree = try WorkTree(at: configuration.folder ?? ".", services: services)
        var question = GateQuestion(
            environment: environment,
            changes: try tree.scripts().map(GateQuestion.Change.init(of:)))
        if question.changes.isEmpty { return GateAnswer() }
        question.tenant = tenant
        question.isOfPending = true
        if isOverridden { return try await pass(question) }
        return try await ask { [question] (view) throws(LedgerError) in
            try await view.gate(question)
        }
    }

    private func pass(_ question: GateQuestion) async throws(LedgerError) -> GateAnswer {
        let passing = try GateOverride(
            reason: Setting.value(reason, "--reason", "LEDGER_REASON"),
            actor: Setting.value(actor, "--actor", "LEDGER_ACTOR") ?? LocalUser.name)
        do {
            return try await ledger.withWriter {
                try await $0.gate(question, overriding: passing)
            }
        } catch {
            throw LedgerError(wrapping: error).prefixed("the override is not recorded")
        }
    }

    private func ask(
        _ body: (any LedgerView) async throws(LedgerError) -> GateAnswer
    ) async throws(LedgerError) -> GateAnswer? {
        var isOpened = false
        do throws(LedgerError) {
            let view = try ledger.view()
            isOpened = true
            return try await body(view)
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

    private func write(_ answer: GateAnswer, _ environment: String) throws {
        if pending {
            if answer.verdicts.isEmpty, answer.thereCount == 0 {
                // A slip in the paths must not open the gate.
                throw LedgerError(
                    .notFound,
                    "no scripts lie in the paths of ledger.yaml: there is nothing to ask",
                    advice: "mend services.NAME.paths; they begin at the repository's root")
            }
            if output.recordFormat != nil {
                try Output.json(.object(answer.json))
            } else {
                try GateReport.writeTable(answer.verdicts, output.appearance, to: output.output)
            }
            Terminal.note(
                GateReport.closingLine(
                    answer.verdicts, thereCount: answer.thereCount, environment: environment))
        } else if let verdict = answer.verdicts.first {
            if output.recordFormat != nil {
                var object = verdict.json
                object["receipt"] = answer.receipts.first.map { .object($0.json) }
                try Output.json(.object(object))
            } else {
                try Output.write(Array(GateReport.text(verdict).utf8))
            }
        }
        if output.recordFormat == nil {
            for receipt in answer.receipts { Output.receipt(receipt) }
        }
        if isOverridden, answer.isOpen { Terminal.note("nothing to override: the gate is open") }
    }
}

extension GateQuestion.Change {
    /// What a script of the work tree would be.
    fileprivate init(of script: WorkTree.Script) {
        self.init(service: script.service, change: script.name.id)
        name = script.name.name
        digest = Attachment.text(of: script.digest)
        isRepeatable = script.name.isRepeatable
    }
}
