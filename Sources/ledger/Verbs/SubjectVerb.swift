import ArgumentParser
import LedgerCore
import LedgerOperations

struct SubjectVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "subject",
        abstract: "Write everything that is known of a person to a folder.",
        discussion: """
            For a person who asks what is known of them: subject.json, a summary to read, and the \
            attachments that name the person. Of others, no private value goes with it, except \
            where a text names both.

              ledger subject alice@example.com --out alice
            """)

    @Argument(help: "An id of the person.") var person: String
    @Option(help: ArgumentHelp("A folder that is not there yet.", valueName: "folder"))
    var out: String
    @OptionGroup var ledger: LedgerOptions

    func run() async throws {
        guard let out = try Setting.value(out, "--out") else { return }
        let view = try ledger.view()
        let subject = try await view.reply(to: SubjectInquiry(person: person))
        try await SubjectFolder.write(subject, to: out, made: Now.timestamp) {
            (digest) async throws(LedgerError) in try await view.attachment(digest)
        }
        let count = subject.entries.count
        Terminal.note("\(out): \(count) \(count == 1 ? "entry" : "entries")")
    }
}
