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
        /// Bytes of leaves, bodies and private values that were hashed.
        public var byteCount: Int64 = 0
        /// How long leaves, chain, streams, bodies and private values took, and the attachments.
        public var entriesDuration = Duration.zero
        public var attachmentsDuration = Duration.zero
        /// Set by who compares the projections.
        public var projectionsDuration = Duration.zero
        public var problems = Problems()
        public var warnings = Problems()

        public init() {}
    }

    private static let chunk: Int64 = 4096

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
        let last = try reader.lastIndex()
        let order = OrderCheck(expected: expected)
        let turns = Turns()
        let chunkCount = Int((last + Self.chunk) / Self.chunk)
        let threadCount = min(threadCount, max(1, chunkCount))
        DispatchQueue.concurrentPerform(iterations: threadCount) { _ in
            do throws(LedgerError) {
                let reader = try open()
                let check = EntryCheck(log: reader.log)
                while let number = turns.take(below: chunkCount) {
                    let first = Int64(number) * Self.chunk
                    let range = first...min(first + Self.chunk - 1, last)
                    do throws(LedgerError) {
                        try reader.forEach(in: range) { check.check($0) }
                    } catch {
                        turns.fail(error, number)
                    }
                    let result = check.takeResult()
                    turns.inTurn(number) { order.add(result) }
                    progress(range.upperBound + 1)
                }
            } catch {
                turns.fail(error, 0)
            }
        }
        if let error = turns.error { throw error }
        var verdict = order.finish()
        verdict.entriesDuration = ContinuousClock.now - start
        try checkAttachments(reader, order, &verdict)
        verdict.attachmentsDuration = ContinuousClock.now - start - verdict.entriesDuration
        return verdict
    }

    private func checkAttachments(
        _ reader: any StoredBytesReader, _ order: OrderCheck, _ verdict: inout Verdict
    ) throws(LedgerError) {
        let hasher = SHA256()
        var there: Set<Digest> = []
        var problems = Problems()
        try reader.forEachAttachment { digest, bytes in
            verdict.attachmentCount += 1
            guard let digest, digest == hasher.hash(bytes) else {
                problems.add(
                    Problem(
                        index: digest.flatMap { order.firstNaming[$0] }, code: .attachmentWrong,
                        detail: "an attachment's bytes are not those of its digest, "
                            + (digest?.hex ?? "which can't be read")))
                if let digest { there.insert(digest) }
                return
            }
            if order.firstNaming[digest] == nil || there.contains(digest) {
                problems.add(
                    Problem(
                        index: nil, code: .attachmentExtra,
                        detail: "no entry names the attachment \(digest.hex), or it is there twice"))
            }
            there.insert(digest)
        }
        for use in order.attached
        where !there.contains(use.digest) && !order.isRedacted(use.index, use.name) {
            problems.add(
                Problem(
                    index: use.index, code: .attachmentMissing,
                    detail: "the bytes of \(use.name), \(use.digest.hex), are not there"))
        }
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
