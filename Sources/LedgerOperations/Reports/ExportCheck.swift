import Glibc
import LedgerCore
import LedgerCrypto
import LedgerReport
import LedgerStore

// ExportCheck.swift
//
// An export is as it was made if
//
//    (1) its files are those of the cover, byte for byte, and no others,
//    (2) with leaves.ndjson and entries.ndjson: the leaves follow each other up to the head of the
//        cover, within each stream too, and bodies and disclosures are those of their leaves,
//    (3) with the ledger: its entry at the cover's head has that hash; an entry after it says that
//        this cover was handed out, unless the cover says that nobody recorded it; and with the
//        ledger taken back to that head, the report has the same rows.
//
// What was erased since then can't be compared, and is told.

/// Checks an export.
public enum ExportCheck {
    public struct Verdict: Sendable {
        /// What was found right, in sentences.
        public internal(set) var passed: [String] = []
        /// What can't be told.
        public internal(set) var notes: [String] = []
        /// The first ones.
        public internal(set) var problems: [String] = []
        public internal(set) var problemCount = 0

        mutating func add(_ problem: String) {
            problemCount += 1
            if problems.count < 20 { problems.append(problem) }
        }
    }

    /// - Throws: `notFound` or `io` if the folder or the ledger can't be read, `usage` if it is no
    ///   export.
    public static func check(
        _ folder: String, ledger: String?, progress: @escaping (Int64) -> Void = { _ in }
    ) throws(LedgerError) -> Verdict {
        let bytes = try TextFile.bytes("\(folder)/cover.json", limit: 256 << 20)
        guard let cover = (try? JSONReader.read(bytes))?.object.flatMap(Cover.init(json:)) else {
            throw LedgerError(
                .usage, "\(folder)/cover.json is no cover sheet of an export",
                advice: "name a folder that ledger export made")
        }
        var verdict = Verdict()
        try checkFiles(folder, cover, &verdict)
        if verdict.problemCount == 0 {
            verdict.passed.append(
                "files: \(cover.files.count) are those of the cover, \(cover.rowCount) rows")
        }
        if let plan = cover.sample { try SampleCheck(folder, cover, plan).check(&verdict) }
        if cover.files.contains(where: { $0.name == ExportedEntries.leavesName }) {
            try EntriesCheck(folder: folder, cover: cover).check(&verdict)
        }
        if let ledger {
            try checkLedger(folder, cover, SHA256.hash(bytes), ledger, progress, &verdict)
        }
        return verdict
    }

    private static func checkFiles(
        _ folder: String, _ cover: Cover, _ verdict: inout Verdict
    ) throws(LedgerError) {
        guard let present = DraftFolder.files(in: folder) else {
            throw LedgerError(.io, "\(folder) can't be read")
        }
        let known = Set(cover.files.map(\.name))
        for name in present where name != "cover.json" && !known.contains(name) {
            verdict.add("\(name): the cover knows no such file")
        }
        for file in cover.files {
            // A cover that somebody made must not lead anywhere else.
            if !ExportFileName.isPlain(file.name) {
                verdict.add("the cover names the file \(VisibleName.of(file.name))")
                continue
            }
            guard present.contains(file.name) else {
                verdict.add("\(file.name): it is not there")
                continue
            }
            let digest = try digest(of: "\(folder)/\(file.name)")
            if digest == file.digest { continue }
            let other = cover.files.first { $0.digest == digest }
            verdict.add(
                "\(file.name): "
                    + (other.map { "it is \($0.name) of the cover" }
                        ?? "its bytes are not those of the cover"))
        }
    }

    private static func digest(of path: String) throws(LedgerError) -> Digest {
        let hasher = SHA256()
        hasher.start()
        try FileBlocks.forEach(of: path) { bytes in bytes.withUnsafeBytes { hasher.update($0) } }
        return hasher.finish()
    }

    private static func checkLedger(
        _ folder: String, _ cover: Cover, _ digest: Digest, _ ledger: String,
        _ progress: @escaping (Int64) -> Void, _ verdict: inout Verdict
    ) throws(LedgerError) {
        let view = try LocalView(path: ledger)
        guard view.reader.log.hasSameBytes(as: cover.log) else {
            verdict.add("the export is of \(cover.log), and \(ledger) is \(view.reader.log)")
            return
        }
        let head = cover.head
        let there = try view.reader.entry(at: head.index)?.hash
        guard head.index < 0 || there == head.hash else {
            verdict.add("the ledger has not the entry #\(head.index) of the cover's head")
            return
        }
        try checkRecord(cover, digest, view, &verdict)
        try view.close()
        let definition = cover.files.first { $0.name == "definition.yaml" }?.digest
        let present = try? self.digest(of: "\(folder)/definition.yaml")
        guard let definition, present == definition else {
            verdict.add("the rows can't be compared: definition.yaml is not that of the cover")
            return
        }
        let snapshot = try Snapshot(of: ledger, upTo: head, progress: progress)
        defer { snapshot.remove() }
        try RowComparison(
            folder: folder, cover: cover, ledger: ledger,
            isAsRecorded: cover.isRecorded && verdict.problemCount == 0
        ).check(snapshot.path, &verdict)
    }

    private static func checkRecord(
        _ cover: Cover, _ digest: Digest, _ view: LocalView, _ verdict: inout Verdict
    ) throws(LedgerError) {
        guard cover.isRecorded else {
            verdict.notes.append("nobody recorded this export, as its cover says")
            return
        }
        var entry: Int64?
        try view.reader.forEachFact([.export], of: [], asOf: .now) { row in
            guard row.index > cover.head.index, let said = row.string("export", "digest"),
                said.hasSameBytes(as: "sha256:" + digest.hex)
            else { return }
            entry = row.index
        }
        if let entry {
            verdict.passed.append("record: it is entry #\(entry) of the ledger")
        } else {
            verdict.add("cover.json: the ledger has no entry of an export with such a cover")
        }
    }
}
