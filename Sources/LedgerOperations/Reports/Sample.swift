import LedgerCore
import LedgerCrypto
import LedgerReport
import LedgerStore

// Sample.swift
//
// With a sample an export has too:
//
//    sample.csv              the rows that were drawn (SamplePlan.swift), in the order in which they
//                            were: rank, key, row, stratum, and then the report's columns
//    sample-01/story.html    for the first of them: what happened, on one page
//    sample-01/entries.ndjson    its entries: {"body":…,"disclosures":[…],"index":…,"leaf":…}, as
//                            they are stored
//    sample-01/…             and what is attached to them: scripts, outputs

/// Draws rows of an export's file and collects the evidence for each.
struct Sample {
    private let plan: SamplePlan
    private let drawn: [Sampling.Drawn]
    private let records: [Int: FileRecord]

    /// - Throws: `usage` if the rows have no such column to stratify by.
    init(
        _ plan: SamplePlan, of path: String, _ format: RecordFormat, population: Digest,
        _ definition: ReportDefinition
    ) throws(LedgerError) {
        self.plan = plan
        let columns = definition.columns.map(\.name)
        if let column = plan.stratify, !columns.contains(column) {
            throw LedgerError(
                .usage, "\(definition.name) has no column \(VisibleName.of(column))",
                advice: Suggestion.advice(for: column, among: columns))
        }
        var sampling = Sampling(plan, population: population)
        var file = try RecordFile(path, format)
        while let record = try file.next() {
            sampling.add(stratum: plan.stratify.flatMap { record[$0] } ?? "")
        }
        drawn = sampling.drawn()
        let wanted = Set(drawn.map(\.row))
        var records: [Int: FileRecord] = [:]
        file = try RecordFile(path, format)
        while let record = try file.next() {
            if wanted.contains(record.number) { records[record.number] = record }
        }
        self.records = records
    }

    var count: Int { drawn.count }

    /// `sample.csv`.
    func bytes(_ definition: ReportDefinition) -> [UInt8] {
        let columns = definition.columns.map(\.name)
        var bytes: [UInt8] = []
        CSVRecord.append(["rank", "key", "row", "stratum"] + columns, to: &bytes)
        for (place, drawn) in drawn.enumerated() {
            let record = records[drawn.row]
            let cells = columns.map { record?[$0] ?? "" }
            CSVRecord.append(
                ["\(place + 1)", drawn.key.hex, "\(drawn.row)", drawn.stratum ?? ""] + cells,
                to: &bytes, isExact: record?.isFromCSV ?? false)
        }
        return bytes
    }

    func write(
        _ view: LocalView, _ definition: ReportDefinition, to draft: DraftFolder
    ) async throws(LedgerError) -> [Cover.File] {
        var files = [try draft.write("sample.csv", bytes(definition))]
        let width = max(2, String(drawn.count).count)
        for (place, drawn) in drawn.enumerated() {
            guard let record = records[drawn.row] else { continue }
            let number = String(place + 1)
            let folder =
                "sample-" + String(repeating: "0", count: width - number.count) + number
            files += try await evidence(record, view, definition, folder, draft)
        }
        return files
    }

    private func evidence(
        _ record: FileRecord, _ view: LocalView, _ definition: ReportDefinition, _ folder: String,
        _ draft: DraftFolder
    ) async throws(LedgerError) -> [Cover.File] {
        var entries: [StoredEntry] = []
        for index in Self.indexes(record).sorted() {
            if let entry = try view.reader.entry(at: index) { entries.append(entry) }
        }
        var lines: [UInt8] = []
        for entry in entries {
            func text(_ bytes: [UInt8]) -> JSON { .string(String(decoding: bytes, as: UTF8.self)) }
            let line = JSONObject([
                "body": entry.body.map(text),
                "disclosures": .array(entry.disclosures.map { text($0.bytes) }),
                "index": .integer(entry.index), "leaf": text(entry.leaf),
            ])
            lines += CanonicalJSON.bytes(.object(line)) + [0x0A]
        }
        var files = [try draft.write("\(folder)/entries.ndjson", lines)]
        var scripts: [(name: String, text: String)] = []
        for (name, digest) in Self.attachments(of: entries) {
            guard let bytes = try view.reader.attachment(digest) else { continue }
            let file = try draft.write("\(folder)/\(name)", bytes)
            files.append(file)
            if let text = String(validating: bytes, as: UTF8.self), bytes.count <= 65_536 {
                scripts.append((name, text))
            }
        }
        let page = StoryPage.html(
            title: Self.title(record, definition), fields: Self.fields(record, definition),
            story: try await story(record, entries, view), scripts: scripts)
        return files + [try draft.write("\(folder)/story.html", Array(page.utf8))]
    }

