import LedgerCore
import LedgerCrypto
import LedgerReport
import LedgerStore

// Export.swift
//
// A folder with
//
//    REPORT.csv|json|ndjson   the rows
//    schema.json              what they look like (JSON Schema)
//    definition.yaml          how they were chosen
//    leaves.ndjson            with entries: the leaf of every entry from the first to the head
//    entries.ndjson           and the body and disclosures of those that rows are made from:
//                             {"body":"…","disclosures":["…"],"index":12}, as they are stored; of
//                             an archived one {"archived_by":99,…} without a body
//    cover.html               the cover sheet to read and print
//    cover.json               the same (Cover.swift), with the digests of all the others
//
// It is an entry itself: an event of type `export` with the digest of cover.json, recorded before
// the folder appears. Rows alone, on standard output, are recorded with their own digest.

/// Hands out a report.
public struct Export: Sendable {
    public let request: ReportRequest
    public let format: RecordFormat
    /// Whom the ledger authenticated.
    public let principal: Principal
    public var hasEntries = false
    public var isRecorded = true
    /// Rows to draw, for a folder.
    public var sample: SamplePlan?

    public init(
        _ request: ReportRequest, as format: RecordFormat, by principal: Principal
    ) {
        self.request = request
        self.format = format
        self.principal = principal
    }

    public typealias Recording = (Event) async throws(LedgerError) -> Receipt?

    /// Makes the folder.
    ///
    /// - Parameter record: records the event that it is handed, or nothing.
    public func write(
        _ view: LocalView, to folder: String, progress: (Int) -> Void = { _ in },
        record: Recording
    ) async throws(LedgerError) -> (cover: Cover, receipt: Receipt?) {
        let draft = try DraftFolder(at: folder)
        do throws(LedgerError) {
            let (cover, digest) = try await fill(draft, view, progress)
            let receipt = try await record(try event(cover.rowCount, digest, at: cover.made))
            try draft.publish()
            return (cover, receipt)
        } catch {
            draft.discard()
            throw error
        }
    }

    /// Writes the rows alone.
    public func write(
        _ view: LocalView, to output: BufferedOutput, record: Recording
    ) async throws(LedgerError) -> (rowCount: Int, receipt: Receipt?) {
        let hasher = SHA256()
        hasher.start()
        let hashed = BufferedOutput { bytes in
            bytes.withUnsafeBytes { hasher.update($0) }
            try output.append { $0 += bytes }
        }
        var rowCount = 0
        do {
            _ = try writeRows(view, to: hashed) { _ in rowCount += 1 }
            try output.flush()
        } catch {
            throw LedgerError(wrapping: error)
        }
        let receipt = try await record(try event(rowCount, hasher.finish(), at: view.now))
        return (rowCount, receipt)
    }

    /// - Returns: how many rows the definition's filters left out.
    private func writeRows(
        _ view: LocalView, to output: BufferedOutput, _ told: (ReportRow) -> Void
    ) throws -> Int {
        var writer = RecordWriter(format, of: request.definition.records, to: output)
        let leftOut = try ReportReader(view: view, request: request).forEach { row in
            told(row)
            try writer.write(row)
        }
        try writer.finish()
        return leftOut
    }

    private func fill(
        _ draft: DraftFolder, _ view: LocalView, _ progress: (Int) -> Void
    ) async throws(LedgerError) -> (Cover, Digest) {
        let definition = request.definition
        let held = try view.reader.heldEntries()
        var cover = Cover(
            definition, log: view.reader.log, head: try view.head(), made: view.now, by: principal,
            program: Program.name, query: request.query, filter: request.query.parameters,
            format: format)
        cover.leafCount = held.leafCount
        cover.bodyCount = held.bodyCount
        cover.isRecorded = isRecorded
        cover.silent = try SilentTargets.read(view, request)
        cover.reconciled = try reconciled(view)
        var indexes: Set<Int64> = []
        let rows = try draft.write(cover.rowsName) { output in
            cover.leftOutCount = try writeRows(view, to: output) { row in
                cover.add(row)
                if hasEntries { indexes.formUnion(row.entries) }
                if cover.rowCount & 0x3FF == 0 { progress(cover.rowCount) }
            }
        }
        cover.finish()
        cover.files = [
            rows,
            try draft.write(
                "schema.json", CanonicalJSON.bytes(definition.schema) + [0x0A]),
            try draft.write("definition.yaml", Array(request.written.text.utf8)),
        ]
        if hasEntries { cover.files += try ExportedEntries.write(indexes, of: view, to: draft) }
        if let sample {
            cover.sample = sample
            let drawn = try Sample(
                sample, of: draft.place(of: rows.name), format, population: rows.digest,
                definition)
            cover.files += try await drawn.write(view, definition, to: draft)
        }
        let page = CoverPage.html(cover)
        cover.files.append(try draft.write("cover.html", Array(page.utf8)))
        let written = try draft.write("cover.json", cover.bytes)
        return (cover, written.digest)
    }

