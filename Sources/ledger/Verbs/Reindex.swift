import ArgumentParser
import LedgerCore
import LedgerOperations

struct Reindex: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reindex",
        abstract: "Build everything that is derived from the entries anew.",
        discussion: """
            The entries themselves are only read. Needed after an upgrade that says so, or when \
            ledger verify finds a projection that is not as the entries say.

              ledger reindex
            """)

    @OptionGroup var ledger: LedgerOptions

    func run() async throws {
        let progress = Progress("entries")
        defer { progress.end() }
        try await ledger.withWriter { try $0.reindex { progress.show($0) } }
        progress.end()
        Terminal.note("the projections are rebuilt")
    }
}
