import ArgumentParser
import LedgerClient
import LedgerCore
import LedgerCorrelation
import LedgerOperations
import LedgerReport

struct Forget: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget",
        abstract: "Erase a person from the ledger; first, show what that would be.",
        discussion: """
            Finds the person under every name (ledger person alias), as a value and in texts, \
            scripts and outputs, and shows all of it. With --yes it is erased. Who approved whose \
            change is found as before: a random word stands for the person.

              ledger forget alice@example.com
              ledger forget alice@example.com --yes -m 'erasure request 12'
              ledger forget alice@example.com --keep attachment:script

            Public members and digests stay, and so does what others have copied: backups, \
            exports, archives, receipts. --keep lets a text or attachment stay that only names \
            the person.
            """)

    @Argument(help: "An id of the person.") var person: String
    @Flag(help: "Erase it.") var yes = false
    @Option(
        name: .customLong("keep"),
        help: ArgumentHelp(
            "A text or attachment that stays though it names the person; repeatable.",
            valueName: "member"))
    var kept: [String] = []
    @Flag(name: .customLong("json"), help: "Print JSON.") var isJSON = false
    @OptionGroup var why: ErasureFlags
    @OptionGroup var ledger: LedgerOptions

    func run() async throws {
        let kept = try Setting.values(kept, "--keep")
        if yes {
            let request = ForgetRequest(person: person, kept: kept, why: try why.given())
            let redaction = try await ledger.withWriter { try await $0.forget(request) }
            try noteSpooled()
            return try redaction.report(asJSON: isJSON)
        }
        let all = try await ledger.view().reply(to: PersonInquiry(person: person))
        let traces = all.keeping(kept)
        if isJSON {
            try Output.json(.object(traces.json))
        } else {
            try PersonReport.write(traces, to: BufferedOutput { try Output.write($0) })
        }
        try noteSpooled(of: all)
        let count = traces.traces.count { $0.kind != .public }
        Terminal.note(
            "nothing is erased yet: --yes -m '...' erases \(count) "
                + "\(count == 1 ? "value" : "values")")
    }

    /// What waits to be sent would bring the person back.
    private func noteSpooled(of traces: PersonTraces? = nil) throws {
        let spool = try SpoolVerb.open()
        let names = traces.map { $0.ids + $0.names } ?? [person]
        for name in try spool.names(of: names) {
            Terminal.note(
                "note: \(name) in \(spool.path) names the person too, and isn't recorded yet: "
                    + "ledger spool list")
        }
    }
}
