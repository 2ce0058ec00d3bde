import Dispatch
import Foundation
import LedgerCore
import LedgerCrypto

/// Recomputes a ledger from its stored bytes: leaves, chain, streams, bodies, private values and
/// attachments. Shares nothing with the code that writes but the format of an entry.
public struct Verifier: Sendable {
    public struct Verdict: Sendable {
        public var head = Head.empty
        public var streamCount = 0
        public var disclosureCount: Int64 = 0
        public var attachmentCount = 0
        /// Entries of which no more than a remainder is here.
        public var archivedCount: Int64 = 0
        /// Bytes of leaves, bodies and private values that were hashed.
        public var byteCount: Int64 = 0
        /// How long leaves, chain, streams, bodies and private values took.
        public var entriesDuration = Duration.zero
        public var attachmentsDuration = Duration.zero
        /// Set by who compares the projections.
        public var projectionsDuration = Duration.zero
        public var problems = Problems()
        public var warnings = Problems()

        public init() {}
    }

    private static let chunk: Int64 = 1024

    private let open: @Sendable () throws(LedgerError) -> any StoredBytesReader
    private let threadCount: Int

    /// - Parameter open: opens the ledger; called once for each thread.
    public init(
        threadCount: Int = ProcessInfo.processInfo.activeProcessorCount,
        open: @escaping @Sendable () throws(LedgerError) -> any StoredBytesReader
    ) {
        self.open = open
        self.threadCount = max(1, threadCount)
    }

    /// - Parameters:
    ///   - expected: heads and receipts that somebody kept: each must still stand at its index.
    ///   - progress: called now and then, from any thread, with the number of entries done.
    public func verify(
        expected: [Head] = [], progress: @escaping @Sendable (Int64) -> Void = { _ in }
    ) throws(LedgerError) -> Verdict {
        let start = ContinuousClock.now
        let reader = try open()
        let bound = try reader.indexBound()
        let stored = try reader.attachmentDigests()
        let order = OrderCheck(expected: expected)
        let turns = Turns()
        let chunkCount = max(1, Int((bound + Self.chunk - 1) / Self.chunk))
        let threadCount = min(threadCount, chunkCount)
        DispatchQueue.concurrentPerform(iterations: threadCount) { _ in
            do throws(LedgerError) {
                let reader = try open()
                var check = EntryCheck(log: reader.log, attachments: stored)
                while let number = turns.take(below: chunkCount) {
                    let range = Self.range(ofChunk: number, of: chunkCount)
                    do throws(LedgerError) {
                        try reader.forEach(in: range) { check.check($0) }
                    } catch {
                        turns.fail(error, number)
                    }
                    turns.inTurn(number) { order.add(check.result) }
                    check.clear()
                    progress(min(range.upperBound, bound - 1) + 1)
                }
            } catch {
                turns.fail(error, 0)
            }
        }
        if let error = turns.error { throw error }
        var verdict = order.finish()
        try checkRedactions(reader, order, &verdict)
        verdict.entriesDuration = ContinuousClock.now - start
        try checkAttachments(reader, order, &verdict)
        verdict.attachmentsDuration = ContinuousClock.now - start - verdict.entriesDuration
        return verdict
    }

    // The first and the last chunk take in what stands at indexes that no entry can have.
    private static func range(ofChunk number: Int, of count: Int) -> ClosedRange<Int64> {
        let first = Int64(number) * chunk
        return (number == 0 ? .min : first)...(number == count - 1 ? .max : first + chunk - 1)
    }

    // A value that somebody put back proves well: its digest is that of the body.
    private func checkRedactions(
        _ reader: any StoredBytesReader, _ order: OrderCheck, _ verdict: inout Verdict
    ) throws(LedgerError) {
        var problems = Problems()
        for (index, names) in order.redacted {
            try reader.forEach(in: index...index) { stored in
                for name in EntryCheck.names(names, in: stored) {
                    problems.add(
                        Problem(
                            index: index, code: .redactionUndone,
                            detail: "the private value \(name) is there, and was erased"))
                }
            }
        }
        verdict.problems.add(contentsOf: problems)
    }

    private func checkAttachments(
        _ reader: any StoredBytesReader, _ order: OrderCheck, _ verdict: inout Verdict
    ) throws(LedgerError) {
        let hasher = SHA256()
        var there: Set<Digest> = []
        var count = 0
        var problems = Problems()
        func report(_ index: Int64?, _ code: Problem.Code, _ detail: String) {
            problems.add(Problem(index: index, code: code, detail: detail))
        }
        try reader.forEachAttachment { digest, bytes in
            count += 1
            let isNew = digest.map { there.insert($0).inserted } ?? true
            let first = digest.flatMap { order.firstIndex(naming: $0) }
            guard let digest, digest == hasher.hash(bytes) else {
                let name = digest?.hex ?? ""
                report(
                    first, .attachmentWrong,
                    "an attachment's bytes are not those of its digest \(name)")
                return
            }
            if first == nil {
                report(nil, .attachmentExtra, "no entry names the attachment \(digest.hex)")
            } else if order.attached[digest] != nil, order.references(to: digest).isEmpty {
                report(
                    first, .redactionUndone,
                    "the attachment \(digest.hex) is there, and was erased")
            } else if !isNew {
                report(nil, .attachmentExtra, "the attachment \(digest.hex) is there twice")
            }
        }
        for digest in order.attached.keys where !there.contains(digest) {
            for reference in order.references(to: digest) {
                report(
                    reference.index, .attachmentMissing,
                    "the bytes of \(reference.name), \(digest.hex), are not there")
            }
        }
        verdict.attachmentCount = count
        verdict.problems.add(contentsOf: problems)
    }
}

/// Hands out chunks, and lets their results in one by one, in order.
private final class Turns: @unchecked Sendable {
    // Everything below is guarded by `condition`.
    private let condition = NSCondition()
    private var next = 0
    private var turn = 0
    private var failure: (error: LedgerError, number: Int)?

    func take(below count: Int) -> Int? {
        condition.lock()
        defer { condition.unlock() }
        guard next < count, failure == nil else { return nil }
        defer { next += 1 }
        return next
    }

    func inTurn(_ number: Int, _ body: () -> Void) {
        condition.lock()
        while turn != number, failure == nil { condition.wait() }
        if failure == nil { body() }
        turn += 1
        condition.broadcast()
        condition.unlock()
    }

    /// Ends the work; the failure of the earliest chunk is told.
    func fail(_ error: LedgerError, _ number: Int) {
        condition.lock()
        if failure.map({ number < $0.number }) ?? true { failure = (error, number) }
        condition.broadcast()
        condition.unlock()
    }

    var error: LedgerError? {
        condition.lock()
        defer { condition.unlock() }
        return failure?.error
    }
}
