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

    /// The entries that need the same attachment, in order.
    struct References {
        let first: Reference
        var others: [Reference] = []
    }

    private struct Redaction: Hashable {
        let entry: Int64
        let name: String
    }

    /// What is left of the entries of one archive.
    private struct Carried {
        let hasher = SHA256()
        let first: Int64
        var last: Int64
        var count: Int64 = 0
    }

    private var verdict = Verifier.Verdict()
    private var lastTime: Int64 = .min
    private var nextIndex: Int64 = 0
    private var streams = StreamHeads()
    private var absences: [EntryCheck.Absence] = []
    private var redactions: Set<Redaction> = []
    private var archives: [Int64: EntryCheck.Archive] = [:]
    // By the archive's entry.
    private var carried: [Int64: Carried] = [:]
    private var expected: [Int64: [Digest]] = [:]
    /// Attachments that must be there, by digest.
    private(set) var attached: [Digest: References] = [:]
    /// Attachments that may be there, with the first entry that names each.
    private(set) var mentioned: [Digest: Int64] = [:]

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
        for archive in result.archives { archives[archive.index] = archive }
        for item in result.carried { add(item.archive, item.index, item.line) }
        for item in result.attached {
            let reference = Reference(index: item.index, name: item.name)
            if attached[item.digest] == nil {
                attached[item.digest] = References(first: reference)
            } else {
                attached[item.digest]?.others.append(reference)
            }
        }
        for item in result.mentioned where mentioned[item.digest] == nil {
            mentioned[item.digest] = item.index
        }
    }

    private func add(_ archive: Int64, _ index: Int64, _ line: [UInt8]) {
        if carried[archive] == nil {
            carried[archive] = Carried(first: index, last: index)
            carried[archive]?.hasher.start()
        }
        carried[archive]?.last = index
        carried[archive]?.count += 1
        line.withUnsafeBytes { carried[archive]?.hasher.update($0) }
    }

    private func checkCarried() {
        for (index, carried) in carried {
            let digest = carried.hasher.finish()
            guard let archive = archives[index], archive.range.contains(carried.first),
                archive.range.contains(carried.last), archive.entryCount == carried.count,
                archive.carried == digest
            else {
                report(
                    index, .carriedWrong,
                    "what is left of the entries that it archived is not what it names")
                continue
            }
            verdict.archivedCount += carried.count
        }
    }

    private func add(_ mark: EntryCheck.Mark) {
        checkIndex(mark)
        if let place = mark.place { check(place, of: mark) }
        if !expected.isEmpty, let hashes = expected.removeValue(forKey: mark.index),
            let other = hashes.first(where: { $0 != mark.hash })
        {
            report(
                mark.index, .headWrong,
                "the hash was \(other.hex) once, and is now \(mark.hash.hex)")
        }
        verdict.head = Head(index: mark.index, hash: mark.hash)
    }

    // An index below the next one can only stand in a file whose structure is broken, or below 0.
    private func checkIndex(_ mark: EntryCheck.Mark) {
        if mark.index > nextIndex {
            report(
                nextIndex, .leafMissing,
                mark.index == nextIndex + 1
                    ? "the entry is not there"
                    : "the entries up to #\(mark.index - 1) are not there")
        }
        if let index = mark.place?.index, index != mark.index {
            report(mark.index, .indexWrong, "the leaf says that its index is \(index)")
        } else if mark.index < nextIndex {
            report(mark.index, .indexWrong, "no entry can have this index here")
        }
        nextIndex = max(nextIndex, mark.index &+ 1)
    }

    private func check(_ place: EntryCheck.Place, of mark: EntryCheck.Mark) {
        let number = streams.number(of: place.stream.id)
        if place.prev != verdict.head.hash {
            report(mark.index, .chainBroken, "prev is not the hash of the entry before it")
        }
        let head = streams[number]
        if place.stream.index != head.count || place.stream.prev != head.hash {
            report(
                mark.index, .streamBroken,
                "the entry before it in its stream is not the one that it names")
        }
        streams[number] = StreamHeads.Head(count: place.stream.index + 1, hash: mark.hash)
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

    /// The entries that need an attachment and that no redaction frees of it.
    func references(to digest: Digest) -> [Reference] {
        guard let references = attached[digest] else { return [] }
        return ([references.first] + references.others).filter { !isRedacted($0.index, $0.name) }
    }

    /// The first entry that names an attachment.
    func firstIndex(naming digest: Digest) -> Int64? {
        let indexes = [attached[digest]?.first.index, mentioned[digest]]
        return indexes.compactMap(\.self).min()
    }

    /// What redactions erase, by entry.
    var redacted: [Int64: Set<String>] {
        Dictionary(grouping: redactions, by: \.entry).mapValues { Set($0.map(\.name)) }
    }

    private func isRedacted(_ index: Int64, _ name: String) -> Bool {
        redactions.contains(Redaction(entry: index, name: name))
    }

    func finish() -> Verifier.Verdict {
        for absence in absences where !isRedacted(absence.index, absence.name) {
            if absence.isAttachment {
                report(absence.index, .attachmentMissing, "\(absence.name) names no bytes")
            } else {
                report(
                    absence.index, .privateMissing,
                    "the private value \(absence.name) is not there, and no redaction names it")
            }
        }
        checkCarried()
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