    /// Of a change all that is told of it, else the row's own entries.
    private func story(
        _ record: FileRecord, _ entries: [StoredEntry], _ view: LocalView
    ) async throws(LedgerError) -> [HistoryRow] {
        if let service = record["service"], let change = record["change"] {
            let known = KnownChange(service: service, id: change, name: nil, strategy: nil)
            let story = try view.story(of: known)
            if !story.isEmpty { return story }
        }
        var rows: [HistoryRow] = []
        for entry in entries {
            if let row = try view.reader.row(at: entry.index) { rows.append(row) }
        }
        return rows
    }

    private static func indexes(_ record: FileRecord) -> Set<Int64> {
        let list = record["entries"].flatMap { try? JSONReader.read(Array($0.utf8)) }?.array ?? []
        let named = [record["index"], record["first_index"]].compactMap { $0.flatMap { Int64($0) } }
        return Set(list.compactMap(\.integer) + named)
    }

    /// By the name of a file: `script-9f2c….sql`.
    private static func attachments(of entries: [StoredEntry]) -> [(String, Digest)] {
        var found: [String: Digest] = [:]
        func add(_ name: String, _ text: String?, _ ending: String) {
            guard let text, let digest = Digest(hex: text.utf8.dropFirst("sha256:".utf8.count))
            else { return }
            found["\(name)-\(digest.hex.prefix(12))\(ending)"] = digest
        }
        for entry in entries {
            let event = entry.body.flatMap { StoredBody($0) }?.event ?? JSONObject()
            add("script", event[["change", "digest"]]?.string, ".sql")
            add("rollback-script", event[["rollback", "script_digest"]]?.string, ".sql")
            for disclosure in entry.disclosures
            where disclosure.name.hasPrefix(EventSchema.attachmentPrefix) {
                let name = disclosure.name.dropFirst(EventSchema.attachmentPrefix.count)
                add(String(name), disclosure.value?.object?["digest"]?.string, "")
            }
        }
        return found.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private static func title(_ record: FileRecord, _ definition: ReportDefinition) -> String {
        let known = [
            record["service"], record["name"] ?? record["change"], record["environment"],
            record["tenant"],
        ].compactMap(\.self)
        return known.isEmpty
            ? "\(definition.title), row \(record.number)" : known.joined(separator: " · ")
    }

    private static func fields(
        _ record: FileRecord, _ definition: ReportDefinition
    ) -> [StoryPage.Field] {
        definition.columns.compactMap { column in
            record[column.name].map {
                StoryPage.Field(name: column.name, meaning: column.meaning, text: $0)
            }
        }
    }
}

/// Draws the rows of an export again.
struct SampleCheck {
    private let folder: String
    private let cover: Cover
    private let plan: SamplePlan

    init(_ folder: String, _ cover: Cover, _ plan: SamplePlan) {
        self.folder = folder
        self.cover = cover
        self.plan = plan
    }

    func check(_ verdict: inout ExportCheck.Verdict) throws(LedgerError) {
        guard let population = cover.files.first(where: { $0.name == cover.rowsName })?.digest,
            let written = try? WrittenDefinition(path: "\(folder)/definition.yaml")
        else {
            verdict.add("sample.csv can't be drawn again without the rows and their definition")
            return
        }
        let sample = try Sample(
            plan, of: "\(folder)/\(cover.rowsName)", cover.format, population: population,
            written.definition)
        let bytes = try TextFile.bytes("\(folder)/sample.csv", limit: 1 << 30)
        if bytes == sample.bytes(written.definition) {
            verdict.passed.append("sample: \(sample.count) rows are those that the seed draws")
        } else {
            verdict.add("sample.csv: these are not the rows that the seed draws")
        }
    }
}
