import ArgumentParser
import LedgerCore
import LedgerCrypto
import LedgerOperations
import LedgerReport

struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show one entry, or the whole story of a change.",
        discussion: """
              ledger show 1234                 an entry with everything in it
              ledger show HASH                 the same, by its whole hash
              ledger show dep-00012345         the same, by its event's id
              ledger show orders:V42           what happened to a change, in order
              ledger show orders:V42 --script  the script that ran
            """)

    @Argument(help: "An index, a hash, an event's id, or a change.") var what: String

    @Flag(help: "Print the script, and nothing else.") var script = false

    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup var ledger: LedgerOptions

    func validate() throws {
        if output.format == .csv || output.format == .ndjson {
            throw ValidationError("show knows -o table and -o json.")
        }
    }

    func run() async throws {
        if what.isEmpty || what == "#" {
            throw LedgerError(
                .usage, "it is not said what to show", advice: "see ledger show --help")
        }
        let view = try ledger.view()
        let entries = try await entries(view)
        if entries.count > 1 {
            throw LedgerError(
                .ambiguous, "\(what) is the id of several events",
                advice: entries.map { "ledger show \($0.stored.index)" }.joined(separator: ", "))
        }
        if let entry = entries.first { return try await show(entry, view) }
        let changes = try await ChangeReference(what).changes(in: view)
        if changes.count > 1 {
            throw LedgerError(
                .ambiguous, "\(what) is a change of several services",
                advice: changes.prefix(8).map { "ledger show \($0.service):\($0.id)" }
                    .joined(separator: ", "))
        }
        try await show(changes[0], view)
    }

    /// The entries that go by this index, hash or event's id.
    private func entries(_ view: any LedgerView) async throws -> [SeenEntry] {
        let digits = what.hasPrefix("#") ? what.dropFirst() : what[...]
        if let index = Int64(digits), index >= 0 {
            if let entry = try await view.entry(at: index) { return [entry] }
            // A number may also be a change, such as Flyway's 42.
            if try await view.changes(named: String(digits), service: nil, limit: 1).isEmpty {
                throw LedgerError(
                    .notFound, "there is no entry #\(index)",
                    advice: try await Self.advice(view.head()))
            }
            return []
        }
        if let hash = Digest(hex: what.utf8) {
            if let entry = try await view.entry(withHash: hash) { return [entry] }
            throw LedgerError(.notFound, "no entry has the hash \(what)")
        }
        if what.contains(":") { return [] }
        if try await !view.changes(named: what, service: nil, limit: 1).isEmpty { return [] }
        var found: [SeenEntry] = []
        for index in try await view.indexes(ofEvent: what) {
            if let entry = try await view.entry(at: index) { found.append(entry) }
        }
        return found
    }

    private static func advice(_ head: Head) -> String {
        head.index < 0 ? "the ledger has no entries yet" : "the last one is #\(head.index)"
    }

    private func show(_ entry: SeenEntry, _ view: any LedgerView) async throws {
        if script {
            if let archive = entry.stored.archivedBy {
                throw LedgerError(
                    .notFound, "entry #\(entry.stored.index) is archived by #\(archive)",
                    advice: "give the archive's folder with --archive, or name the change")
            }
            let event = entry.stored.body.flatMap { StoredBody($0) }?.event
            let digest =
                event?[["change", "digest"]]?.string
                ?? event?[["rollback", "script_digest"]]?.string
            let name =
                event?[["change", "digest"]] != nil
                ? Attachment.script : Attachment.rollbackScript
            let member = EventSchema.attachmentPrefix + name
            if let erased = entry.erasures.first(where: { $0.name.hasSameBytes(as: member) }) {
                throw LedgerError(
                    .notFound,
                    "the script of entry #\(entry.stored.index) was erased at \(erased.at.utc) by "
                        + "#\(erased.by)")
            }
            return try await printScript(digest, of: "entry #\(entry.stored.index)", view)
        }
        if let archive = entry.stored.archivedBy {
            await ArchivedTime.note(view, archive: archive, output.local)
        }
        if output.recordFormat != nil {
            try EntryReport.writeJSON(entry.shown, to: output.output)
        } else {
            try EntryReport.writeText(
                entry.shown, correctedBy: entry.correctedBy, output.appearance, to: output.output)
        }
    }

    private func show(_ change: KnownChange, _ view: any LedgerView) async throws {
        let rows = try await view.story(of: change)
        if script {
            // The one that ran last; else the one that was merged last.
            let digests = { (type: EventType) in
                rows.last { $0.type == type && $0.string("change", "digest") != nil }
            }
            let row = digests(.deployment) ?? digests(.merge)
            return try await printScript(
                row?.string("change", "digest"), of: "\(change.service):\(change.id)", view)
        }
        let links = try await view.reply(
            to: LinksInquiry(ofChange: change.id, service: change.service))
        if let archive = rows.compactMap(\.archivedBy).max() {
            await ArchivedTime.note(view, archive: archive, output.local)
        }
        let story = ChangeStory(of: change, rows: rows, links: links.rows)
        if output.recordFormat != nil {
            try story.writeJSON(to: output.output)
        } else {
            try story.writeText(output.appearance, to: output.output)
        }
    }

    private func printScript(
        _ digest: String?, of what: String, _ view: any LedgerView
    ) async throws {
        guard let digest, let key = Digest(hex: digest.utf8.dropFirst(7)) else {
            throw LedgerError(.notFound, "no script is known of \(what)")
        }
        guard let bytes = try await view.attachment(key) else {
            throw LedgerError(
                .notFound,
                "of the script of \(what) only the digest is known, \(digest): its bytes were "
                    + "never recorded, or are erased")
        }
        try Output.write(bytes)
    }
}
