import LedgerCore
import LedgerCrypto

/// What `ledger archive list` prints, and what an answer says that reaches into archived time.
public enum ArchiveReport {
    public static func writeTable(
        _ parts: [ArchivedPart], _ appearance: Appearance, to output: BufferedOutput
    ) throws {
        var table = TextTable(
            [
                .init(header: "INDEX", isRightAligned: true, importance: 9),
                .init(header: "ARCHIVED", importance: 6),
                .init(header: "ENTRIES", isRightAligned: true, importance: 8),
                .init(header: "FROM", isRightAligned: true, importance: 5),
                .init(header: "TO", isRightAligned: true, importance: 5),
                .init(header: "UP TO", importance: 7),
                .init(header: "STATE", importance: 4),
                .init(header: "DIGEST", minimumWidth: 8, importance: 3, isOptional: true),
            ], appearance: appearance, output: output)
        for part in parts {
            try table.add([
                .init("#\(part.index)"), .init(appearance.local.compactText(of: part.archived)),
                .init("\(part.entryCount)"), .init("#\(part.first)"), .init("#\(part.last)"),
                .init(appearance.local.compactText(of: part.lastRecorded)),
                part.isRestored ? .init("restored", .good) : .init("archived", .doubtful),
                .init(String(part.digest.hex.prefix(12))),
            ])
        }
        try table.finish()
    }

    /// Nil if an answer since this moment, or about all time, has nothing to do with archives.
    public static func note(
        _ parts: [ArchivedPart], since: Timestamp?, local: LocalTime
    ) -> String? {
        let reached = parts.filter { part in
            !part.isRestored && since.map { $0 <= part.lastRecorded } ?? true
        }
        guard let last = reached.max(by: { $0.lastRecorded < $1.lastRecorded }) else { return nil }
        let count = reached.reduce(0) { $0 + $1.entryCount }
        let archives = Words.list(reached.map { "#\($0.index)" })
        return "\(count == 1 ? "1 entry" : "\(count) entries") recorded up to "
            + "\(local.compactText(of: last.lastRecorded)) \(count == 1 ? "is" : "are") archived "
            + "(\(archives)): who, texts and outputs are in the archive; --archive FOLDER shows "
            + "them"
    }
}

extension ArchivedPart: Record {
    public static let definition = RecordDefinition<ArchivedPart>(
        version: 1,
        columns: [
            .init("index", .integer, "the entry that says so", isRequired: true) {
                .integer($0.index)
            },
            .init("archived", .time, "when", isRequired: true) { .string($0.archived.utc) },
            .init("first", .integer, "the first entry in it", isRequired: true) {
                .integer($0.first)
            },
            .init("last", .integer, isRequired: true) { .integer($0.last) },
            .init("last_recorded", .time, "when that was recorded", isRequired: true) {
                .string($0.lastRecorded.utc)
            },
            .init("entries", .integer, "how many are in it", isRequired: true) {
                .integer($0.entryCount)
            },
            .init("digest", .hash, "of the archive's archive.json", isRequired: true) {
                .string($0.digest.hex)
            },
            .init("restored", .boolean, "they are in the ledger again", isRequired: true) {
                .bool($0.isRestored)
            },
        ])

    public init?(json: JSONObject) {
        guard let index = json["index"]?.integer, let archived = json.time("archived"),
            let first = json["first"]?.integer, let last = json["last"]?.integer,
            let lastRecorded = json.time("last_recorded"), let count = json["entries"]?.integer,
            let digest = (json["digest"]?.string).flatMap({ Digest(hex: $0.utf8) }),
            let isRestored = json["restored"]?.bool
        else { return nil }
        self.init(
            index: index, archived: archived, first: first, last: last,
            lastRecorded: lastRecorded, entryCount: count, digest: digest, isRestored: isRestored)
    }
}
