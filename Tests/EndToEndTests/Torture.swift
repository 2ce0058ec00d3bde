import Dispatch
import Foundation
import LedgerCore
import Synchronization
import TestSupport
import Testing

/// How hard the faults are made to happen: a sample, or with `LEDGER_TORTURE=1` the whole, whose
/// figures are printed.
enum Torture {
    static let isWhole = ProcessInfo.processInfo.environment["LEDGER_TORTURE"] == "1"
    static let isRoot = geteuid() == 0

    static let package = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    static func say(_ figures: String) {
        if isWhole { print("torture: \(figures)") }
    }

    /// The receipts in what a command printed.
    static func receipts(in text: String) -> [String] {
        text.split(separator: "\n").filter { $0.hasPrefix("ledger: #") }.map(String.init)
    }
}

/// What a verifier says of a ledger.
struct Verdict: Equatable {
    let status: Int32
    /// `INDEX:CODE`, sorted; `-` for what belongs to no entry.
    let codes: [String]
}

extension Verdict {
    /// What only our own verifier looks at: everything derived, and the tables themselves.
    static let derived = ["projection-wrong", "schema-changed"]

    /// Of `ledger verify`.
    static func ofLedger(at path: String, _ arguments: [String] = []) throws -> Verdict {
        let run = try Shell.execute(
            BuiltLedger.executable(), ["verify", "--json", "--ledger", path] + arguments)
        let object = try #require(
            try JSONReader.read(Array(run.standardOutput.utf8)).object, "\(run.standardError)")
        let codes = (object["problems"]?.array ?? []).compactMap(\.object).map { problem in
            "\(problem["index"]?.integer.map(String.init) ?? "-"):\(problem["code"]?.string ?? "")"
        }
        return Verdict(status: run.status, codes: codes.sorted())
    }

    /// Of `Tests/verify_ledger.py`, without its warnings.
    static func ofPython(at path: String, _ arguments: [String] = []) throws -> Verdict {
        let script = Torture.package + "/Tests/verify_ledger.py"
        let run = try Shell.execute("python3", ["-B", script, path, "--all"] + arguments)
        let lines = run.standardOutput.split(separator: "\n").dropLast()
        let codes = lines.map { String($0).replacing(" ", with: ":") }
            .filter { !$0.hasSuffix(":clock-set-back") }
        return Verdict(status: run.status, codes: codes.sorted())
    }

    var withoutDerived: [String] {
        codes.filter { code in !Self.derived.contains { code.hasSuffix($0) } }
    }
}

/// Expects that both verifiers find the ledger as it was recorded.
func expectVerified(
    _ path: String, _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let (ours, theirs) = (try Verdict.ofLedger(at: path), try Verdict.ofPython(at: path))
    #expect(ours == Verdict(status: 0, codes: []), comment, sourceLocation: sourceLocation)
    #expect(theirs == Verdict(status: 0, codes: []), comment, sourceLocation: sourceLocation)
}

/// Runs `body` on as many threads, and throws what the first of them threw.
func concurrently(_ count: Int, _ body: @Sendable (Int) throws -> Void) throws {
    let errors = Mutex<[any Error]>([])
    DispatchQueue.concurrentPerform(iterations: count) { number in
        do {
            try body(number)
        } catch {
            errors.withLock { $0.append(error) }
        }
    }
    if let error = errors.withLock({ $0.first }) { throw error }
}
