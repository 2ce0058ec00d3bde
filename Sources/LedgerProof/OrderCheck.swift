import LedgerCore
import LedgerCrypto

/// Checks what only their order shows: the chain, the streams, expected heads, redactions.
///
/// Results are added in the order of the entries, by one thread at a time.
final class OrderCheck: @unchecked Sendable {
    struct Reference {
        let index: Int64
        let name: String
    }

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
    /// Attachments that must be there, by digest, with the first entry that names each.
    private(set) var attached: [Digest: Reference] = [:]
    /// Attachments that may be there.
    private(set) var mentioned: Set<Digest> = []

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
        for item in result.attached where attached[item.digest] == nil {
            attached[item.digest] = Reference(index: item.index, name: item.name)
        }
        mentioned.formUnion(result.mentioned)
    }

    private func add(_ mark: EntryCheck.Mark) {
        if mark.index != nextIndex {
            report(
                nextIndex, .leafMissing,
                mark.index == nextIndex + 1
                    ? "the entry is not there"
                    : "the entries up to #\(mark.index - 1) are not there")
        }
        if mark.prev != verdict.head.hash {
            report(mark.index, .chainBroken, "prev is not the hash of the entry before it")
        }
        var stream = streams[mark.stream.id] ?? Stream(count: 0, head: .zero)
        if mark.stream.index != stream.count || mark.stream.prev != stream.head {
            report(
                mark.index, .streamBroken,
                "the entry before it in its stream is not the one that it names")
        }
        stream.count = mark.stream.index + 1
        stream.head = mark.hash
        streams[mark.stream.id] = stream
        if let hashes = expected.removeValue(forKey: mark.index),
            let other = hashes.first(where: { $0 != mark.hash })
        {
            report(
                mark.index, .headWrong,
                "the hash was \(other.hex) once, and is now \(mark.hash.hex)")
        }
        if mark.time < lastTime {
            verdict.warnings.add(
                Problem(
                    index: mark.index, code: .clockSetBack,
                    detail: "recorded \(lastTime - mark.time) ms before the entry before it"))
        }
        lastTime = mark.time
        nextIndex = mark.index + 1
        verdict.head = Head(index: mark.index, hash: mark.hash)
    }

    private func report(_ index: Int64, _ code: Problem.Code, _ detail: String) {
        verdict.problems.add(Problem(index: index, code: code, detail: detail))
    }

    func isRedacted(_ index: Int64, _ name: String) -> Bool {
        let prefix = EventSchema.attachmentPrefix
        return redactions.contains(Redaction(entry: index, name: name))
            || redactions.contains(Redaction(entry: index, name: prefix + name))
    }

    func finish(lastStored: Int64) -> Verifier.Verdict {
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
