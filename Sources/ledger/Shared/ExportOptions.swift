import ArgumentParser
import LedgerClient
import LedgerCore
import LedgerOperations
import LedgerReport

/// Which report, of what, and where it goes.
struct ExportOptions: ParsableArguments {
    @Argument(help: "A report's name: ledger export --list.") var report: String?
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

    /// Not as `validate()`, since a verb may need none of them.
    func check() throws {
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

    func run(sample: SamplePlan?) async throws {
        let chosen: WrittenDefinition
        if let definition {
            chosen = try WrittenDefinition(path: definition)
        } else {
            chosen = try WrittenDefinition(report: report ?? "")
        }
        switch try ledger.address() {
        case .file(let path): try await make(chosen, path, sample)
        case .server(let url): try await ask(chosen, Servers.ledger(at: url), sample)
        }
    }

    private func query(_ view: any LedgerView) async throws(LedgerError) -> EntryQuery {
        try await options.query(view, now: Now.timestamp, local: utc ? .utc : Terminal.local)
    }

    private var records: RecordFormat { RecordFormat(rawValue: format.rawValue) ?? .csv }

    private func ask(
        _ written: WrittenDefinition, _ server: RemoteLedger, _ sample: SamplePlan?
    ) async throws {
        if noRecord {
            throw LedgerError(
                .usage, "a server records what it hands out", advice: "leave --no-record out")
        }
        let query = try await query(server)
        if let out, out != "-" {
            let receipt = try await server.export(
                written, isOwn: self.definition != nil, query, as: records, hasEntries: withEntries,
                sample: sample, to: out)
            if let receipt { try Output.line("ledger: #\(receipt.index) \(receipt.hash.hex)") }
            let cover = try TextFile.bytes("\(out)/cover.json", limit: 256 << 20)
            if let cover = (try? JSONReader.read(cover))?.object.flatMap(Cover.init(json:)) {
                say(cover, out)
            }
        } else {
            let output = BufferedOutput { try Output.write($0) }
            let receipt = try await server.export(
                written, isOwn: self.definition != nil, query, as: records, to: output)
            if let receipt { Terminal.note("ledger: #\(receipt.index) \(receipt.hash.hex)") }
        }
    }

    private func make(
        _ written: WrittenDefinition, _ path: String, _ sample: SamplePlan?
    ) async throws {
        let view = try LocalView(path: path)
        var export = Export(
            try ReportRequest(written, try await query(view)), as: records,
            by: LocalUser.principal)
        export.hasEntries = withEntries
        export.isRecorded = !noRecord
        export.sample = sample
        if let out, out != "-" {
            try await write(export, view, to: out)
        } else {
            let output = BufferedOutput { try Output.write($0) }
            let made = try await export.write(view, to: output) { event throws(LedgerError) in
                try await record(event)
            }
            say(made.rowCount, made.receipt)
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
        say(made.cover, folder)
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

    private func say(_ rowCount: Int, _ receipt: Receipt?) {
        // Standard output has the rows alone.
        let words = [Self.rows(rowCount)] + [receipt?.text].compactMap(\.self)
        Terminal.note(words.joined(separator: "; "))
    }

    private func say(_ cover: Cover, _ folder: String) {
        let rows = Self.rows(cover.rowCount)
        let what = cover.sample.map { "\(min($0.size, cover.rowCount)) of \(rows) drawn" } ?? rows
        Terminal.note("\(what) in \(folder); check it with: ledger export verify \(folder)")
    }

    private static func rows(_ count: Int) -> String {
        "\(Number.grouped(Int64(count))) \(count == 1 ? "row" : "rows")"
    }
}
