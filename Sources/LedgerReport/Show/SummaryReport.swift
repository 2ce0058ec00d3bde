import LedgerCore

/// What a ledger holds, in all: `ledger info`.
public enum SummaryReport {
    public static let definition = RecordDefinition<LedgerSummary>(
        version: 1,
        columns: [
            Column("log", .string, isRequired: true) { .string($0.log) },
            Column("entries", .integer, isRequired: true) { .integer($0.head.entryCount) },
            Column("head", .hash, "the hash of the last entry") {
                $0.head.entryCount > 0 ? .string($0.head.hash.hex) : nil
            },
            Column("streams", .integer, isRequired: true) { .integer($0.streamCount) },
            Column("first_recorded", .time) { $0.firstRecorded.map { .string($0.utc) } },
            Column("last_recorded", .time) { $0.lastRecorded.map { .string($0.utc) } },
            Column("bytes", .integer, "on disk, all included", isRequired: true) {
                .integer($0.byteCount)
            },
            Column("bytes_per_entry", .integer) { bytesPerEntry($0).map(JSON.integer) },
            Column("attachments", .integer, isRequired: true) { .integer($0.attachmentCount) },
            Column("attachment_bytes", .integer, isRequired: true) {
                .integer($0.attachmentByteCount)
            },
        ])

    private typealias Column = RecordColumn<LedgerSummary>

    public static func writeJSON(_ summary: LedgerSummary, to output: BufferedOutput) throws {
        try output.append { buffer in
            definition.appendJSON(of: summary, to: &buffer)
            buffer.append(UInt8(ascii: "\n"))
        }
        try output.flush()
    }

    public static func writeText(
        _ summary: LedgerSummary, _ appearance: Appearance, to output: BufferedOutput
    ) throws {
        var list = FieldList()
        list.add("log", summary.log)
        list.add("entries", String(summary.head.entryCount))
        if summary.head.entryCount > 0 {
            list.add("head", "#\(summary.head.index) \(summary.head.hash.hex)")
        }
        list.add("streams", String(summary.streamCount))
        if let first = summary.firstRecorded, let last = summary.lastRecorded {
            let local = appearance.local
            list.add(
                "recorded",
                "\(local.text(of: first, to: .seconds)) to \(local.text(of: last, to: .seconds))")
        }
        let each = bytesPerEntry(summary).map { ", \($0) bytes per entry" } ?? ""
        list.add("on disk", Words.size(bytes: summary.byteCount) + each)
        let size = Words.size(bytes: summary.attachmentByteCount)
        let hasNone = summary.attachmentCount == 0
        list.add("attachments", hasNone ? "none" : "\(summary.attachmentCount), \(size)")
        try list.write(to: output, appearance)
        try output.flush()
    }

    /// All included, attachments too.
    private static func bytesPerEntry(_ summary: LedgerSummary) -> Int64? {
        let count = summary.head.entryCount
        return count > 0 ? summary.byteCount / count : nil
    }
}
