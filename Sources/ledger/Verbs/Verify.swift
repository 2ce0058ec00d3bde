import ArgumentParser
import LedgerClient
import LedgerCore
import LedgerCrypto
import LedgerOperations
import LedgerProof

struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Recompute the whole ledger from its stored bytes.",
        discussion: """
            Checks leaves, chain, streams, bodies, private values, attachments and projections. A \
            ledger that was cut or written anew can stand by itself; it can't stand against a head \
            or a receipt that somebody kept elsewhere.

              ledger head > head.txt                  keep this somewhere else
              ledger verify --expect-file head.txt
              ledger verify --receipts build-*.log    any text with receipts in it
              ledger verify --archive 2025            with the bodies in an archive

            A server verifies its own file. Who does not trust it takes a copy of the file.

            Exits with 5 if anything is not as it was recorded.
            """)

    @OptionGroup var ledger: LedgerOptions

    @Option(
        help: ArgumentHelp("A head that must still stand; repeatable.", valueName: "index:hash"))
    var expect: [String] = []

    @Option(help: ArgumentHelp("A file with what ledger head printed.", valueName: "path"))
    var expectFile: [String] = []

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Files with receipts somewhere in their text.", valueName: "path"))
    var receipts: [String] = []

    @Flag(name: .customLong("json"), help: "Print the verdict as JSON.") var isJSON = false
    @Flag(help: "Print how long each part took.") var timings = false

    func run() async throws {
        let expected = try expectedHeads()
        let verdict = try await verdict(on: try ledger.address(), expected)
        try VerdictReport(verdict, expected.count).show(isJSON: isJSON)
        if timings { try show(verdict) }
        if verdict.problems.count > 0 { throw Failure.notVerified }
    }

    private func verdict(
        on address: LedgerAddress, _ expected: [Head]
    ) async throws(LedgerError) -> Verifier.Verdict {
        switch address {
        case .file(let path):
            let progress = ProgressBox("entries verified")
            defer { progress.end() }
            let archives = try ledger.archives
            if archives.isEmpty {
                return try LocalLedger.verify(at: path, expected: expected) { progress.show($0) }
            }
            Terminal.note("verifying a copy in which the archive is restored")
            return try LocalLedger.verify(at: path, with: archives, expected: expected) {
                progress.show($0)
            }
        case .server(let url):
            if !ledger.archive.isEmpty {
                throw LedgerError(
                    .usage, "--archive works on a ledger's file, and \(url) is a server",
                    advice: "leave it out, or run it where the file is")
            }
            if timings {
                throw LedgerError(
                    .usage, "--timings works on a ledger's file, and \(url) is a server",
                    advice: "leave it out, or run it where the file is")
            }
            return try await Servers.ledger(at: url).verify(expected: expected)
        }
    }

    private func show(_ verdict: Verifier.Verdict) throws {
        for (part, duration) in [
            ("entries", verdict.entriesDuration), ("attachments", verdict.attachmentsDuration),
            ("projections", verdict.projectionsDuration),
        ] {
            let milliseconds = duration.components.attoseconds / 1_000_000_000_000_000
            let fraction = String(1000 + milliseconds).dropFirst()
            try Output.line("\(part): \(duration.components.seconds).\(fraction) s")
        }
    }

    private func expectedHeads() throws(LedgerError) -> [Head] {
        var heads: [Head] = []
        for text in expect {
            guard let head = Head(text) else {
                throw LedgerError(
                    .usage, "--expect \(text) is not INDEX:HASH", advice: "ledger head prints it so"
                )
            }
            heads.append(head)
        }
        for path in expectFile {
            let text = try TextFile.read(path, limit: 1_048_576)
            let lines = text.split(whereSeparator: \.isWhitespace)
            let found = lines.compactMap { Head(String($0)) }
            if found.isEmpty {
                throw LedgerError(
                    .usage, "\(path) has no INDEX:HASH in it", advice: "ledger head prints it so")
            }
            heads += found
        }
        for path in receipts {
            let found = ReceiptText.receipts(in: try TextFile.bytes(path, limit: 1 << 30))
            if found.isEmpty { Terminal.note("\(path) has no receipts in it") }
            heads += found
        }
        if !receipts.isEmpty, heads.isEmpty {
            throw LedgerError(
                .usage, "no receipts were found",
                advice: "they look like ledger: #12 9f2c…, or, as JSON, {\"hash\":…,\"index\":…}")
        }
        return heads
    }
}

/// What a verification found, for eyes or as JSON.
struct VerdictReport {
    private let verdict: Verifier.Verdict
    private let expectedCount: Int

    init(_ verdict: Verifier.Verdict, _ expectedCount: Int) {
        self.verdict = verdict
        self.expectedCount = expectedCount
    }

    func show(isJSON: Bool) throws {
        try isJSON ? Output.json(.object(verdict.json)) : showText()
    }

    private func showText() throws {
        for warning in verdict.warnings.kept {
            Terminal.note("warning: \(Self.line(warning))")
        }
        let problems = verdict.problems
        guard let first = problems.kept.first else {
            let counts = [
                "\(Number.grouped(verdict.head.entryCount)) entries",
                "\(Number.grouped(Int64(verdict.streamCount))) streams",
                "\(Number.grouped(verdict.disclosureCount)) private values",
                "\(Number.grouped(Int64(verdict.attachmentCount))) attachments",
            ]
            try Output.line("verified: \(counts.joined(separator: ", "))")
            if verdict.archivedCount > 0 {
                let count = Number.grouped(verdict.archivedCount)
                try Output.line("\(count) of the bodies are in an archive: not looked at")
            }
            if expectedCount > 0 {
                let words =
                    expectedCount == 1 ? "head or receipt stands" : "heads and receipts stand"
                try Output.line("\(Number.grouped(Int64(expectedCount))) kept \(words)")
            }
            if verdict.head.index >= 0 { try Output.line("head \(verdict.head.text)") }
            return
        }
        try Output.line("NOT VERIFIED: \(Self.line(first))")
        for problem in problems.kept.dropFirst() {
            try Output.line("  also: \(Self.line(problem))")
        }
        let rest = problems.count - problems.kept.count
        if rest > 0 { try Output.line("  and \(Number.grouped(Int64(rest))) more") }
    }

    private static func line(_ problem: Problem) -> String {
        let place = problem.index.map { "#\($0) " } ?? ""
        return "\(place)\(problem.code.rawValue): \(problem.detail)"
    }
}
