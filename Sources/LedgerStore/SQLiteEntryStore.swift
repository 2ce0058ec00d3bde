import GRDB
import GRDBSQLite
import Glibc
import LedgerCore
import LedgerCrypto
import Synchronization

/// A ledger's file, opened to write.
///
/// Any number of processes may hold one: a write has the file to itself by the lock beside it.
public final class SQLiteEntryStore: EntryStore {
    public let path: String
    public let log: String
    private let lockTimeout: Duration
    private let queue: DatabaseQueue
    // Used only within the queue.
    private let session: Session
    // Set when a write to disk failed: what SQLite believes and what the disk holds may differ
    // from then on, so nothing more is written.
    private let isStopped = Mutex(false)

    /// The write-ahead log's size from which the holder of the lock copies it into the ledger.
    static let checkpointBytes = 16 * 1024 * 1024

    /// Makes a new ledger.
    ///
    /// - Parameter log: its name, one line of 1 to 200 bytes; it never changes.
    public static func create(at path: String, log: String) throws(LedgerError) {
        guard 1...200 ~= log.utf8.count, log.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw LedgerError(.usage, "a log's name is one line of 1 to 200 bytes")
        }
        try LedgerFile.create(at: path, log: log)
    }

    /// - Parameter lockTimeout: how long to wait for other processes that write.
    public init(path: String, lockTimeout: Duration = .seconds(10)) throws(LedgerError) {
        self.path = path
        self.lockTimeout = lockTimeout
        // Before its lock is made: none must be left behind where there is nothing to lock.
        try LedgerFile.requireFile(at: path)
        // Nothing is made beside a file that is no ledger, not even a lock.
        let check = try LedgerFile.openReader(at: path)
        try SQLiteFailure.translate(path: path) { try check.close() }
        queue = try FileLock.hold(path: path, timeout: lockTimeout) { () throws(LedgerError) in
            try LedgerFile.openWriter(at: path)
        }
        let queue = queue
        log = try SQLiteFailure.translate(path: path) { try queue.read(LedgerFile.log) }
        session = Session()
    }

    /// Closes the file. What stands in the write-ahead log is copied into it, so that the file
    /// alone holds everything.
    public func close() throws(LedgerError) {
        try FileLock.hold(path: path, timeout: lockTimeout) { () throws(LedgerError) in
            try SQLiteFailure.translate(path: path) {
                queue.inDatabase { _ in session.forget() }
                try queue.close()
            }
        }
    }

    public func write<Result: Sendable>(
        _ body: (any EntryWriter) throws -> Result
    ) throws(LedgerError) -> Result {
        try transaction { db in
            try LedgerFile.checkProjection(db)
            let result = try body(try session.begin(db, log: log))
            try session.flush()
            return result
        }
    }

    /// Likewise; then `change` does in the same transaction what the entry that was recorded allows.
    func write<Result: Sendable>(
        _ record: (any EntryWriter) throws -> Receipt,
        change: (Database, Receipt) throws -> Result
    ) throws(LedgerError) -> Result {
        try transaction { db in
            try LedgerFile.checkProjection(db)
            let receipt = try record(try session.begin(db, log: log))
            try session.flush()
            // What it remembers may go.
            session.forget()
            return try change(db, receipt)
        }
    }

    /// Changes the tables of a copy that nobody else has.
    func changeCopy(_ body: (Database) throws -> Void) throws(LedgerError) {
        try transaction(body)
    }

    /// Drops everything derived and builds it again from the entries; the projections may be of
    /// any version.
    ///
    /// - Parameter progress: called now and then with the number of entries done.
    public func reindex(progress: (Int64) -> Void = { _ in }) throws(LedgerError) {
        try transaction { db in
            // Its statements know the old tables.
            session.forget()
            try Reindexing.rebuild(db, log: log, progress: progress)
        }
    }

    private func transaction<Result: Sendable>(
        _ body: (Database) throws -> Result
    ) throws(LedgerError) -> Result {
        if isStopped.withLock({ $0 }) {
            throw LedgerError(
                .stopped, "an earlier write to \(path) failed, so this process writes no more",
                advice: "check the disk, then start again")
        }
        return try FileLock.hold(path: path, timeout: lockTimeout) { () throws(LedgerError) in
            do {
                return try queue.writeWithoutTransaction { db in
                    do {
                        let result = try committed(db, body)
                        try checkpointIfGrown(db)
                        return result
                    } catch {
                        // On a small disk the log may be what fills it: copied into the file, it is
                        // written from its beginning again.
                        if SQLiteFailure.ledgerError(error, path: path).code == .diskFull {
                            try? checkpoint(db)
                        }
                        throw error
                    }
                }
            } catch {
                let error = SQLiteFailure.ledgerError(error, path: path)
                if error.code == .stopped { isStopped.withLock { $0 = true } }
                throw error
            }
        }
    }

    private func committed<Result>(
        _ db: Database, _ body: (Database) throws -> Result
    ) throws -> Result {
        var result: Result?
        do {
            try db.inTransaction(.immediate) {
                result = try body(db)
                return .commit
            }
        } catch {
            session.forget()
            throw error
        }
        guard let result else { throw LedgerError(.internal, "a write had no result") }
        return result
    }

    // Readers in other processes may keep the log from being reset; it is tried again next time.
    private func checkpointIfGrown(_ db: Database) throws {
        var status = stat()
        guard stat(path + "-wal", &status) == 0, status.st_size >= Self.checkpointBytes else {
            return
        }
        try checkpoint(db)
    }

    private func checkpoint(_ db: Database) throws {
        let code = sqlite3_wal_checkpoint_v2(
            db.sqliteConnection, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
        // The entries are durable in the log: a checkpoint that finds no room loses nothing.
        guard code == SQLITE_OK || code == SQLITE_BUSY || code & 0xFF == SQLITE_FULL else {
            throw DatabaseError(resultCode: ResultCode(rawValue: code))
        }
    }

    /// Copies the write-ahead log into the file and cuts it off, so that neither holds pages from
    /// before the last write any more.
    ///
    /// - Throws: `busy`, with who is in the way, while somebody reads what stood there before.
    public func emptyLog() throws(LedgerError) {
        try FileLock.hold(path: path, timeout: lockTimeout) { () throws(LedgerError) in
            try SQLiteFailure.translate(path: path) {
                try queue.writeWithoutTransaction { db in
                    let code = sqlite3_wal_checkpoint_v2(
                        db.sqliteConnection, nil, SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
                    if code == SQLITE_OK { return }
                    guard code & 0xFF == SQLITE_BUSY else {
                        throw DatabaseError(resultCode: ResultCode(rawValue: code))
                    }
                    throw isReadElsewhere
                }
            }
        }
    }

    private var isReadElsewhere: LedgerError {
        let holders = FileHolders.names(of: path)
        let who =
            holders.isEmpty
            ? "this process itself, or one that this user may not see, reads it"
            : holders.joined(separator: ", ") + (holders.count == 1 ? " has" : " have")
                + " it open"
        return LedgerError(.busy, "\(path)-wal still holds old pages: \(who)")
    }

    /// For tests: what the writing connection answers to a PRAGMA.
    func pragma(_ name: String) throws -> Int {
        try queue.inDatabase { try Int.fetchOne($0, sql: "PRAGMA \(name)") ?? -1 }
    }
}

extension SQLiteEntryStore {
    /// The prepared statements and caches of one connection, kept from write to write.
    private final class Session: @unchecked Sendable {
        // Everything here is touched only within the store's queue.
        private var writer: SQLiteEntryWriter?

        func begin(_ db: Database, log: String) throws -> SQLiteEntryWriter {
            let current = try writer ?? SQLiteEntryWriter(db, log: log)
            writer = current
            try current.begin()
            return current
        }

        func flush() throws {
            try writer?.flush()
        }

        func forget() {
            writer = nil
        }
    }
}
