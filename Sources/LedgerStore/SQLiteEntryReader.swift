import GRDB
import Glibc
import LedgerCore
import LedgerCrypto
import Synchronization

/// A ledger's file, opened to read, as it stood when it was opened.
public final class SQLiteEntryReader: EntryReader {
    public let path: String
    public let log: String
    private let queue: DatabaseQueue
    // What is read stays the same while the connection is open, and so does its version.
    private let isProjectionChecked = Mutex(false)

    public init(path: String) throws(LedgerError) {
        self.path = path
        let queue = try LedgerFile.openReader(at: path)
        self.queue = queue
        log = try SQLiteFailure.translate(path: path) {
            try queue.inDatabase { db in
                // Stays open until the connection is closed: all answers are of one moment.
                try db.execute(sql: "BEGIN")
                return try LedgerFile.log(db)
            }
        }
    }

    /// Lets go of the file; nothing can be read afterwards. Who holds it open keeps the write-ahead
    /// log from being copied into it.
    public func close() throws(LedgerError) {
        try SQLiteFailure.translate(path: path) { try queue.close() }
    }

    func read<Result>(_ body: (Database) throws -> Result) throws(LedgerError) -> Result {
        try SQLiteFailure.translate(path: path) { try queue.unsafeReentrantRead(body) }
    }

    // Projections of another version are not what this program's SQL expects.
    func readProjections<Result>(
        _ body: (Database) throws -> Result
    ) throws(LedgerError) -> Result {
        try read { db in
            if !isProjectionChecked.withLock({ $0 }) {
                try LedgerFile.checkProjection(db)
                isProjectionChecked.withLock { $0 = true }
            }
            return try body(db)
        }
    }

    public func head() throws(LedgerError) -> Head {
        try read { db in
            let statement = try RawStatement(
                db, "SELECT idx, hash FROM entry ORDER BY idx DESC LIMIT 1")
            defer { statement.reset() }
            guard try statement.step() else { return .empty }
            guard let hash = statement.digest(1) else {
                throw LedgerError(.damaged, "the last entry has no hash", advice: "ledger verify")
            }
            return Head(index: statement.integer(0), hash: hash)
        }
    }

    public func entry(at index: Int64) throws(LedgerError) -> StoredEntry? {
        try read { try EntryRow.fetch($0, index: index) }
    }

    public func entry(withHash hash: Digest) throws(LedgerError) -> StoredEntry? {
        try read { db in
            // No index stands behind this: a hash is asked for seldom, and its own index would
            // cost every entry 40 bytes.
            let statement = try RawStatement(db, "SELECT idx FROM entry WHERE hash = ?")
            statement.bind(hash, at: 1)
            defer { statement.reset() }
            return try statement.step()
                ? try EntryRow.fetch(db, index: statement.integer(0)) : nil
        }
    }

    public func indexes(ofEvent id: String) throws(LedgerError) -> [Int64] {
        try read { db in
            try Int64.fetchAll(
                db,
                sql: """
                    SELECT idx FROM
                        (SELECT idx, bytes FROM body UNION ALL SELECT idx, bytes FROM carried)
                    WHERE json_extract(bytes, '$.event.id') = ? LIMIT 100
                    """,
                arguments: [id])
        }
    }

    public func correction(of index: Int64) throws(LedgerError) -> Int64? {
        try readProjections { db in
            try Int64.fetchOne(
                db, sql: "SELECT corrected_by FROM event WHERE idx = ?", arguments: [index])
        }
    }

    public func forEachEntry(
        in range: Range<Int64>, isReversed: Bool, _ body: (StoredEntry) throws -> Bool
    ) throws(LedgerError) {
        try read { db in
            let statement = try RawStatement(
                db,
                """
                SELECT \(EntryRow.columns) \(EntryRow.source)
                WHERE entry.idx >= ? AND entry.idx < ?
                ORDER BY entry.idx \(isReversed ? "DESC" : "ASC")
                """)
            statement.bind(range.lowerBound, at: 1)
            statement.bind(range.upperBound, at: 2)
            defer { statement.reset() }
            while try statement.step(), try body(try EntryRow.entry(in: statement)) {}
        }
    }

    public func forEachRow(
        matching query: EntryQuery, _ body: (HistoryRow) throws -> Bool
    ) throws(LedgerError) {
        let sql = QuerySQL(query)
        try rows(sql.rows(query), sql.arguments, body)
    }

    public func forEachRecordedRow(
        in range: ClosedRange<Int64>, matching query: EntryQuery,
        _ body: (HistoryRow) throws -> Bool
    ) throws(LedgerError) {
        let sql = QuerySQL(query, in: range)
        try rows(sql.recordedRows(), sql.arguments, body)
    }

