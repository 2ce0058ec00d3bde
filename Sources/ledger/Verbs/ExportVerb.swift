import ArgumentParser
import LedgerClient
import LedgerCore
import LedgerOperations
import LedgerReport

struct ExportVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Evidence for auditors: a report with a cover sheet.",
        discussion: """
            Makes a folder with the report's rows, how they were chosen, and a cover sheet that \
            says what there is to know about them. Every time in it is UTC. Making it is an entry \
            of the ledger itself. The folder appears whole or not at all.

              ledger export --list
              ledger export change-population --period 2026-Q4 --env prod \\
                --out q4
              ledger export deployments --since 30d --format ndjson --out -
              ledger export verify q4 --ledger ledger.db
            """,
        subcommands: [ExportMake.self, ExportVerify.self], defaultSubcommand: ExportMake.self)
}

struct ExportMake: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "make",
        abstract: "Make a report: what ledger export REPORT does.",
        discussion: """
            In CSV (RFC 4180, UTF-8, with a header), a list in a cell is JSON, and text that a \
            spreadsheet would take for a formula has a ' in front.

              ledger export make change-population --period 2026-Q4 --out q4
              ledger export make --definition ours.yaml --env prod --out ours
            """)

    @Argument(help: "A report's name: ledger export --list.") var report: String?
    @Flag(help: "Show which reports there are.") var list = false
    @Option(help: "Your own report's definition, instead of a name.", completion: .file())
    var definition: String?

    @OptionGroup(title: "Which events") var options: QueryOptions

    @Option(help: "csv, json or ndjson.") var format = Format.csv
    @Option(
        name: .customLong("out"),
        help: ArgumentHelp(
            "A folder that is not there yet, or - for the rows alone.", valueName: "folder|-"))
    var out: String?
    @Flag(help: "Add the entries, so that it can be checked without the ledger.")
    var withEntries = false
    @Flag(help: "Don't record it: for a ledger that can't be written.") var noRecord = false
    @Flag(help: "Read times as UTC instead of local time.") var utc = false
    @OptionGroup var ledger: LedgerOptions

    enum Format: String, CaseIterable, ExpressibleByArgument {
        case csv, json, ndjson
    }

    func validate() throws {
        if list { return }
        guard (report == nil) != (definition == nil) else {
            throw ValidationError(
                report == nil
                    ? "Name a report, or --definition FILE. ledger export --list shows them."
                    : "Name a report or --definition FILE, not both.")
        }
        guard out != nil else {
            throw ValidationError("Say where it goes: --out FOLDER, or --out - for the rows alone.")
        }
        if options.limit != nil || options.reverse {
            throw ValidationError("A report has all rows, in its own order: no --limit, --reverse.")
        }
        if out == "-", withEntries {
            throw ValidationError("--with-entries needs a folder: --out FOLDER.")
        }
    }

    func run() async throws {
        if list { return try ReportList.show(WrittenDefinition.all()) }
        let written = try definition.map { path throws(LedgerError) in
            try WrittenDefinition(path: path)
        }
        let chosen: WrittenDefinition
        if let written {
            chosen = written
        } else {
            chosen = try WrittenDefinition(report: report ?? "")
        }
        switch try ledger.address() {
        case .file(let path): try await make(chosen, path)
        case .server(let url): try await ask(chosen, Servers.ledger(at: url))
        }
    }

    private func query(_ view: any LedgerView) async throws(LedgerError) -> EntryQuery {
        try await options.query(view, now: Now.timestamp, local: utc ? .utc : Terminal.local)
    }

    private var records: RecordFormat { RecordFormat(rawValue: format.rawValue) ?? .csv }

    private func ask(_ written: WrittenDefinition, _ server: RemoteLedger) async throws {
        if noRecord {
            throw LedgerError(
                .usage, "a server records what it hands out", advice: "leave --no-record out")
        }
        let query = try await query(server)
        if let out, out != "-" {
            let receipt = try await server.export(
                written, isOwn: definition != nil, query, as: records, hasEntries: withEntries,
                to: out)
            if let receipt { try Output.line("ledger: #\(receipt.index) \(receipt.hash.hex)") }
            Terminal.note("check it with: ledger export verify \(out)")
        } else {
            let output = BufferedOutput { try Output.write($0) }
            let receipt = try await server.export(
                written, isOwn: definition != nil, query, as: records, to: output)
            if let receipt { Terminal.note("ledger: #\(receipt.index) \(receipt.hash.hex)") }
        }
    }

    private func make(_ written: WrittenDefinition, _ path: String) async throws {
        let view = try LocalView(path: path)
        var export = Export(
            try ReportRequest(written, try await query(view)), as: records,
            by: LocalUser.principal)
        export.hasEntries = withEntries
        export.isRecorded = !noRecord
        if let out, out != "-" {
            try await write(export, view, to: out)
        } else {
            let output = BufferedOutput { try Output.write($0) }
            let made = try await export.write(view, to: output) { event throws(LedgerError) in
                try await record(event)
            }
            say(made.rowCount, made.receipt, nil)
        }
    }

    private func write(_ export: Export, _ view: LocalView, to folder: String) async throws {
        let progress = Progress("rows")
        defer { progress.end() }
        let made = try await export.write(
            view, to: folder, progress: { progress.show(Int64($0)) }
        ) { event throws(LedgerError) in try await record(event) }
        progress.end()
        if let receipt = made.receipt { Output.receipt(receipt) }
        say(made.cover.rowCount, nil, folder)
    }

    private func record(_ event: Event) async throws(LedgerError) -> Receipt? {
        if noRecord { return nil }
        do throws(LedgerError) {
            let writer = try LocalLedger(path: ledger.path(), principal: LocalUser.principal)
            let receipts = try await writer.record([event], source: "ledger")
            try writer.close()
            return receipts.first
        } catch {
            guard error.code == .readOnly else { throw error }
            throw LedgerError(
                .readOnly, "the export can't be recorded: \(error.message)",
                advice: "--no-record makes it all the same, and its cover says so")
        }
    }

    private func say(_ rowCount: Int, _ receipt: Receipt?, _ folder: String?) {
        let rows = "\(Number.grouped(Int64(rowCount))) \(rowCount == 1 ? "row" : "rows")"
        if let folder {
            Terminal.note("\(rows) in \(folder); check it with: ledger export verify \(folder)")
        } else {
            // Standard output has the rows alone.
            Terminal.note(([rows] + [receipt?.text].compactMap(\.self)).joined(separator: "; "))
        }
    }
}

/// `ledger export --list`.
enum ReportList {
    static func show(_ all: [WrittenDefinition]) throws {
        let width = all.map(\.definition.name.utf8.count).max() ?? 0
        for definition in all.map(\.definition) {
            let name = definition.name.padding(toLength: width)
            try Output.line("\(name)  \(definition.title)")
            try Output.line(
                String(repeating: " ", count: width) + "  " + definition.answers)
            try Output.line(
                String(repeating: " ", count: width) + "  "
                    + definition.serves.joined(separator: ", "))
        }
    }
}

extension String {
    fileprivate func padding(toLength length: Int) -> String {
        self + String(repeating: " ", count: max(0, length - utf8.count))
    }
}
