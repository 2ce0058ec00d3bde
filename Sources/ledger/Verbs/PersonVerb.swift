import ArgumentParser
import LedgerCore
import LedgerOperations

struct PersonVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "person",
        abstract: "The names that one person has.",
        discussion: """
              ledger person alias ann@example.com ann-gh ann
            """,
        subcommands: [PersonAlias.self])
}

struct PersonAlias: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alias",
        abstract: "Say that names are of one person.",
        discussion: """
            Git knows an address, a forge a login and the database a user. Whoever approves their \
            own change under another name is then found, and ledger query --actor finds what was \
            done under any of the names. The names are private values: a redaction erases them.

              ledger person alias ann@example.com ann-gh ann
              ledger person alias ann@example.com ann --retract
            """)

    @Argument(help: "The name by which the person is to be known.") var person: String
    @Argument(help: "Other names of the same person.") var aliases: [String]

    @Flag(help: "They are not: takes back what was said.") var retract = false

    @OptionGroup(title: "Who and why") var people: PeopleFlags
    @OptionGroup var ledger: LedgerOptions
    @OptionGroup var receipt: ReceiptOptions

    func run() async throws {
        let events = try aliases.map { alias throws(LedgerError) in
            if alias.hasSameBytes(as: person) {
                throw LedgerError(.usage, "\(VisibleName.of(alias)) is the same name")
            }
            var object = JSONObject()
            object.set("correlation", at: "type")
            object.set(retract ? "retract" : "assert", at: "correlation", "action")
            object.set(person, at: "person")
            object.set(alias, at: "alias")
            object.set("manual", at: "trigger", "kind")
            try people.fill(&object)
            return try Event.ofFlags(object, [])
        }
        try await receipt.record(events, in: ledger)
    }
}
