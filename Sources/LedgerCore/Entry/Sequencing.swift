import LedgerCrypto

/// Gives submissions their places, within one write to a store.
///
/// A request is one submission or several that belong together: all of them get an entry or none
/// does. One request's refusal doesn't touch the others.
public struct Sequencing {
    /// How far the clock may fall behind the last entry before the true time is written.
    public static let clockTolerance: Int64 = 10_000

    private let log: String
    private let hasher = SHA256()

    public init(log: String) {
        self.log = log
    }

    /// - Parameter now: milliseconds since 1970.
    /// - Returns: the receipts of the request, in its order; of those that were recorded before,
    ///   the first ones.
    /// - Throws: `conflict` if one has the source and id of another event, of several with
    ///   `RefusedSubmission` as its cause; nothing is appended then. Anything else comes from the store, and the whole write is lost.
    public func place(
        _ request: [Submission], in writer: any EntryWriter, now: Int64
    ) throws -> [Receipt] {
        if request.count == 1, let submission = request.first {
            let receipt = try recorded(submission, in: writer)
            return [try receipt ?? append(submission, to: writer, now: now)]
        }
        var known: [Digest: Known] = [:]
        let decisions = try request.enumerated().map { place, submission in
            do {
                return try decide(submission, in: writer, among: &known)
            } catch let error as LedgerError where error.code == .conflict {
                throw LedgerError(
                    error.code, error.message, advice: error.advice,
                    cause: RefusedSubmission(place: place))
            }
        }
        var receipts: [Receipt] = []
        receipts.reserveCapacity(request.count)
        for (submission, decision) in zip(request, decisions) {
            switch decision {
            case .new: receipts.append(try append(submission, to: writer, now: now))
            case .recorded(let receipt): receipts.append(receipt)
            case .sameAs(let place): receipts.append(receipts[place].asRepeat)
            }
        }
        return receipts
    }

    private enum Decision {
        case new
        case recorded(Receipt)
        /// Stands in the same request, at this place.
        case sameAs(Int)
    }

    private struct Known {
        let place: Int
        let submission: Submission
    }

    private func decide(
        _ submission: Submission, in writer: any EntryWriter, among known: inout [Digest: Known]
    ) throws -> Decision {
        if let earlier = known[submission.identity] {
            guard submission.event.isDerived || submission.hasSameContent(as: earlier.submission)
            else {
                throw Self.conflict(submission.event, with: "another event of the same request")
            }
            return .sameAs(earlier.place)
        }
        known[submission.identity] = Known(place: known.count, submission: submission)
        return try recorded(submission, in: writer).map(Decision.recorded) ?? .new
    }

    /// The first receipt of an event that was recorded before.
    private func recorded(
        _ submission: Submission, in writer: any EntryWriter
    ) throws -> Receipt? {
        for entry in try writer.entries(withIdentity: submission.identity) {
            if let receipt = try receipt(of: entry, if: submission) { return receipt }
        }
        return nil
    }

    // Nil if the entry is another event's: the store compares only part of the identity.
    private func receipt(of entry: StoredEntry, if submission: Submission) throws -> Receipt? {
        guard let leaf = Leaf(entry.leaf) else {
            throw LedgerError(
                .damaged, "entry #\(entry.index) can't be read", advice: "ledger verify")
        }
        let time = Timestamp(milliseconds: leaf.time)
        guard let bytes = entry.body else {
            return Receipt(
                index: entry.index, hash: entry.hash, time: time, isRepeat: true,
                isUncompared: true)
        }
        guard let body = StoredBody(bytes) else {
            throw LedgerError(
                .damaged, "entry #\(entry.index) can't be read", advice: "ledger verify")
        }
        let event = submission.event
        guard (body.event["source"]?.string ?? "").hasSameBytes(as: event.source ?? ""),
            (body.event["id"]?.string ?? "").hasSameBytes(as: event.id ?? "")
        else { return nil }
        guard event.isDerived || body.hasSameContent(as: event, disclosures: entry.disclosures)
        else { throw Self.conflict(event, with: "entry #\(entry.index)") }
        return Receipt(index: entry.index, hash: entry.hash, time: time, isRepeat: true)
    }

    private static func conflict(_ event: Event, with what: String) -> LedgerError {
        LedgerError(
            .conflict,
            "\(what) has the same source and id, \(event.source ?? "") and \(event.id ?? ""), "
                + "but other content",
            advice: "give the new event an id of its own; to set an entry right: ledger correct")
    }

    private func append(
        _ submission: Submission, to writer: any EntryWriter, now: Int64
    ) throws -> Receipt {
        let head = try writer.head()
        let stream = try writer.streamHead(submission.streamID) ?? .empty
        let leaf = Leaf(
            body: submission.bodyDigest, index: head.index + 1, log: log, prev: head.hash,
            stream: .init(id: submission.streamID, index: stream.index + 1, prev: stream.hash),
            time: Self.time(now: now, last: try writer.lastTime()))
        let bytes = leaf.bytes
        let hash = Leaf.hash(bytes, with: hasher)
        try writer.append(submission, leaf: leaf, leafBytes: bytes, hash: hash)
        return Receipt(index: leaf.index, hash: hash, time: Timestamp(milliseconds: leaf.time))
    }

    /// A clock that is a little behind doesn't set the ledger's time back; one that is far behind
    /// is written down as it is, and `verify` reports it.
    static func time(now: Int64, last: Int64?) -> Int64 {
        guard let last, now < last, last - now <= clockTolerance else { return max(0, now) }
        return last
    }
}

extension Receipt {
    fileprivate var asRepeat: Receipt {
        Receipt(index: index, hash: hash, time: time, isRepeat: true)
    }
}

extension Submission {
    fileprivate func hasSameContent(as other: Submission) -> Bool {
        event.members == other.event.members && event.privateMembers == other.event.privateMembers
    }
}
