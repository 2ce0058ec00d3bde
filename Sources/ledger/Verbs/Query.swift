import ArgumentParser
import LedgerCore
import LedgerOperations
import LedgerReport

struct Query: AsyncParsableCommand {
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

            With --follow it goes on: what is recorded from then on is printed as it comes, one row \
            for each event, a deployment's start and its end too.

              ledger query --env prod --status failed --follow
            """)

    static let tableLimit = 50

    @OptionGroup(title: "Which events") var options: QueryOptions

    @Flag(help: "One row for each tenant, region and cluster.") var tenants = false

    @Flag(help: "Then show what is recorded, as it comes, until it is interrupted.")
    var follow = false

    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup var ledger: LedgerOptions

    func validate() throws {
        if follow, output.format == .json {
            throw ValidationError("-o json has an end: with --follow, use -o ndjson or csv.")
        }
    }

    func run() async throws {
        let view = try ledger.view()
        let now = Now.timestamp
        var query = try await options.query(view, now: now, local: output.local)
        if query.since != nil || query.until != nil {
            let bounds = TimeBounds(since: query.since, until: query.until)
            Terminal.note(bounds.words(local: output.local, now: now, basis: query.timeBasis))
        }
        if follow {
            query.limit = query.limit ?? (output.recordFormat == nil ? Self.tableLimit : nil)
            return try await FollowedQuery(query, view).run(output, now)
        }
        if let format = output.recordFormat {
            try await view.writeRows(matching: query, as: format, to: output.output)
            return await ArchivedTime.note(view, since: query.since, output.local)
        }
        query.limit = query.limit ?? Self.tableLimit
        try await showTable(query, view, now)
    }

    private func showTable(_ query: EntryQuery, _ view: any LedgerView, _ now: Timestamp)
        async throws
    {
        let known = try await view.targets(matching: query)
        var table = DeploymentTable(output.appearance, to: output.output)
        var count = 0
        func add(_ row: FoldedRow) throws {
            try table.add(row)
            count += 1
        }
        let isCut =
            tenants
            ? try await forEachRow(query, view) { try add(FoldedRow(row: $0)) }
            : try await view.forEachFoldedRow(matching: query, add)
        if count > 0 { try table.finish() }
        let types = Set(query.types)
        let noun = types.isEmpty || types == [.deployment] ? "deployment" : "event"
        Terminal.note(
            ClosingLine.text(
                count: count, noun: noun, isCut: isCut, targets: known,
                scope: scope(query), since: query.since, now: now))
        await ArchivedTime.note(view, since: query.since, output.local)
    }

    /// True if there are more rows than the limit lets through.
    private func forEachRow(
        _ query: EntryQuery, _ view: any LedgerView, _ give: (HistoryRow) throws -> Void
    ) async throws -> Bool {
        var left = query.limit ?? .max
        var rows = query
        rows.limit = query.limit.map { $0 + 1 }
        var isCut = false
        try await view.forEachRow(matching: rows) { row in
            isCut = left == 0
            if isCut { return false }
            left -= 1
            try give(row)
            return true
        }
        return isCut
    }

    private func scope(_ query: EntryQuery) -> String? {
        let names = query.environments + query.services + query.tenants
        return names.isEmpty ? nil : names.joined(separator: ", ")
    }
}
