import ArgumentParser
import LedgerCore
import LedgerCorrelation
import LedgerOperations
import LedgerReport

struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "What is wrong: changes that are missing, out of order, edited, failed.",
        discussion: """
            Exits with 3 if there are findings, so that a pipeline or a timer can tell.

              ledger check                             everything
              ledger check --env prod --severity error the worst, of Prod
              ledger check --rule tenant-missed -o json
              ledger check --rules                     which rules there are

            --rules shows the rules as they are without a policy. A policy in ledger.yaml sets severities and deadlines, and which rules apply where and \
            from when (ledger config apply); ledger acknowledge FINDING keeps one quiet for a time.
            """)

    @Option(
        name: [.customLong("env"), .customLong("environment")],
        help: "Only what is wrong there; repeatable.")
    var environments: [String] = []

    @Option(help: "Only of this service; repeatable.") var service: [String] = []
    @Option(help: "At least so severe: note, warning or error.") var severity: Finding.Severity?
    @Option(help: ArgumentHelp("Only by this rule; repeatable.", valueName: "code"))
    var rule: [String] = []

    @Flag(help: "Show the rules instead, as they are without a policy.") var rules = false

    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup var ledger: LedgerOptions

    func validate() throws {
        if rules, output.format != .table {
            throw ValidationError("--rules shows a table; the rules are in the README too.")
        }
    }

    func run() async throws {
        if rules { return try RuleTable.write(output.appearance, to: output.output) }
        let configuration = try Configuration.current()
        var inquiry = CheckInquiry()
        inquiry.environments = try Setting.values(environments, "--env")
            .map(configuration.environment)
        inquiry.services = try Setting.values(service, "--service")
        inquiry.severity = severity
        inquiry.rules = rule
        let reply = try await ledger.view().reply(to: inquiry)
        if let format = output.recordFormat {
            try Finding.write(reply.findings, as: format, to: output.output)
        } else {
            if !reply.findings.isEmpty {
                try FindingTable.write(
                    reply.findings, now: Now.timestamp, output.appearance, to: output.output)
            }
            Terminal.note(
                FindingTable.closingLine(
                    reply.findings, acknowledgedCount: reply.acknowledgedCount))
        }
        if !reply.findings.isEmpty { throw Failure.findings }
    }
}

extension Finding.Severity: ExpressibleByArgument {}

struct Acknowledge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "acknowledge",
        abstract: "Keep a finding quiet for a time, and say why.",
        discussion: """
            A finding's id is in ledger check -o json, or made of its rule, place and change. One \
            that is quiet doesn't close ledger gate either.

              ledger acknowledge tenant-missed:orders/prod:42 --until 14d \\
                -m 'globex migrates in December'
            """)

    @Argument(help: "The finding's id.") var finding: String

    @Option(help: "Until when: 14d (from now), 2026-12-31.") var until: String

    @OptionGroup(title: "Who and why") var people: PeopleFlags
    @OptionGroup var ledger: LedgerOptions
    @OptionGroup var receipt: ReceiptOptions

    func run() async throws {
        let local = Terminal.local
        let until = try TimeBounds.future(
            self.until, option: "--until", now: Now.timestamp, local: local)
        try await noteUnknown()
        var object = JSONObject()
        object.set("acknowledgement", at: "type")
        object.set(.array([["finding": .string(finding)]]), at: "about")
        object.set(until.utc, at: "until")
        object.set("manual", at: "trigger", "kind")
        try people.fill(&object)
        if object["reason"] == nil {
            throw LedgerError(
                .usage, "an exception has a reason", advice: "say it: -m 'why'")
        }
        try await receipt.record([Event.ofFlags(object, [])], in: ledger)
    }

    /// What is not found now may come, and then be quiet; most often this is a slip. Who may record
    /// it may not be somebody who reads.
    private func noteUnknown() async throws(LedgerError) {
        let known: [Finding]
        do throws(LedgerError) {
            known = try await ledger.view().reply(to: CheckInquiry()).findings
        } catch {
            guard error.code == .notAllowed else { throw error }
            return Terminal.note(
                "note: whether ledger check finds \(VisibleName.of(finding)) is not known: "
                    + "\(error.message)")
        }
        // Also one that is quiet already may be acknowledged for longer.
        if known.contains(where: { $0.id.hasSameBytes(as: finding) }) { return }
        let codes = FindingRules.all.map { $0.rule.code }
        let code = String(finding.prefix { $0 != ":" })
        // A gate may be opened before there is anything to find.
        let advice =
            codes.contains(code)
            ? "; should it come, it is quiet"
            : Suggestion.closest(to: code, among: codes).map { "; did you mean \($0)?" } ?? ""
        Terminal.note("note: ledger check finds no \(VisibleName.of(finding)) now\(advice)")
    }
}
