import ArgumentParser
import Glibc
import LedgerCore
import LedgerIngest
import LedgerOperations

/// A report of somebody else's, and the service whose scripts it names.
struct ReportOptions: ParsableArguments {
    /// Larger than what any tool prints in one go.
    static let byteLimit = 512 * 1024 * 1024

    @Argument(help: "The file, or - for standard input.") var file: String

    @Option(help: "The service, if ledger.yaml doesn't say it by its paths. [$LEDGER_SERVICE]")
    var service: String?

    func bytes() throws(LedgerError) -> [UInt8] {
        try TextFile.bytes(file, limit: Self.byteLimit)
    }

    /// Finds scripts by the paths of ledger.yaml, and reads those that are there.
    func scripts(_ configuration: Configuration) throws(LedgerError) -> ScriptServices {
        let name = try Setting.value(service, "--service", "LEDGER_SERVICE")
        var services: [GitImportOptions.Service] = []
        for service in configuration.services {
            services.append(
                GitImportOptions.Service(
                    name: service.name, paths: service.paths, naming: try naming(service.tool)))
        }
        var given: GitImportOptions.Service?
        if let name {
            given = services.first { $0.name.hasSameBytes(as: name) }
            if given == nil { given = .init(name: name, paths: [], naming: try naming(nil)) }
        } else if services.count == 1, services[0].paths.isEmpty {
            given = services[0]
        }
        let folder = configuration.folder
        return try ScriptServices(
            services, given: given,
            locate: { path in
                guard let folder else { return nil }
                let absolute = AbsolutePath.text(path)
                let root = folder == "/" ? folder : folder + "/"
                return absolute.hasPrefix(root) ? String(absolute.dropFirst(root.count)) : nil
            }, read: Self.script)
    }

    private func naming(_ tool: String?) throws(LedgerError) -> ChangeNaming {
        guard let tool else { return try ChangeNaming() }
        return try ChangeNaming(tool: try MigrationTool(named: tool))
    }

    /// A file's bytes; nil for everything else.
    @Sendable private static func script(_ path: String) -> [UInt8]? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return try? TextFile.bytes(path == "-" ? "./-" : path, limit: 64 * 1024 * 1024)
    }

    func reading<Made>(_ make: () throws(LedgerError) -> Made) throws(LedgerError) -> Made {
        try TakenReport.reading(file, make)
    }
}

/// What was made of somebody else's report, to be recorded.
enum TakenReport {
    /// Records it: all or nothing, and what was recorded before not again.
    static func record(
        _ events: [Event], source: String, _ remarks: [String], in ledger: LedgerOptions
    ) async throws {
        let batches = ReportBatches(events)
        var tally = Tally()
        do {
            try await ledger.withWriter { ledger in
                try await ledger.recordAll(
                    source: source, next: { () throws(LedgerError) in batches.next() }
                ) { for receipt in $0 { tally.add(receipt) } }
            }
        } catch let error as LedgerError {
            throw nothing(error)
        }
        for remark in remarks { Terminal.note(remark) }
        try tally.report()
    }

    /// Makes events of it; its name goes before what is wrong with it.
    static func reading<Made>(
        _ file: String, _ make: () throws(LedgerError) -> Made
    ) throws(LedgerError) -> Made {
        do throws(LedgerError) {
            return try make()
        } catch {
            let name = file == "-" ? "standard input" : file
            throw nothing(error.code == .usage ? error : error.prefixed(name))
        }
    }

    private static func nothing(_ error: LedgerError) -> LedgerError {
        LedgerError(
            error.code, error.message + ". Nothing was recorded", advice: error.advice,
            cause: error.cause)
    }
}

/// Events in batches, for one thread at a time.
private final class ReportBatches: @unchecked Sendable {
    private static let batchCount = 256
    private var rest: ArraySlice<Event>
    private var number = 0

    init(_ events: [Event]) {
        rest = events[...]
    }

    func next() -> EventBatch? {
        if rest.isEmpty { return nil }
        let batch = rest.prefix(Self.batchCount)
        rest = rest.dropFirst(Self.batchCount)
        return batch.map { event in
            number += 1
            return (number, event)
        }
    }
}