    func rows(
        _ sql: String, _ arguments: [DatabaseValue], _ body: (HistoryRow) throws -> Bool
    ) throws(LedgerError) {
        try readProjections { db in
            let reader = HistoryRowReader(db)
            let statement = try RawStatement(db, sql, arguments: arguments)
            defer { statement.reset() }
            while try statement.step(), try body(try reader.row(in: statement)) {}
        }
    }

    public func forEachOutline(
        matching query: EntryQuery, _ body: (RowOutline) throws -> Bool
    ) throws(LedgerError) {
        let sql = QuerySQL(query)
        try readProjections { db in
            let statement = try RawStatement(db, sql.outlines(query), arguments: sql.arguments)
            defer { statement.reset() }
            while try statement.step(), try body(OutlineReader.outline(in: statement)) {}
        }
    }

    public func forEachOutcome(
        matching query: EntryQuery, _ body: (RowOutcome) throws -> Bool
    ) throws(LedgerError) {
        let sql = QuerySQL(query)
        try readProjections { db in
            let statement = try RawStatement(
                db, sql.outcomes(), arguments: sql.arguments, isCached: true)
            defer { statement.reset() }
            while try statement.step(), try body(OutlineReader.outcome(in: statement)) {}
        }
    }

    private static let rowSQL =
        "SELECT \(HistoryRowReader.columns) \(HistoryRowReader.source) WHERE event.idx = ?"

    public func row(at index: Int64) throws(LedgerError) -> HistoryRow? {
        try readProjections { db in
            let statement = try RawStatement(db, Self.rowSQL, isCached: true)
            statement.bind(index, at: 1)
            defer { statement.reset() }
            return try statement.step() ? try HistoryRowReader(db).row(in: statement) : nil
        }
    }

    public func changes(
        named name: String, service: String?, limit: Int
    ) throws(LedgerError) -> [KnownChange] {
        try readProjections { db in
            let exact = try Self.changes(
                db, "(id = :name OR name = :name)", name: name, service: service, limit: limit)
            if !exact.isEmpty { return exact }
            return try Self.changes(
                db,
                "(substr(id, 1, length(:name)) = :name OR substr(name, 1, length(:name)) = :name)",
                name: name, service: service, limit: limit)
        }
    }

