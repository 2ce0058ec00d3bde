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

    private func showTable(_ query: EntryQuery, _ reader: any EntryReader, _ now: Timestamp) throws {
        let known = try reader.targets(matching: query)
        var rows = query
        // The limit counts folded rows; unfolded, one more row shows that there is more.
        rows.limit = tenants ? query.limit.map { $0 + 1 } : nil
        var folding = Folding(query, targets: known) { group, give in
            try reader.forEachRow(matching: group.narrowing(query)) { row in
                if group.contains(row) { give(Folding.Member(row)) }
                return true
            }
        }
        var table = DeploymentTable(output.appearance, to: output.output)
        var count = 0
        var isCut = false
        try reader.forEachRow(matching: rows) { row in
            if tenants {
                isCut = count == query.limit
                if isCut { return false }
                try table.add(FoldedRow(row: row))
                count += 1
                return true
            }
            return try folding.take(row) {
                try table.add($0)
                count += 1
            }
        }
        if count > 0 { try table.finish() }
        let types = Set(query.types)
        let noun = types.isEmpty || types == [.deployment] ? "deployment" : "event"
        Terminal.note(
            ClosingLine.text(
                count: count, noun: noun, isCut: isCut || folding.isCut, targets: known,
                scope: scope(query), since: query.since, now: now))
    }

    private func scope(_ query: EntryQuery) -> String? {
        let names = query.environments + query.services + query.tenants
        return names.isEmpty ? nil : names.joined(separator: ", ")
    }
}
