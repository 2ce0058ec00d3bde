import GRDB
import GRDBSQLite
import Glibc
import LedgerCore
import LedgerSchema

/// A ledger's SQLite file: what makes it one, and how connections to it are opened.
enum LedgerFile {
    /// "LEDG": SQLite's `application_id`.
    static let applicationID: Int32 = 0x4C45_4447
    /// SQLite's `user_version`: the version of the entries' format and tables.
    static let formatVersion: Int32 = 1
    /// The version of the tables in `projections.sql` and of what is put into them, and of the
    /// triggers and views in `entries.sql`.
    static let projectionVersion = 5

    /// Creates a ledger. It appears whole or not at all, and never over another file.
    static func create(at path: String, log: String) throws(LedgerError) {
        try NewFile.make(at: path, mode: 0o644) { draft throws(LedgerError) in
            try SQLiteFailure.translate(path: path) { try fill(draft, log: log) }
        }
    }

    private static func fill(_ draft: String, log: String) throws {
        let queue = try DatabaseQueue(path: draft)
        try queue.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL")
            try db.inTransaction(.exclusive) {
                try db.execute(
                    sql: """
                        PRAGMA application_id = \(applicationID);
                        PRAGMA user_version = \(formatVersion);
                        """)
                try db.execute(sql: LedgerSchema.entriesSQL)
                try db.execute(sql: LedgerSchema.projectionsSQL)
                try db.execute(
                    sql: "INSERT INTO meta (name, value) VALUES ('log', ?), ('projection', ?)",
                    arguments: [log, String(projectionVersion)])
                return .commit
            }
        }
        try queue.close()
    }

    /// A connection that only reads. Where nothing can be written, not even SQLite's shared memory
    /// file, the ledger is read as it lies there, unless a write-ahead log holds more than that.
    static func openReader(
        at path: String, cacheKibibytes: Int = 16_384
    ) throws(LedgerError) -> DatabaseQueue {
        try requireFile(at: path)
        var configuration = Configuration()
        configuration.readonly = true
        configuration.allowsUnsafeTransactions = true
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA cache_size = -\(cacheKibibytes)")
        }
        let frozen = configuration
        return try SQLiteFailure.translate(path: path) {
            do {
                let queue = try DatabaseQueue(path: path, configuration: frozen)
                try queue.read { try check($0, path: path) }
                return queue
            } catch let error as DatabaseError
                where [.SQLITE_CANTOPEN, .SQLITE_READONLY].contains(error.resultCode)
                || SQLiteFailure.isWithoutRoom(error)
            {
                var status = stat()
                if stat(path + "-wal", &status) == 0, status.st_size > 0 { throw error }
                let address = "file:\(uriPath(path))?immutable=1"
                let queue = try DatabaseQueue(path: address, configuration: frozen)
                try queue.read { try check($0, path: path) }
                return queue
            }
        }
    }

    /// The one connection that writes. The caller holds the lock.
    static func openWriter(at path: String) throws(LedgerError) -> DatabaseQueue {
        try requireFile(at: path)
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.allowsUnsafeTransactions = true
        let frozen = configuration
        return try SQLiteFailure.translate(path: path) {
            let queue = try DatabaseQueue(path: path, configuration: frozen)
            try queue.writeWithoutTransaction { db in
                try check(db, path: path)
                guard sqlite3_db_readonly(db.sqliteConnection, "main") == 0 else {
                    throw LedgerError(
                        .readOnly, "\(path) can't be written",
                        advice: "check the rights on the file and its folder")
                }
                try db.execute(
                    sql: """
                        PRAGMA synchronous = FULL;
                        PRAGMA wal_autocheckpoint = 0;
                        PRAGMA secure_delete = ON;
                        PRAGMA cache_size = -65536;
                        PRAGMA temp_store = MEMORY;
                        """)
            }
            return queue
        }
    }

    static func requireFile(at path: String) throws(LedgerError) {
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            throw LedgerError(
                .io, "\(path) is a folder, not a ledger",
                advice: "name the file in it, such as \(path)/ledger.db")
        }
        guard access(path, F_OK) != 0 else { return }
        throw LedgerError(
            .notFound, "there is no ledger at \(path)",
            advice: "make one with: ledger init --ledger \(path)")
    }

    private static func uriPath(_ path: String) -> String {
        path.utf8.map { byte in
            byte == UInt8(ascii: "%") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#")
                ? "%" + String(byte, radix: 16) : String(decoding: [byte], as: UTF8.self)
        }.joined()
    }

    private static func check(_ db: Database, path: String) throws {
        let application = try Int32.fetchOne(db, sql: "PRAGMA application_id")
        let version = try Int32.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        guard application == applicationID, version > 0 else {
            throw LedgerError(
                .notALedger, "\(path) is a SQLite database, but not a ledger",
                advice: "name the ledger with --ledger, or make one with ledger init")
        }
        guard version == formatVersion else {
            throw LedgerError(
                .newerFormat,
                "\(path) has format \(version), and this program knows \(formatVersion)",
                advice: "use the newer program that wrote it")
        }
    }

    static func log(_ db: Database) throws -> String {
        guard let log = try String.fetchOne(db, sql: "SELECT value FROM meta WHERE name = 'log'")
        else { throw LedgerError(.damaged, "the ledger has lost its name") }
        return log
    }

    /// Refuses projections that a newer program made: they may hold what this one can't keep right.
    static func checkProjection(_ db: Database) throws {
        let text = try String.fetchOne(db, sql: "SELECT value FROM meta WHERE name = 'projection'")
        guard let version = text.flatMap(Int.init) else {
            throw LedgerError(
                .damaged, "the ledger's projections are gone",
                advice: "rebuild them: ledger reindex")
        }
        if version > projectionVersion {
            throw LedgerError(
                .newerFormat,
                "the ledger's projections have version \(version), and this program knows "
                    + "\(projectionVersion)",
                advice: "use the newer program, or rebuild them for this one: ledger reindex")
        }
        if version < projectionVersion {
            throw LedgerError(
                .damaged, "the ledger's projections are older than this program",
                advice: "rebuild them: ledger reindex")
        }
    }
}
