import LedgerCore
import LedgerReport

/// Makes the rows of an export again and compares: none may be missing, added or altered.
struct RowComparison {
    let folder: String
    let cover: Cover
    /// The ledger as it is now.
    let ledger: String
    /// Everything that was looked at before is as it was recorded.
    let isAsRecorded: Bool

    /// A row as the ledger gives it.
    private struct Made {
        let record: FileRecord
        let entries: [Int64]
    }

    /// Rows are compared in step. Where they differ, both sides are held until they meet again.
    private struct Differences {
        var made: [Made] = []
        var read: [FileRecord] = []
    }

    // So many rows are held at most.
    private static let window = 2000

    /// - Parameter snapshot: the ledger at the cover's head.
    func check(
        _ snapshot: String, _ verdict: inout ExportCheck.Verdict
    ) throws(LedgerError) {
        let clock = Clock { [made = cover.made] in made.milliseconds }
        let view = try LocalView(path: snapshot, clock: clock)
        let request = try request(view)
        let erased = try erasedEntries()
        var file = try RecordFile("\(folder)/\(cover.rowsName)", cover.format)
        var report = verdict
        var open = Differences()
        var count = 0
        var erasedCount = 0
        func settle() { settleAll(&open, erased, &erasedCount, &report) }
        let records = RecordBytes(request.definition, cover.format)
        if let header = file.csvHeader, header != records.csvHeader {
            report.add("\(cover.rowsName): its header is not that of the definition")
        }
        let leftOut = try ReportReader(view: view, request: request).forEach { row in
            count += 1
            let bytes = try records.bytes(of: row)
            let read = try open.read.isEmpty || open.made.isEmpty ? file.next() : nil
            if open.made.isEmpty, open.read.isEmpty, read?.bytes == bytes { return }
            let record = FileRecord(bytes, count, csvHeader: file.csvHeader)
            open.made.append(Made(record: record, entries: row.entries))
            if let read {
                open.read.append(read)
            } else if let next = try file.next() {
                open.read.append(next)
            }
            meet(&open, erased, &erasedCount, &report)
            if open.made.count > Self.window || open.read.count > Self.window { settle() }
        }
        while let rest = try file.next() {
            open.read.append(rest)
            if open.read.count > Self.window { settle() }
        }
        settle()
        if count != cover.rowCount {
            report.add("the cover says \(cover.rowCount) rows, and the ledger gives \(count)")
        }
        if leftOut != cover.leftOutCount {
            report.add(
                "the cover says that \(cover.leftOutCount) rows were left out, and the ledger "
                    + "leaves out \(leftOut)")
        }
        if erasedCount > 0 {
            report.notes.append(
                "\(erasedCount) rows have values that were erased or archived since, and can't be "
                    + "compared")
        }
        if report.problemCount == verdict.problemCount {
            report.passed.append(
                "population: \(count) rows, each as the ledger gives it at #\(cover.head.index), "
                    + "and no others")
        }
        verdict = report
    }

    private func request(_ view: LocalView) throws(LedgerError) -> ReportRequest {
        let written = try WrittenDefinition(path: "\(folder)/definition.yaml")
        return try ReportRequest(written, EntryQuery(exactly: cover.filter))
    }

    /// Entries of which something was erased, or that were archived, or restored.
    private func erasedEntries() throws(LedgerError) -> Set<Int64> {
        var erased: Set<Int64> = []
        let reader = try LocalView(path: ledger).reader
        for part in try reader.archives() { erased.formUnion(part.first...part.last) }
        try reader.forEachFact([.redaction], of: [], asOf: .now) { row in
            for item in row.members["about"]?.array ?? [] {
                if let index = item.object?["entry"]?.integer { erased.insert(index) }
            }
        }
        return erased
    }

