import ArgumentParser
import LedgerCore
import LedgerCorrelation
import LedgerOperations
import LedgerReport

struct LinkVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "link",
        abstract: "Which changes are one under several names.",
        discussion: """
            A script run by hand, and merged afterwards under its version, is one change; so is a \
            file that was renamed in Git. Where scripts show it, the ledger links them: the hand-run \
            deployment then counts for the merged change. What it can't see can be said, and what \
            it sees wrongly can be taken back.

              ledger link list
              ledger link assert orders:fix_totals orders:V42 -m 'merged as V42'
              ledger link retract orders:fix_totals orders:V42 -m 'two changes'
            """,
        subcommands: [LinkList.self, LinkAssert.self, LinkRetract.self])
}

struct LinkList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "The links, why they are thought, and those that were retracted.",
        discussion: """
              ledger link list --service orders
              ledger link list -o json
            """)

    @Option(help: "Only of this service; repeatable.") var service: [String] = []

    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup var ledger: LedgerOptions

    func run() async throws {
        var inquiry = LinksInquiry()
        inquiry.services = try Setting.values(service, "--service")
        let links = try await ledger.view().reply(to: inquiry).rows
        if let format = output.recordFormat {
            return try Link.write(links, as: format, to: output.output)
        }
        try LinkReport.writeTable(links, output.appearance, to: output.output)
        if links.isEmpty { Terminal.note("no change goes by several names") }
    }
}

struct LinkAssert: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "assert",
        abstract: "Say that two changes, or two entries of one execution, are one.",
        discussion: """
              ledger link assert orders:fix_totals orders:V42 -m 'merged as V42'
              ledger link assert --entries 12 15 -m 'ci and Flyway tell of one run'
            """)

    @OptionGroup var words: LinkWords

    func run() async throws { try await words.record("assert") }
}

struct LinkRetract: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retract",
        abstract: "Say that two things are not one, whatever their scripts are.",
        discussion: """
              ledger link retract orders:fix_totals orders:V42 -m 'two changes'
              ledger link retract --entries 12 15 -m 'it ran twice'
            """)

    @OptionGroup var words: LinkWords

    func run() async throws { try await words.record("retract") }
}

struct LinkWords: ParsableArguments {
    @Argument(help: "Two changes of one service, such as orders:V42; with --entries, two indexes.")
    var both: [String]

    @Flag(help: "They are entries.") var entries = false

    @OptionGroup(title: "Who and why") var people: PeopleFlags
    @OptionGroup var ledger: LedgerOptions
    @OptionGroup var receipt: ReceiptOptions

    func validate() throws {
        if both.count != 2 {
            throw ValidationError("A link is between two things, and \(both.count) are given.")
        }
    }

    func record(_ action: String) async throws {
        let view = try ledger.view()
        var object = JSONObject()
        object.set("correlation", at: "type")
        object.set(action, at: "correlation", "action")
        object.set("manual", at: "trigger", "kind")
        if entries {
            object.set(.array(try await bothEntries(view)), at: "about")
        } else {
            let changes = [
                try await ChangeReference(both[0]).change(in: view),
                try await ChangeReference(both[1]).change(in: view),
            ]
            if !changes[0].service.hasSameBytes(as: changes[1].service) {
                throw LedgerError(
                    .usage, "\(both[0]) and \(both[1]) are changes of two services",
                    advice: "a link is between changes of one service")
            }
            if changes[0].id.hasSameBytes(as: changes[1].id) {
                throw LedgerError(.usage, "\(both[0]) and \(both[1]) are one change already")
            }
            object.set(changes[0].service, at: "service")
            object.set(
                .array(changes.map { ["change": .string("\($0.service):\($0.id)")] }), at: "about")
        }
        try people.fill(&object)
        try await receipt.record([Event.ofFlags(object, [])], in: ledger)
    }

    private func bothEntries(_ view: any LedgerView) async throws(LedgerError) -> [JSON] {
        var items: [JSON] = []
        for text in both {
            guard let index = Int64(text.hasPrefix("#") ? text.dropFirst() : text[...]),
                try await view.entry(at: index) != nil
            else {
                throw LedgerError(
                    .notFound, "there is no entry \(VisibleName.of(text))",
                    advice: "ledger head prints the last one")
            }
            items.append(["entry": .integer(index)])
        }
        if items[0] == items[1] { throw LedgerError(.usage, "both are entry \(both[0])") }
        return items
    }
}
