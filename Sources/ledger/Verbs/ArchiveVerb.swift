import ArgumentParser
import LedgerCore
import LedgerOperations
import LedgerReport

struct ArchiveVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "archive",
        abstract: "Take what is old out of the ledger, into files.",
        discussion: """
              ledger archive --before 2026-01-01 --out /archive/2025
              ledger archive list
              ledger archive restore /archive/2025
            """,
        subcommands: [ArchiveCreate.self, ArchiveRestore.self, ArchiveList.self],
        defaultSubcommand: ArchiveCreate.self)
}

struct ArchiveCreate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Archive the deployments, notes and incidents recorded before a day.",
        discussion: """
            Their bodies, private values and attachments go to a new folder, are read back and \
            compared with the leaves, and only then leave the ledger. Leaves stay, and so does \
            what answers about now need: where each change stands, who ran what stands now, \
            scripts, and which ids were seen. Merges, reviews, plans, decisions and deployments \
            that have not ended are never archived.

            The ledger's file doesn't shrink: its free pages are used again.

              ledger archive create --before 2026-01-01 --out /archive/2025
              ledger archive --before 365d --out archive-1
            """)

    @Option(help: "What was recorded before: 2026-01-01, 365d (ago).") var before: String
    @Option(help: ArgumentHelp("The new folder.", valueName: "folder"), completion: .directory)
    var out: String
    @Option(name: [.customShort("m"), .customLong("reason")], help: "Why.") var reason: String?
    @OptionGroup var ledger: LedgerOptions
    @OptionGroup var receipt: ReceiptOptions

    func run() throws {
        let time = try TimeBounds.past(
            before, option: "--before", now: Now.timestamp, local: Terminal.local)
        guard let out = try Setting.value(out, "--out") else { return }
        let ledger = try LocalLedger(path: ledger.path(), principal: LocalUser.principal)
        let progress = Progress("entries written or read back")
        defer { progress.end() }
        let archived = try ledger.archive(before: time, to: out, reason: reason) {
            progress.show($0)
        }
        try ledger.close()
        progress.end()
        guard let archived else {
            return Terminal.note(
                "nothing to archive was recorded before \(Terminal.local.compactText(of: time))")
        }
        Output.receipt(archived.receipt, isJSON: receipt.isJSON)
        let count = Number.grouped(archived.manifest.entries.lines)
        Terminal.note(
            "\(out): \(count) entries, from #\(archived.manifest.first) to "
                + "#\(archived.manifest.last)")
        if let leftover = archived.leftover {
            Terminal.note("the write-ahead log still holds old pages: \(leftover.message)")
        }
    }
}

struct ArchiveRestore: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Put back what an archive holds.",
        discussion: """
            The archive is checked against the leaves first. What was erased since it was made \
            stays erased.

              ledger archive restore /archive/2025
            """)

    @Argument(
        help: ArgumentHelp("What ledger archive --out made.", valueName: "folder"),
        completion: .directory)
    var folder: String
    @Option(name: [.customShort("m"), .customLong("reason")], help: "Why.") var reason: String?
    @OptionGroup var ledger: LedgerOptions
    @OptionGroup var receipt: ReceiptOptions

    func run() throws {
        let ledger = try LocalLedger(path: ledger.path(), principal: LocalUser.principal)
        let progress = Progress("entries checked")
        defer { progress.end() }
        let restored = try ledger.restore(folder, reason: reason) { progress.show($0) }
        try ledger.close()
        progress.end()
        Output.receipt(restored, isJSON: receipt.isJSON)
    }
}

struct ArchiveList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "What was archived.",
        discussion: """
              ledger archive list
            """)

    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup var ledger: LedgerOptions

    func run() async throws {
        let parts = try await ledger.view().reply(to: ArchivesInquiry()).rows
        if let format = output.recordFormat {
            return try ArchivedPart.write(parts, as: format, to: output.output)
        }
        if parts.isEmpty { return Terminal.note("nothing was archived") }
        try ArchiveReport.writeTable(parts, output.appearance, to: output.output)
    }
}
