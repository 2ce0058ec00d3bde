import ArgumentParser
import LedgerCore

struct HeadVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "head",
        abstract: "Print the index and hash of the last entry.",
        discussion: """
            Kept elsewhere, it proves later that nothing up to it was removed or altered:

              ledger head > head.txt
              ledger verify --expect-file head.txt
            """)

    @OptionGroup var ledger: LedgerOptions

    func run() async throws {
        let head = try await ledger.view().head()
        if head.index < 0 {
            throw LedgerError(
                .notFound, "the ledger has no entries yet", advice: "ledger record --help")
        }
        try Output.line(head.text)
    }
}
