import ArgumentParser
import LedgerCore
import LedgerOperations

struct Reindex: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reindex",
        abstract: "Build everything that is derived from the entries anew.",
        discussion: """
            The entries themselves are only read. Needed after an upgrade that says so, or when \
            ledger verify finds a projection that is not as the entries say.

              ledger reindex
            """)

    @OptionGroup var ledger: LedgerOptions

    func run() throws {
        let ledger = try LocalLedger(path: ledger.path(), principal: LocalUser.principal)
        let progress = Progress("entries")
        defer { progress.end() }
        try ledger.reindex { progress.show($0) }
        try ledger.close()
        progress.end()
        Terminal.note("the projections are rebuilt")
    }
}
