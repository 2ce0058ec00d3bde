import LedgerCore
import LedgerCrypto

/// Checks what only their order shows: the chain, the streams, expected heads, redactions.
///
/// Results are added in the order of the entries, by one thread at a time.
final class OrderCheck: @unchecked Sendable {
    private struct Stream {
        var count: Int64
        var head: Digest
    }

    private struct Redaction: Hashable {
        let entry: Int64
        let name: String
    }

    private var verdict = Verifier.Verdict()
    private var lastTime: Int64 = .min
    private var nextIndex: Int64 = 0
    private var streams: [Digest: Stream] = [:]
    private var absences: [EntryCheck.Absence] = []
    private var redactions: Set<Redaction> = []
    private var expected: [Int64: [Digest]] = [:]
    /// Every use of an attachment that must be there.
    private(set) var attached: [EntryCheck.AttachmentUse] = []
    /// The first entry that names each attachment.
    private(set) var firstNaming: [Digest: Int64] = [:]

    init(expected: [Head]) {
        for head in expected { self.expected[head.index, default: []].append(head.hash) }
    }

    func add(_ result: EntryCheck.Result) {
        verdict.problems.add(contentsOf: result.problems)
        verdict.disclosureCount += result.disclosureCount
        verdict.byteCount += result.byteCount
        for mark in result.marks { add(mark) }
        absences += result.absences
        for redaction in result.redactions {
            redactions.insert(Redaction(entry: redaction.entry, name: redaction.name))
        }
        attached += result.attached
        for use in result.attached { name(use.digest, at: use.index) }
        for mention in result.mentioned { name(mention.digest, at: mention.index) }
    }

    private func name(_ digest: Digest, at index: Int64) {
        firstNaming[digest] = min(index, firstNaming[digest] ?? .max)
    }

    private func add(_ mark: EntryCheck.Mark) {
        if mark.index != nextIndex {
            report(mark.index, .indexWrong, "the entry before it, #\(mark.index - 1), is not there")
        } else if let place = mark.place, place.index != mark.index {
            report(mark.index, .indexWrong, "the leaf says that its index is \(place.index)")
        }
        if let place = mark.place { check(mark, place) }
        if let hashes = expected.removeValue(forKey: mark.index),
            let other = hashes.first(where: { $0 != mark.hash })
        {
            report(
                mark.index, .headWrong,
                "the hash was \(other.hex) once, and is now \(mark.hash.hex)")
        }
        nextIndex = mark.index + 1
        verdict.head = Head(index: mark.index, hash: mark.hash)
    }

    private func check(_ mark: EntryCheck.Mark, _ place: EntryCheck.Mark.Place) {
        if place.prev != verdict.head.hash {
            report(mark.index, .chainBroken, "prev is not the hash of the entry before it")
        }
        let stream = streams[place.stream.id] ?? Stream(count: 0, head: .zero)
        if place.stream.index != stream.count || place.stream.prev != stream.head {
            report(
                mark.index, .streamBroken,
                "the entry before it in its stream is not the one that it names")
        }
        streams[place.stream.id] = Stream(count: place.stream.index + 1, head: mark.hash)
        if place.time < lastTime {
            verdict.warnings.add(
                Problem(
                    index: mark.index, code: .clockSetBack,
                    detail: "recorded \(lastTime - place.time) ms before the entry before it"))
        }
        lastTime = place.time
    }

    private func report(_ index: Int64, _ code: Problem.Code, _ detail: String) {
        verdict.problems.add(Problem(index: index, code: code, detail: detail))
    }

    func isRedacted(_ index: Int64, _ name: String) -> Bool {
        redactions.contains(Redaction(entry: index, name: name))
    }

    func finish() -> Verifier.Verdict {
        for absence in absences where !isRedacted(absence.index, absence.name) {
            report(
                absence.index, .privateMissing,
                "the private value \(absence.name) is not there, and no redaction names it")
        }
        for (index, hashes) in expected {
            report(
                index, .headWrong,
                "the entry with hash \(hashes[0].hex) is not there: the ledger ends at "
                    + "#\(verdict.head.index)")
        }
        verdict.streamCount = streams.count
        return verdict
    }
}
