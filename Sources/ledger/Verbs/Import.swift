import ArgumentParser
import LedgerCore
import LedgerIngest
import LedgerOperations

struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Take in events that others wrote down.",
        discussion: """
              ledger import events deployments.ndjson
              ledger import git ../orders --service orders --paths 'migrations/**'
              ledger import flyway --service orders --env dev --database-file app.db
              ledger import sqlfluff report.json --service orders
              ledger import github pulls.json --service orders
            """,
        subcommands: [
            ImportEvents.self, ImportGit.self,
        ] + ToolHistories.all.map { history($0) } + [
            ImportCheck<SqlfluffReport>.self, ImportCheck<SquawkReport>.self,
            ImportCheck<SqlcheckReport>.self, ImportCheck<JUnitReport>.self,
            ImportGitHub.self, ImportGitLab.self, ImportTicket.self,
            ImportPgAudit.self, ImportMariaDBAudit.self, ImportBytebase.self,
        ])

    private static func history<History: ToolHistory>(
        _ history: History.Type
    ) -> any ParsableCommand.Type {
        ImportHistory<History>.self
    }
}

struct ImportEvents: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Take in events from NDJSON or a JSON array.",
        discussion: """
            All are recorded or, if one can't be, none. An event that was recorded before, with the \
            same source and id, is passed over.

              ledger import events deployments.ndjson
              zcat *.gz | ledger import events --keep-going -
            """)

    @Argument(help: "The file, or - for standard input.") var file: String

    @Flag(help: "Record what can be recorded, name the rest, and exit with 1.")
    var keepGoing = false

    @Option(help: "Who sends them, for those that don't say. [$LEDGER_SOURCE, else import]")
    var source: String?

    @OptionGroup var ledger: LedgerOptions

    func run() async throws {
        let source = try Setting.value(source, "--source", "LEDGER_SOURCE") ?? "import"
        let ledger = try ledger.open()
        let progress = Progress("events")
        defer { progress.end() }
        let reader = EventBatches(
            try EventFile(path: file, isCollected: !keepGoing), keepGoing: keepGoing)
        do {
            let tally =
                keepGoing
                ? try await recordEach(reader, ledger, source, progress)
                : try await recordAll(reader, ledger, source, progress)
            progress.end()
            try await ledger.close()
            reader.future.report()
            try tally.report()
        } catch {
            progress.end()
            try? await ledger.close()
            if !keepGoing, let error = error as? LedgerError, error.code != .busy,
                !(error.cause is PartlyRecorded)
            {
                throw LedgerError(
                    error.code, error.message + ". Nothing was recorded",
                    advice: error.advice
                        ?? "mend it, or record the others with --keep-going", cause: error.cause)
            }
            throw error
        }
    }

    private func recordAll(
        _ reader: EventBatches, _ ledger: any Ledger, _ source: String, _ progress: Progress
    ) async throws -> Tally {
        var tally = Tally()
        try await ledger.recordAll(
            source: source, next: { () throws(LedgerError) in try reader.next() }
        ) {
            for receipt in $0 { tally.add(receipt) }
            progress.show(tally.count)
        }
        return tally
    }

    private func recordEach(
        _ reader: EventBatches, _ ledger: any Ledger, _ source: String, _ progress: Progress
    ) async throws -> Tally {
        var tally = Tally()
        while let batch = try reader.next() {
            for refusal in reader.takeRefusals() {
                tally.refusedCount += 1
                progress.end()
                Terminal.note("refused: \(refusal.description)")
            }
            for result in try await ledger.recordEach(batch, source: source) {
                switch result {
                case .success(let receipt): tally.add(receipt)
                case .failure(let error):
                    tally.refusedCount += 1
                    progress.end()
                    Terminal.note("refused: \(error.description)")
                }
            }
            progress.show(tally.count)
        }
        return tally
    }
}

/// What became of the events of an import.
struct Tally {
    private(set) var newCount: Int64 = 0
    private(set) var repeatCount: Int64 = 0
    private(set) var last: Receipt?
    var refusedCount: Int64 = 0

    var count: Int64 { newCount + repeatCount }

    mutating func add(_ receipt: Receipt) {
        if receipt.isRepeat {
            repeatCount += 1
        } else {
            newCount += 1
            last = receipt
        }
    }

    /// Prints the last receipt, which stands for all before it; exits with 1 if one was refused.
    func report() throws {
        if let last { Output.receipt(last) }
        var parts = ["\(Number.grouped(newCount)) recorded"]
        if repeatCount > 0 { parts.append("\(Number.grouped(repeatCount)) recorded before") }
        if refusedCount > 0 { parts.append("\(Number.grouped(refusedCount)) refused") }
        Terminal.note(parts.joined(separator: ", "))
        if refusedCount > 0 { throw ExitCode(1) }
    }
}

/// Reads a file's events in batches.
///
/// Used by one thread at a time.
final class EventBatches: @unchecked Sendable {
    private static let batchCount = 1024

    private var file: EventFile
    private let keepGoing: Bool
    private var refusals: [LedgerError] = []
    private var isAtEnd = false
    private(set) var future = FutureTimes()

    init(_ file: consuming EventFile, keepGoing: Bool) {
        self.file = file
        self.keepGoing = keepGoing
    }

    /// The next events; nil at the end.
    ///
    /// - Throws: for a bad event or a file that can't be read on, unless it keeps going:
    ///   `takeRefusals` then has the reasons.
    func next() throws(LedgerError) -> EventBatch? {
        if isAtEnd { return nil }
        var batch: EventBatch = []
        batch.reserveCapacity(Self.batchCount)
        while batch.count < Self.batchCount {
            guard let item = try nextItem() else {
                isAtEnd = true
                return batch.isEmpty && refusals.isEmpty ? nil : batch
            }
            do throws(LedgerError) {
                let event = try EventReader.read(item.bytes)
                future.look(at: event, "line \(item.line)")
                batch.append((item.line, event))
            } catch {
                let place = item.isLine ? "line" : "the event that begins in line"
                let error = error.prefixed("\(place) \(item.line)")
                guard keepGoing else { throw error }
                refusals.append(error)
            }
        }
        return batch
    }

    private func nextItem() throws(LedgerError) -> EventFile.Item? {
        do throws(LedgerError) {
            return try file.next()
        } catch {
            guard keepGoing else { throw error }
            refusals.append(
                LedgerError(
                    error.code, error.message + ". What follows there was not read",
                    advice: error.advice, cause: error.cause))
            return nil
        }
    }

    func takeRefusals() -> [LedgerError] {
        defer { refusals = [] }
        return refusals
    }
}
