import ArgumentParser
import LedgerCore
import LedgerOperations

struct ExportVerify: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check an export: its files, and its rows against the ledger.",
        discussion: """
            Without a ledger, files are compared with the cover sheet, and entries that came along \
            with each other. With --ledger, the ledger is taken back to the head of the cover, and \
            every row is made again: none may be missing, added or altered.

              ledger export verify q4
              ledger export verify q4 --ledger ledger.db

            Exits with 5 if something is wrong.
            """)

    @Argument(help: "What ledger export made.", completion: .directory) var folder: String
    @Option(
        name: .customLong("ledger"),
        help: ArgumentHelp("The ledger's file, to compare with.", valueName: "path"))
    var ledger: String?

    func run() throws {
        let progress = Progress("entries read back")
        defer { progress.end() }
        let path = try Setting.value(ledger, "--ledger")
        let verdict = try ExportCheck.check(folder, ledger: path) { progress.show($0) }
        progress.end()
        for line in verdict.passed { try Output.line(line) }
        for note in verdict.notes { Terminal.note(note) }
        if verdict.problemCount == 0 {
            if path == nil {
                Terminal.note("compare it with the ledger too: --ledger PATH")
            }
            return
        }
        for problem in verdict.problems { try Output.line("wrong: \(problem)") }
        let rest = verdict.problemCount - verdict.problems.count
        if rest > 0 { try Output.line("and \(rest) more") }
        throw LedgerError(
            .notVerified, "the export is not as it was made",
            advice: "ask for it again: ledger export")
    }
}
