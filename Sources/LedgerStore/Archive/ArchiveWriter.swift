import GRDB
import Glibc
import LedgerCore
import LedgerCrypto

/// An archive that is written and was read back, and is not recorded yet.
public struct WrittenArchive: Sendable {
    public let folder: String
    public let manifest: ArchiveManifest
    /// Attachments that nothing else names.
    let unneeded: [Digest]
}

/// Writes old entries to a folder.
///
/// What is asked about now stays: everything but deployments, notes and incidents, and deployments
/// that have not ended. Of the rest a remainder stays, with two private values: who ran what stands
/// now, and through which host it is known that a database was reached. Scripts stay too, since they
/// tell how the present came about and how to get back; the archive has them besides.
struct ArchiveWriter {
    private static let types = ["deployment", "note", "incident"]

    private let db: Database
    private let log: String
    private let head: Head
    private let before: Timestamp
    // Entries of which this private value stays.
    private let keptActors: Set<Int64>
    private let keptHosts: Set<Int64>

    init(_ db: Database, log: String, head: Head, before: Timestamp) throws {
        self.db = db
        self.log = log
        self.head = head
        self.before = before
        keptActors = try Int64.fetchSet(
            db,
            sql: """
                SELECT last FROM progress WHERE last IS NOT NULL
                UNION
                SELECT event.first FROM progress JOIN event ON event.idx = progress.last
                WHERE event.first IS NOT NULL
                """)
        keptHosts = try Int64.fetchSet(db, sql: "SELECT idx FROM connection")
    }

    /// The entries that may go, by index.
    private func entries() throws -> RawStatement {
        let end =
            try Int64.fetchOne(
                db, sql: "SELECT idx FROM event WHERE recorded >= ? ORDER BY idx LIMIT 1",
                arguments: [before.milliseconds]) ?? head.index + 1
        let types = Self.types.map { "'\($0)'" }.joined(separator: ", ")
        return try RawStatement(
            db,
            """
            SELECT \(EntryRow.columns) FROM event
            JOIN entry ON entry.idx = event.idx JOIN body ON body.idx = event.idx
            LEFT JOIN carried ON carried.idx = event.idx
            LEFT JOIN private ON private.idx = event.idx
            WHERE event.idx < \(end) AND event.type IN (\(types))
                AND NOT (event.latest AND event.type = 'deployment'
                    AND event.status IS 'started')
            ORDER BY event.idx
            """)
    }

    /// - Returns: nil, and nothing is written, if there is nothing to archive.
    func write(
        to draft: DraftFolder, progress: (Int64) -> Void
    ) throws -> (manifest: ArchiveManifest, unneeded: [Digest])? {
        let rows = try entries()
        defer { rows.reset() }
        guard try rows.step() else { return nil }
        var entries = LineWriter(try draft.open(ArchiveManifest.entriesName))
        var carried = LineWriter(try draft.open(ArchiveManifest.carriedName))
        let first = rows.integer(0)
        var last = first
        var count: Int64 = 0
        var named: Set<Digest> = []
        var others: Set<Digest> = []
        var withOthers: Set<Int64> = []
        repeat {
            let stored = try EntryRow.entry(in: rows)
            guard let body = stored.body else { continue }
            last = stored.index
            let entry = ArchivedEntry(
                index: stored.index, body: body, disclosures: stored.disclosures)
            try entries.write(entry.line)
            guard let remainder = Remainder.bytes(ofBody: body, keeping: { keeps($0, last) })
            else { throw Self.unreadable(last) }
            try carried.write(remainder.withUnsafeBytes { Remainder.line($0, index: last) })
            let attachments = entry.attachments
            named.formUnion(attachments.scripts.map(\.digest))
            if !attachments.others.isEmpty {
                others.formUnion(attachments.others.map(\.digest))
                withOthers.insert(last)
            }
            count += 1
            if count & 0xFFF == 0 { progress(count) }
        } while try rows.step()
        let (entryCount, carriedCount) = (try entries.finish(), try carried.finish())
        let manifest = ArchiveManifest(
            log: log, head: head, before: before, first: first, last: last, entries: entryCount,
            carried: carriedCount,
            attachments: try writeAttachments(named.union(others), to: draft))
        let file = try draft.open(ArchiveManifest.name)
        try file.write(manifest.bytes)
        _ = try file.finish()
        let needed = try NeededAttachments.all(db, among: others) { !withOthers.contains($0) }
        return (manifest, others.subtracting(needed).sorted())
    }

    private func keeps(_ name: String, _ index: Int64) -> Bool {
        switch name {
        case "actor": keptActors.contains(index)
        case "host": keptHosts.contains(index)
        default: false
        }
    }

    private func writeAttachments(
        _ digests: Set<Digest>, to draft: DraftFolder
    ) throws -> LineCount {
        var file = LineWriter(try draft.open(ArchiveManifest.attachmentsName))
        let statement = try RawStatement(db, "SELECT bytes FROM attachment WHERE digest = ?")
        for digest in digests.sorted() {
            statement.bind(digest, at: 1)
            defer { statement.reset() }
            // One that was erased is not there.
            guard try statement.step(), let bytes = statement.bytes(0) else { continue }
            let line = CanonicalJSON.bytes([
                "bytes": .string(Base64.encode(Array(bytes))),
                "digest": .string("sha256:" + digest.hex),
            ])
            try file.write(line + [0x0A])
        }
        return try file.finish()
    }

    private static func unreadable(_ index: Int64) -> LedgerError {
        LedgerError(.damaged, "entry #\(index) can't be read", advice: "ledger verify")
    }
}
