import ArgumentParser
import LedgerCore
import LedgerCorrelation
import LedgerOperations
import LedgerReport

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
        try await noteUnknown(object)
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
    private func noteUnknown(_ freeze: JSONObject) async throws(LedgerError) {
        let view = try ledger.view()
        let members: [KnownNames] = [.service, .environment, .tenant, .region, .cluster]
        for member in members {
            guard let name = freeze[member.rawValue]?.string else { continue }
            let known = try await view.knownNames(of: member)
            if known.contains(where: { $0.hasSameBytes(as: name) }) { continue }
            let advice = Suggestion.advice(for: name, among: known).map { "; \($0)" }
            Terminal.note(
                "note: nothing was ever recorded of the \(member.rawValue) "
                    + "\(VisibleName.of(name))\(advice ?? "")")
        }
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
