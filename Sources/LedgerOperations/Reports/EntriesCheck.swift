import LedgerCore
import LedgerCrypto
import LedgerReport

/// Checks the entries that came along with an export: without the ledger, they show that every row's
/// entry stands in the chain up to the cover's head, and that its stream has no gap up to there.
struct EntriesCheck {
    let folder: String
    let cover: Cover

    /// What is kept of a leaf.
    private struct Place {
        let hash: Digest
        let body: Digest
    }

    func check(_ verdict: inout ExportCheck.Verdict) throws(LedgerError) {
        var places: [Place] = []
        var first: Int64 = 0
        let problemCount = verdict.problemCount
        try checkLeaves(&places, &first, &verdict)
        var archivedCount = 0
        let held = try checkEntries(places, first, &archivedCount, &verdict)
        try checkRows(places, first, held, &verdict)
        if verdict.problemCount > problemCount { return }
        verdict.passed.append(
            "chain: \(places.count) leaves from #\(first) lead to the head #\(cover.head.index), "
                + "and no stream among them has a gap")
        verdict.passed.append(
            "entries: \(held.count - archivedCount) bodies are those of their leaves, with their "
                + "private values")
        if archivedCount > 0 {
            verdict.notes.append("\(archivedCount) entries are archived: their bodies are there")
        }
    }

    private func checkLeaves(
        _ places: inout [Place], _ first: inout Int64, _ verdict: inout ExportCheck.Verdict
    ) throws(LedgerError) {
        let name = ExportedEntries.leavesName
        let hasher = SHA256()
        var streams: [Digest: (index: Int64, hash: Digest)] = [:]
        var found: [Place] = []
        var start: Int64 = 0
        var before: Digest?
        var report = verdict
        try FileBlocks.forEachLine(of: "\(folder)/\(name)") { line in
            guard let leaf = line.withUnsafeBytes({ Leaf($0) }) else {
                report.add("\(name), line \(found.count + 1): this is no leaf")
                return
            }
            if found.isEmpty { start = leaf.index }
            let expected = start + Int64(found.count)
            if leaf.index != expected || !leaf.log.hasSameBytes(as: cover.log) {
                report.add(
                    "\(name): #\(leaf.index) of \(leaf.log) stands where #\(expected) should")
            }
            // What the first one follows is not here.
            if let before, leaf.prev != before {
                report.add("\(name): #\(leaf.index) does not follow the leaf before it")
            }
            let hash = Leaf.hash(line, with: hasher)
            if let last = streams[leaf.stream.id],
                leaf.stream.index != last.index + 1 || leaf.stream.prev != last.hash
            {
                report.add("\(name): #\(leaf.index) does not follow its stream's entry before it")
            }
            streams[leaf.stream.id] = (leaf.stream.index, hash)
            before = hash
            found.append(Place(hash: hash, body: leaf.body))
        }
        let end = start + Int64(found.count) - 1
        if cover.head.index >= 0, end != cover.head.index || before != cover.head.hash {
            report.add("\(name): it does not end with the cover's head, #\(cover.head.index)")
        }
        verdict = report
        places = found
        first = start
    }

    /// - Returns: the indexes of the entries that are there.
    private func checkEntries(
        _ places: [Place], _ first: Int64, _ archivedCount: inout Int,
        _ verdict: inout ExportCheck.Verdict
    ) throws(LedgerError) -> Set<Int64> {
        let name = ExportedEntries.entriesName
        let hasher = SHA256()
        var held: Set<Int64> = []
        var report = verdict
        var number = 0
        var archived = 0
        try FileBlocks.forEachLine(of: "\(folder)/\(name)") { line in
            number += 1
            guard let object = (try? JSONReader.read(line))?.object,
                let index = object["index"]?.integer, index >= first,
                index - first < Int64(places.count)
            else {
                report.add("\(name), line \(number): this is no entry of the leaves")
                return
            }
            held.insert(index)
            if object["body"] == nil, object["archived_by"]?.integer != nil {
                archived += 1
                return
            }
            guard let body = object["body"]?.string, let stored = StoredBody(Array(body.utf8))
            else {
                report.add("\(name): #\(index) has no body")
                return
            }
            if hasher.hash(Array(body.utf8)) != places[Int(index - first)].body {
                report.add("\(name): the body of #\(index) is not that of its leaf")
            }
            for text in object["disclosures"]?.array ?? [] {
                let disclosure = text.string.flatMap { Disclosure(stored: Array($0.utf8)) }
                guard let disclosure,
                    let digest = stored.privateDigests[disclosure.name]?.string,
                    digest.hasSameBytes(as: disclosure.digest(hasher: hasher))
                else {
                    report.add("\(name): a private value of #\(index) is not that of its body")
                    continue
                }
            }
        }
        verdict = report
        archivedCount = archived
        return held
    }

    /// Rows name their entries, and say the hash of one.
    private func checkRows(
        _ places: [Place], _ first: Int64, _ held: Set<Int64>,
        _ verdict: inout ExportCheck.Verdict
    ) throws(LedgerError) {
        var records = try RecordFile("\(folder)/\(cover.rowsName)", cover.format)
        while let record = try records.next() {
            guard let index = record["index"].flatMap({ Int64($0) }) else { continue }
            guard held.contains(index) else {
                verdict.add("\(cover.rowsName), row \(record.number): #\(index) did not come along")
                continue
            }
            if let hash = record["hash"], hash != places[Int(index - first)].hash.hex {
                verdict.add(
                    "\(cover.rowsName), row \(record.number): its hash is not that of #\(index)")
            }
        }
    }
}