    private static func changes(
        _ db: Database, _ condition: String, name: String, service: String?, limit: Int
    ) throws -> [KnownChange] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT service, id, name, strategy FROM change
                WHERE (:service IS NULL OR service = :service) AND \(condition)
                ORDER BY service, id LIMIT :limit
                """,
            arguments: ["name": name, "service": service, "limit": limit]
        ).map { row in
            KnownChange(service: row[0], id: row[1], name: row[2], strategy: row[3])
        }
    }

    public func story(of change: KnownChange) throws(LedgerError) -> [HistoryRow] {
        var story: [HistoryRow] = []
        try rows(
            """
            SELECT \(HistoryRowReader.columns) \(HistoryRowReader.source)
            WHERE event.change = ? AND event.service = ? AND event.latest
            ORDER BY event.at, event.idx
            """, [change.id.databaseValue, change.service.databaseValue]
        ) {
            story.append($0)
            return true
        }
        return story
    }

    public func lastMerges(
        source: String, ref: String
    ) throws(LedgerError) -> [(service: String, commit: String)] {
        try readProjections { db in
            // SQLite takes the bare column from the row that has the maximum.
            try Row.fetchAll(
                db,
                sql: """
                    SELECT event.service, json_extract(body.bytes, '$.event.git.commit'),
                        max(event.idx)
                    FROM event JOIN body ON body.idx = event.idx
                    WHERE event.type = 'merge' AND event.service IS NOT NULL
                        AND json_extract(body.bytes, '$.event.source') = ?
                        AND json_extract(body.bytes, '$.event.git.ref') = ?
                        AND json_extract(body.bytes, '$.event.git.commit') IS NOT NULL
                    GROUP BY event.service ORDER BY 3
                    """, arguments: [source, ref]
            ).map { ($0[0], $0[1]) }
        }
    }

    public func erasures(of index: Int64) throws(LedgerError) -> [ErasedMember] {
        try readProjections { try Erasures.erasures(of: index, $0) }
    }

    public func tokenEntries() throws(LedgerError) -> [StoredEntry] {
        try readProjections { db in
            let statement = try RawStatement(
                db,
                """
                SELECT \(EntryRow.columns) \(EntryRow.source)
                WHERE entry.idx IN
                    (SELECT idx FROM event WHERE type <> 'deployment' AND type = 'token')
                ORDER BY entry.idx
                """)
            defer { statement.reset() }
            var entries: [StoredEntry] = []
            while try statement.step() { entries.append(try EntryRow.entry(in: statement)) }
            return entries
        }
    }

    public func archives() throws(LedgerError) -> [ArchivedPart] {
        try readProjections { db in
            let statement = try RawStatement(
                db,
                """
                SELECT event.idx, event.recorded, body.bytes,
                    EXISTS (SELECT 1 FROM carried WHERE archive = event.idx)
                FROM event JOIN body ON body.idx = event.idx
                WHERE event.type <> 'deployment' AND event.type = 'archive' ORDER BY event.idx
                """)
            defer { statement.reset() }
            var parts: [ArchivedPart] = []
            while try statement.step() {
                guard let bytes = statement.bytes(2),
                    let archive = StoredBody(Array(bytes))?.event["archive"]?.object,
                    let first = archive["first"]?.integer, let last = archive["last"]?.integer,
                    let digest = archive["digest"]?.string.flatMap(Digest.init(text:))
                else { continue }
                let recorded = try Int64.fetchOne(
                    db, sql: "SELECT recorded FROM event WHERE idx = ?", arguments: [last])
                parts.append(
                    ArchivedPart(
                        index: statement.integer(0),
                        archived: Timestamp(milliseconds: statement.integer(1)), first: first,
                        last: last, lastRecorded: Timestamp(milliseconds: recorded ?? 0),
                        entryCount: archive["entries"]?.integer ?? 0, digest: digest,
                        isRestored: statement.integer(3) == 0))
            }
            return parts
        }
    }

    public func targets(matching query: EntryQuery) throws(LedgerError) -> [KnownTarget] {
        try readProjections { db in
            var conditions = ["environment IS NOT NULL"]
            var arguments: [DatabaseValue] = []
            for (column, values) in [
                ("service", query.services), ("environment", query.environments),
                ("tenant", query.tenants), ("region", query.regions),
                ("cluster", query.clusters),
            ] where !values.isEmpty {
                let marks = values.map { _ in "?" }.joined(separator: ", ")
                conditions.append("\(column) IN (\(marks))")
                arguments += values.map(\.databaseValue)
            }
            let named = try Row.fetchAll(
                db,
                sql: """
                    SELECT service, environment, tenant, region, cluster, entries, recorded
                    FROM stream WHERE \(conditions.joined(separator: " AND "))
                    ORDER BY service, environment, tenant, region, cluster
                    """,
                arguments: StatementArguments(arguments)
            ).map { row in
                KnownTarget(
                    target: Target(
                        service: row[0], environment: row[1], tenant: row[2], region: row[3],
                        cluster: row[4]),
                    entryCount: row[5], lastRecorded: Timestamp(milliseconds: row[6]))
            }
            return try CorrectedTargets.applied(to: named, db) { query.names($0) }
        }
    }

    public func knownNames(of member: KnownNames) throws(LedgerError) -> [String] {
        try readProjections { db in
            if member == .object {
                return try String.fetchAll(
                    db,
                    sql: """
                        SELECT name FROM touched
                        UNION
                        SELECT schema || '.' || name FROM touched WHERE schema <> ''
                        ORDER BY 1 LIMIT 10000
                        """)
            }
            let column = member.rawValue
            return try String.fetchAll(
                db,
                sql: """
                    SELECT \(column) FROM stream WHERE \(column) IS NOT NULL
                    UNION
                    SELECT \(column) FROM event
                    WHERE idx IN (SELECT entry FROM about) AND \(column) IS NOT NULL
                    ORDER BY 1 LIMIT 10000
                    """)
        }
    }

    public func attachment(_ digest: Digest) throws(LedgerError) -> [UInt8]? {
        try read { db in
            let statement = try RawStatement(db, "SELECT bytes FROM attachment WHERE digest = ?")
            statement.bind(digest, at: 1)
            defer { statement.reset() }
            return try statement.step() ? statement.bytes(0).map(Array.init) : nil
        }
    }

    public func summary() throws(LedgerError) -> LedgerSummary {
        let head = try head()
        var byteCount: Int64 = 0
        for suffix in ["", "-wal"] {
            var status = stat()
            if stat(path + suffix, &status) == 0 { byteCount += Int64(status.st_size) }
        }
        let times = try (entry(at: 0), entry(at: head.index))
        return try read { db in
            let attachments = try Row.fetchOne(
                db, sql: "SELECT count(*), coalesce(sum(length(bytes)), 0) FROM attachment")
            return LedgerSummary(
                log: log, head: head,
                streamCount: try Int64.fetchOne(db, sql: "SELECT count(*) FROM stream") ?? 0,
                firstRecorded: times.0.flatMap { Leaf($0.leaf) }
                    .map { Timestamp(milliseconds: $0.time) },
                lastRecorded: times.1.flatMap { Leaf($0.leaf) }
                    .map { Timestamp(milliseconds: $0.time) },
                byteCount: byteCount, attachmentCount: attachments?[0] ?? 0,
                attachmentByteCount: attachments?[1] ?? 0)
        }
    }
}