    /// Looks whether the last row of one side is among those of the other: what stands before both
    /// differs, and what follows goes on in step.
    private func meet(
        _ open: inout Differences, _ erased: Set<Int64>, _ erasedCount: inout Int,
        _ report: inout ExportCheck.Verdict
    ) {
        if let last = open.made.last,
            let place = open.read.lastIndex(where: { $0.bytes == last.record.bytes })
        {
            var before = Differences(
                made: Array(open.made.dropLast()), read: Array(open.read[..<place]))
            settleAll(&before, erased, &erasedCount, &report)
            open = Differences(made: [], read: Array(open.read[(place + 1)...]))
        } else if let last = open.read.last,
            let place = open.made.lastIndex(where: { $0.record.bytes == last.bytes })
        {
            var before = Differences(
                made: Array(open.made[..<place]), read: Array(open.read.dropLast()))
            settleAll(&before, erased, &erasedCount, &report)
            open = Differences(made: Array(open.made[(place + 1)...]), read: [])
        }
    }

    /// Says what differs, and lets go of it.
    private func settleAll(
        _ open: inout Differences, _ erased: Set<Int64>, _ erasedCount: inout Int,
        _ report: inout ExportCheck.Verdict
    ) {
        var read = open.read
        for made in open.made {
            guard let place = read.firstIndex(where: { isAlike($0, made.record) }) else {
                report.add(
                    "\(cover.rowsName): a row is missing: \(name(of: made.record.cells))")
                continue
            }
            let other = read.remove(at: place)
            if other.bytes == made.record.bytes { continue }
            let cells = differences(other, made.record)
            // Then its cells can't be made again. If the files are those of the cover, and this is
            // the one that was recorded, nobody has altered them.
            if isAsRecorded, made.entries.contains(where: erased.contains) {
                erasedCount += 1
                continue
            }
            report.add(
                "\(cover.rowsName), row \(other.number) (\(name(of: other.cells))): "
                    + cells.map { cell in
                        "\(cell) is \(quoted(other[cell])), and by the ledger "
                            + quoted(made.record[cell])
                    }.joined(separator: "; "))
        }
        for other in read {
            report.add(
                "\(cover.rowsName), row \(other.number): the ledger gives no such row: "
                    + name(of: other.cells))
        }
        open = Differences()
    }

    /// Whether two records are of the same row: more than half of their cells are equal.
    private func isAlike(_ left: FileRecord, _ right: FileRecord) -> Bool {
        let differing = differences(left, right).count
        return differing * 2 < max(left.cells.count, right.cells.count)
    }

    private func differences(_ left: FileRecord, _ right: FileRecord) -> [String] {
        var names = left.cells.map(\.name)
        names += right.cells.map(\.name).filter { !names.contains($0) }
        return names.filter { !left[$0].hasSameBytes(as: right[$0]) }
    }

    private func name(of cells: [(name: String, text: String)]) -> String {
        let known = ["index", "service", "environment", "change", "id"]
        let named = cells.filter { known.contains($0.name) }
        return (named.isEmpty ? cells : named).prefix(4)
            .map { "\($0.name) \(VisibleText.line(String($0.text.prefix(80))))" }
            .joined(separator: ", ")
    }

    private func quoted(_ text: String?) -> String {
        text.map { "\"\(VisibleText.line(String($0.prefix(80))))\"" } ?? "empty"
    }
}

/// Writes single rows, as they stand in an export's file.
private struct RecordBytes {
    private let definition: RecordDefinition<ReportRow>
    private let format: RecordFormat
    let csvHeader: [String]

    init(_ definition: ReportDefinition, _ format: RecordFormat) {
        self.definition = definition.records
        self.format = format
        csvHeader =
            RecordWriter(format, of: definition.records, to: BufferedOutput { _ in }).csvHeader
    }

    func bytes(of row: ReportRow) throws -> [UInt8] {
        var bytes: [UInt8] = []
        if format != .csv {
            definition.appendJSON(of: row, to: &bytes)
            return bytes
        }
        definition.appendCSV(of: row, to: &bytes)
        return bytes
    }
}
