import GRDB
import LedgerCore
import LedgerCrypto

/// Reads the stored bytes of a ledger's file for verification.
public final class SQLiteBytesReader: StoredBytesReader {
    public let path: String
    public let log: String?
    private let queue: DatabaseQueue
    // A ledger that an older program made has no such table.
    private let carriedTable: String

    public init(path: String) throws(LedgerError) {
        self.path = path
        // Every page is read once: a cache that fits into the processor's is the fastest.
        let queue = try LedgerFile.openReader(at: path, cacheKibibytes: 512)
        self.queue = queue
        carriedTable = try SQLiteFailure.translate(path: path) {
            let isThere = try queue.read { try $0.tableExists("carried") }
            return isThere ? "carried" : "(SELECT 0 AS idx, '' AS bytes, 0 AS archive WHERE 0)"
        }
        log = try SQLiteFailure.translate(path: path) {
            try queue.read { db in
                let statement = try RawStatement(db, "SELECT value FROM meta WHERE name = 'log'")
                defer { statement.reset() }
                guard try statement.step(), let bytes = statement.bytes(0) else { return nil }
                return String(validating: bytes, as: UTF8.self)
            }
        }
    }

    private func read<Result>(_ body: (Database) throws -> Result) throws(LedgerError) -> Result {
        try SQLiteFailure.translate(path: path) { try queue.unsafeReentrantRead(body) }
    }

    // An entry's leaf alone has over 400 bytes.
    private static let leastEntryBytes: Int64 = 256

    public func indexBound() throws(LedgerError) -> Int64 {
        try read { db in
            let last = try Int64.fetchOne(
                db,
                sql: """
                    SELECT max(coalesce((SELECT max(idx) FROM entry), -1),
                        coalesce((SELECT max(idx) FROM body), -1),
                        coalesce((SELECT max(idx) FROM \(carriedTable)), -1),
                        coalesce((SELECT max(idx) FROM private), -1))
                    """)
            let pages = try Int64.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            let pageBytes = try Int64.fetchOne(db, sql: "PRAGMA page_size") ?? 0
            return min(last ?? -1, pages * pageBytes / Self.leastEntryBytes) + 1
        }
    }

    // Walks side by side are faster than a join, and also meet rows without an entry.
    public func forEach(
        in range: ClosedRange<Int64>, _ body: (StoredBytes) throws -> Void
    ) throws(LedgerError) {
        try read { db in
            let entries = try Walk(db, "idx, leaf, hash", "entry", range)
            let bodies = try Walk(db, "idx, bytes", "body", range)
            let carried = try Walk(db, "idx, bytes, archive", carriedTable, range)
            let privates = try Walk(db, "idx, \(PrivateColumns.list)", "private", range)
            let count = Int32(PrivateColumns.names.count)
            var columns = [UnsafeRawBufferPointer?](repeating: nil, count: Int(count))
            while true {
                if entries.isAtEnd, bodies.isAtEnd, carried.isAtEnd, privates.isAtEnd { return }
                let index = min(entries.index, bodies.index, carried.index, privates.index)
                let hasEntry = entries.stands(at: index)
                let hasPrivate = privates.stands(at: index)
                for column in 0..<count {
                    columns[Int(column)] = hasPrivate ? privates.statement.bytes(column + 1) : nil
                }
                try body(
                    StoredBytes(
                        index: index,
                        // A NULL in a row that is there is no less wrong than another text.
                        leaf: hasEntry ? entries.statement.bytes(1) ?? Self.nothing : nil,
                        hash: hasEntry ? entries.statement.bytes(2) : nil,
                        body: bodies.stands(at: index)
                            ? bodies.statement.bytes(1) ?? Self.nothing : nil,
                        carried: carried.stands(at: index)
                            ? (
                                carried.statement.bytes(1) ?? Self.nothing,
                                carried.statement.integer(2)
                            ) : nil,
                        disclosures: columns,
                        otherDisclosures: hasPrivate ? privates.statement.bytes(count + 1) : nil))
                try entries.pass(index)
                try bodies.pass(index)
                try carried.pass(index)
                try privates.pass(index)
            }
        }
    }

    private static var nothing: UnsafeRawBufferPointer { .init(start: nil, count: 0) }

    public func attachmentDigests() throws(LedgerError) -> Set<Digest> {
        try read { db in
            // Not from the index: what is stored counts.
            let statement = try RawStatement(db, "SELECT digest FROM attachment NOT INDEXED")
            defer { statement.reset() }
            var digests: Set<Digest> = []
            while try statement.step() {
                if let digest = statement.digest(0) { digests.insert(digest) }
            }
            return digests
        }
    }

    public func forEachAttachment(
        _ body: (Digest?, UnsafeRawBufferPointer) throws -> Void
    ) throws(LedgerError) {
        try read { db in
            let statement = try RawStatement(
                db, "SELECT digest, bytes FROM attachment ORDER BY number")
            defer { statement.reset() }
            while try statement.step() {
                let bytes = statement.bytes(1) ?? UnsafeRawBufferPointer(start: nil, count: 0)
                try body(statement.digest(0), bytes)
            }
        }
    }
}

/// Goes through one table in the order of its indexes.
private final class Walk {
    let statement: RawStatement
    /// Of the row at hand; `Int64.max` after the last, and a row may say so too.
    private(set) var index: Int64 = .max
    private(set) var isAtEnd = false

    init(_ db: Database, _ columns: String, _ table: String, _ range: ClosedRange<Int64>) throws {
        statement = try RawStatement(
            db, "SELECT \(columns) FROM \(table) WHERE idx BETWEEN ? AND ? ORDER BY idx",
            isCached: true)
        statement.bind(range.lowerBound, at: 1)
        statement.bind(range.upperBound, at: 2)
        try advance()
    }

    deinit {
        statement.reset()
    }

    func stands(at index: Int64) -> Bool {
        self.index == index && !isAtEnd
    }

    func pass(_ index: Int64) throws {
        if stands(at: index) { try advance() }
    }

    private func advance() throws {
        isAtEnd = try !statement.step()
        index = isAtEnd ? .max : statement.integer(0)
    }
}
