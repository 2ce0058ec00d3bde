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
        var verdict = order.finish(lastStored: last)
        try checkAttachments(reader, order, &verdict)
        return verdict
    }

    private func checkAttachments(
        _ reader: any StoredBytesReader, _ order: OrderCheck, _ verdict: inout Verdict
    ) throws(LedgerError) {
        let hasher = SHA256()
        var missing = order.attached
        var count = 0
        var problems = Problems()
        try reader.forEachAttachment { digest, bytes in
            count += 1
            let actual = hasher.hash(bytes)
            guard let digest, digest == actual else {
                problems.add(
                    Problem(
                        index: digest.flatMap { order.attached[$0]?.index }, code: .attachmentWrong,
                        detail: "an attachment's bytes are not those of its digest "
                            + (digest?.hex ?? "")))
                if let digest { missing[digest] = nil }
                return
            }
            if missing.removeValue(forKey: digest) == nil, order.attached[digest] == nil,
                !order.mentioned.contains(digest)
            {
                problems.add(
                    Problem(
                        index: nil, code: .attachmentExtra,
                        detail: "no entry names the attachment \(digest.hex)"))
            }
        }
        for (digest, reference) in missing where !order.isRedacted(reference.index, reference.name) {
            problems.add(
                Problem(
                    index: reference.index, code: .attachmentMissing,
                    detail: "the bytes of \(reference.name), \(digest.hex), are not there"))
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
