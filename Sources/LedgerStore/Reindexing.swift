import GRDB
import LedgerCore
import LedgerCrypto
import LedgerSchema

/// Builds the projections anew from the entries.
enum Reindexing {
    static let tables = [
        "stream", "heard", "change", "progress", "seen", "seen_recent", "touched", "merge_text",
        "connection", "about", "event",
    ]

    static func rebuild(_ db: Database, log: String, progress: (Int64) -> Void) throws {
        try renewSchema(db)
        for table in tables { try db.execute(sql: "DROP TABLE IF EXISTS \(table)") }
        try db.execute(sql: LedgerSchema.projectionsSQL)
        try fill(db, readingFrom: db, progress: progress)
        try db.execute(
            sql: "UPDATE meta SET value = ? WHERE name = 'projection'",
            arguments: [String(LedgerFile.projectionVersion)])
    }

    /// Gives a ledger that an older program made the tables, triggers and views of this one. What
    /// was altered in one of this program stays for `verify` to see.
    private static func renewSchema(_ db: Database) throws {
        let text = try String.fetchOne(db, sql: "SELECT value FROM meta WHERE name = 'projection'")
        guard let version = text.flatMap(Int.init), version < LedgerFile.projectionVersion else {
            return
        }
        let fresh = try DatabaseQueue().write { db in
            try db.execute(sql: LedgerSchema.entriesSQL)
            return try Row.fetchAll(
                db, sql: "SELECT type, name, sql FROM sqlite_schema ORDER BY rowid")
        }
        let rows = try Row.fetchAll(db, sql: "SELECT type, name FROM sqlite_schema")
        for row in rows where ["trigger", "view"].contains(row[0] as String) {
            let name = (row[1] as String).quotedDatabaseIdentifier
            try db.execute(sql: "DROP \(row[0] as String) \(name)")
        }
        let kept = Set(
            rows.filter { ["table", "index"].contains($0[0] as String) }.map { $0[1] as String })
        for row in fresh where !kept.contains(row[1]) {
            if let sql = row[2] as String? { try db.execute(sql: sql) }
        }
    }

    /// Projects all entries of `source` into the tables of `db`.
    static func fill(
        _ db: Database, readingFrom source: Database, progress: (Int64) -> Void
    ) throws {
        let projector = try Projector(db, readingFrom: source)
        let hasher = SHA256()
        let entries = try RawStatement(
            source,
            """
            SELECT entry.idx, entry.leaf, entry.hash, coalesce(body.bytes, carried.bytes)
            FROM entry
            LEFT JOIN body ON body.idx = entry.idx
            LEFT JOIN carried ON carried.idx = entry.idx
            WHERE coalesce(body.idx, carried.idx) IS NOT NULL ORDER BY entry.idx
            """)
        while try entries.step() {
            let index = entries.integer(0)
            guard let leaf = entries.bytes(1).flatMap({ Leaf($0) }), let hash = entries.digest(2),
                let body = entries.bytes(3).flatMap({ StoredBody(Array($0)) })
            else {
                throw LedgerError(
                    .damaged, "entry #\(index) can't be read", advice: "ledger verify")
            }
            let identity = Submission.identity(
                source: body.event["source"]?.string ?? "", id: body.event["id"]?.string ?? "",
                hasher: hasher)
            try projector.project(
                leaf: leaf, hash: hash, members: body.event, identity: identity)
            if index & 0xFFF == 0xFFF { progress(index + 1) }
        }
        try projector.flush()
    }
}
