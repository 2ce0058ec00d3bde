import ArgumentParser
import LedgerCore
import LedgerReport

struct Log: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract: "Show the entries as they were recorded, newest first.",
        discussion: """
              ledger log
              ledger log --from 100 --to 200 --reverse -o ndjson
            """)

    @Option(help: "The first index.") var from: Int64 = 0
    @Option(help: "The last index.") var to: Int64?
    @Option(help: "At most so many; a table has 50 if this is left out.") var limit: Int?
    @Flag(help: "Oldest first.") var reverse = false
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup var ledger: LedgerOptions

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit must be at least 1.") }
        if from < 0 { throw ValidationError("--from must be at least 0.") }
        if let to, to < from { throw ValidationError("--to must not be less than --from.") }
    }

    func run() async throws {
        let view = try ledger.view()
        let head = try await view.head()
        let end = min(head.index, to ?? head.index) + 1
        let range = min(from, end)..<end
        if let format = output.recordFormat {
            var writer = RecordWriter(format, of: EntryReport.definition, to: output.output)
            var left = limit ?? .max
            try await view.forEachEntry(in: range, isReversed: !reverse) { entry in
                try writer.write(ShownEntry(entry.stored, hidden: entry.hidden))
                left -= 1
                return left > 0
            }
            try writer.finish()
            return await ArchivedTime.note(view, in: range, output.local)
        }
        var left = limit ?? Query.tableLimit
        var table = EntryTable(output.appearance, to: output.output)
        try await view.forEachEntry(in: range, isReversed: !reverse) { entry in
            try table.add(entry.stored)
            left -= 1
            return left > 0
        }
        if !range.isEmpty { try table.finish() }
        if head.index < 0 { return Terminal.note("the ledger has no entries yet") }
        let noun = range.count == 1 ? "entry" : "entries"
        Terminal.note("\(range.count) \(noun) in this range; head #\(head.index)")
        await ArchivedTime.note(view, in: range, output.local)
    }
}