    /// The last of each target and table.
    private func reconciled(_ view: LocalView) throws(LedgerError) -> [Cover.Reconciled] {
        var last: [Cover.Reconciled] = []
        try view.reader.forEachFact([.snapshot], of: request.query.services, asOf: .now) { row in
            guard let one = Cover.Reconciled(row), request.query.names(one.target) else { return }
            last.removeAll { $0.target == one.target && $0.table.hasSameBytes(as: one.table) }
            last.append(one)
        }
        return last.sorted { $0.target.isBefore($1.target) }
    }

    private func event(
        _ rowCount: Int, _ digest: Digest, at time: Timestamp
    ) throws(LedgerError) -> Event {
        var object = JSONObject()
        object.set("export", at: "type")
        object.set(time.utc, at: "time")
        object.set(request.definition.name, at: "export", "report")
        object.set("sha256:" + digest.hex, at: "export", "digest")
        object.set(.integer(Int64(rowCount)), at: "export", "rows")
        if let sample {
            object.set(.integer(Int64(sample.size)), at: "export", "sample", "size")
            object.set(sample.seed, at: "export", "sample", "seed")
            object.set(sample.stratify, at: "export", "sample", "stratify")
        }
        return try EventReader.event(from: object, mayBeOwn: true)
    }
}

/// The entries that come along with an export, for who has no ledger at hand.
enum ExportedEntries {
    static let leavesName = "leaves.ndjson"
    static let entriesName = "entries.ndjson"

    static func write(
        _ indexes: Set<Int64>, of view: LocalView, to draft: DraftFolder
    ) throws(LedgerError) -> [Cover.File] {
        let range = (indexes.min() ?? 0)..<(try view.head().entryCount)
        let leaves = try draft.write(leavesName) { output in
            if range.isEmpty { return }
            try view.reader.forEachEntry(in: range, isReversed: false) { entry in
                try output.append { $0 += entry.leaf + [0x0A] }
                return true
            }
        }
        let entries = try draft.write(entriesName) { output in
            for index in indexes.sorted() {
                guard let entry = try view.reader.entry(at: index) else { continue }
                func text(_ bytes: [UInt8]) -> JSON {
                    .string(String(decoding: bytes, as: UTF8.self))
                }
                let line = JSONObject([
                    "archived_by": entry.archivedBy.map(JSON.integer),
                    "body": entry.body.map(text),
                    "disclosures": .array(
                        entry.body == nil ? [] : entry.disclosures.map { text($0.bytes) }),
                    "index": .integer(index),
                ])
                try output.append { $0 += CanonicalJSON.bytes(.object(line)) + [0x0A] }
            }
        }
        return [leaves, entries]
    }
}

/// Targets from which nothing was heard in the period of a report.
enum SilentTargets {
    static func read(
        _ view: LocalView, _ request: ReportRequest
    ) throws(LedgerError) -> [Target] {
        let query = request.query
        if request.definition.rows.filters.isDisjoint(with: ["env"]) { return [] }
        let seen = try view.reader.targets(matching: query).map(\.target)
        var known = Set(seen)
        try view.reader.forEachTargetDeclaration(of: query.services, asOf: .now) { declaration in
            guard query.names(declaration.target) else { return }
            if declaration.isAdded {
                known.insert(declaration.target)
            } else {
                known.remove(declaration.target)
            }
        }
        var heard: Set<Target> = []
        if query.since == nil, query.until == nil {
            heard.formUnion(seen)
        } else {
            var period = EntryQuery()
            period.services = query.services
            period.environments = query.environments
            period.types = EventType.allCases.filter { $0 != .target }
            period.since = query.since
            period.until = query.until
            period.timeBasis = query.timeBasis
            try view.reader.forEachOutline(matching: period) {
                heard.insert($0.target)
                return true
            }
        }
        return known.subtracting(heard).sorted { $0.isBefore($1) }
    }
}
