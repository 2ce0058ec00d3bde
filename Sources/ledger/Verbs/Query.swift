import ArgumentParser
import LedgerCore
import LedgerReport

struct Query: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "query",
        abstract: "What changed, where, when and by whom.",
        discussion: """
            Newest first; a deployment that started and ended is one row, and in the table the \
            tenants of one change are folded into one row. In the table, ~ before a time means that \
            the source gave none and that it is the time of recording; (ann) that nobody is named \
            and ann recorded it; * after an index that a correction applies.

              ledger query --env prod --since 7d
              ledger query --env prod --status failed --tenants
              ledger query --change orders:V42 -o json
              ledger query --type merge --period 2026-Q4 -o csv > merges.csv
            """)

    static let tableLimit = 50

    @OptionGroup(title: "Which events") var options: QueryOptions

    @Flag(help: "One row for each tenant, region and cluster.") var tenants = false

    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup var ledger: LedgerOptions

    func run() throws {
        let reader = try ledger.openToRead()
        let now = Now.timestamp
        var query = try options.query(reader, now: now, local: output.local)
        if query.since != nil || query.until != nil {
            let bounds = TimeBounds(since: query.since, until: query.until)
            Terminal.note(bounds.words(local: output.local, now: now, basis: query.timeBasis))
        }
        if let format = output.recordFormat {
            var writer = RecordWriter(format, of: QueryRow.definition, to: output.output)
            try reader.forEachRow(matching: query) {
                try writer.write($0)
                return true
            }
            try writer.finish()
            return
        }
        query.limit = query.limit ?? Self.tableLimit
        try showTable(query, reader, now)
    }

    private func showTable(_ query: EntryQuery, _ reader: any EntryReader, _ now: Timestamp) throws
    {
        let known = try reader.targets(matching: query)
        var table = DeploymentTable(output.appearance, to: output.output)
        var count = 0
        func add(_ row: FoldedRow) throws {
            try table.add(row)
            count += 1
        }
        let isCut =
            tenants
            ? try forEachRow(query, reader) { try add(FoldedRow(row: $0)) }
            : try forEachFoldedRow(query, known, reader, add)
        if count > 0 { try table.finish() }
        let types = Set(query.types)
        let noun = types.isEmpty || types == [.deployment] ? "deployment" : "event"
        Terminal.note(
            ClosingLine.text(
                count: count, noun: noun, isCut: isCut, targets: known,
                scope: scope(query), since: query.since, now: now))
    }

    /// True if there are more rows than the limit lets through.
    private func forEachRow(
        _ query: EntryQuery, _ reader: any EntryReader, _ give: (HistoryRow) throws -> Void
    ) throws -> Bool {
        var left = query.limit ?? .max
        var rows = query
        rows.limit = query.limit.map { $0 + 1 }
        var isCut = false
        try reader.forEachRow(matching: rows) { row in
            isCut = left == 0
            if isCut { return false }
            left -= 1
            try give(row)
            return true
        }
        return isCut
    }

    /// The same, with the tenants of one change in one row.
    private func forEachFoldedRow(
        _ query: EntryQuery, _ known: [KnownTarget], _ reader: any EntryReader,
        _ give: (FoldedRow) throws -> Void
    ) throws -> Bool {
        var folding = Folding(query, targets: known) { group, give in
            try reader.forEachOutcome(matching: group.narrowing(query)) {
                give(Folding.Member($0))
                return true
            }
        }
        // The limit counts folded rows.
        var rows = query
        rows.limit = nil
        try reader.forEachOutline(matching: rows) { outline in
            try folding.take(outline, whole: { try reader.row(at: outline.index) }, give)
        }
        return folding.isCut
    }

    private func scope(_ query: EntryQuery) -> String? {
        let names = query.environments + query.services + query.tenants
        return names.isEmpty ? nil : names.joined(separator: ", ")
    }
}
