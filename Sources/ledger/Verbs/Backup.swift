import ArgumentParser
import LedgerCore
import LedgerOperations

struct Backup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy the ledger's file, while it is written to.",
        discussion: """
            The copy is a ledger of its own, as of one moment. It appears whole or not at all, and \
            never over another file. Prints the head of the copy.

              ledger backup /backup/ledger-$(date +%F).db
              ledger verify --ledger /backup/ledger-2026-11-24.db
            """)

    @Argument(help: ArgumentHelp("Where the copy goes.", valueName: "file"), completion: .file())
    var file: String
    @OptionGroup var ledger: LedgerOptions

    func run() throws {
        let progress = Progress("MiB copied")
        defer { progress.end() }
        let head = try LocalLedger.backUp(ledger.path(), to: file) { progress.show($0 >> 20) }
        progress.end()
        if head.index >= 0 { try Output.line(head.text) }
        let count = Number.grouped(head.entryCount)
        Terminal.note("\(file): \(count) \(head.entryCount == 1 ? "entry" : "entries")")
    }
}
