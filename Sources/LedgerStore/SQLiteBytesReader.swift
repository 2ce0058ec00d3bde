import GRDB
import LedgerCore
import LedgerCrypto

/// Reads the stored bytes of a ledger's file for verification.
public final class SQLiteBytesReader: StoredBytesReader {
    public let path: String
    public let log: String
    private let queue: DatabaseQueue

    public init(path: String) throws(LedgerError) {
        self.path = path
        let queue = try LedgerFile.openReader(at: path)
        self.queue = queue
        log = try SQLiteFailure.translate(path: path) { try queue.read(LedgerFile.log) }
    }

    private func read<Result>(_ body: (Database) throws -> Result) throws(LedgerError) -> Result {
        try SQLiteFailure.translate(path: path) { try queue.unsafeReentrantRead(body) }
    }

    public func lastIndex() throws(LedgerError) -> Int64 {
        try read { db in
            try Int64.fetchOne(
                db,
                sql: """
                    SELECT max(coalesce((SELECT max(idx) FROM entry), -1),
                        coalesce((SELECT max(idx) FROM body), -1),
                        coalesce((SELECT max(idx) FROM private), -1))
                    """) ?? -1
        }
    }

    // Three walks side by side are faster than a join, and also meet rows without an entry.
    public func forEach(
        in range: ClosedRange<Int64>, _ body: (StoredBytes) throws -> Void
    ) throws(LedgerError) {
        try read { db in
            let entries = try Walk(db, "idx, leaf, hash", "entry", range)
            let bodies = try Walk(db, "idx, bytes", "body", range)
            let privates = try Walk(db, "idx, \(PrivateColumns.list)", "private", range)
            let count = Int32(PrivateColumns.names.count)
            var columns = [UnsafeRawBufferPointer?](repeating: nil, count: Int(count))
            while true {
                let index = min(entries.index, bodies.index, privates.index)
                guard index < .max else { return }
                let hasPrivate = privates.index == index
                for column in 0..<count {
                    columns[Int(column)] = hasPrivate ? privates.statement.bytes(column + 1) : nil
                }
                try body(
                    StoredBytes(
                        index: index,
                        leaf: entries.index == index ? entries.statement.bytes(1) : nil,
                        hash: entries.index == index ? entries.statement.bytes(2) : nil,
                        body: bodies.index == index ? bodies.statement.bytes(1) : nil,
                        disclosures: columns,
                        otherDisclosures: hasPrivate ? privates.statement.bytes(count + 1) : nil,
                        hasPrivateRow: hasPrivate))
                try entries.pass(index)
                try bodies.pass(index)
                try privates.pass(index)
            }
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
    /// Of the row at hand; `Int64.max` after the last.
    private(set) var index: Int64 = .max

    init(_ db: Database, _ columns: String, _ table: String, _ range: ClosedRange<Int64>) throws {
        statement = try RawStatement(
            db, "SELECT \(columns) FROM \(table) WHERE idx BETWEEN ? AND ? ORDER BY idx")
        statement.bind(range.lowerBound, at: 1)
        statement.bind(range.upperBound, at: 2)
        try advance()
    }

    deinit {
        statement.reset()
    }

    func pass(_ index: Int64) throws {
        if self.index == index { try advance() }
    }

    private func advance() throws {
        index = try statement.step() ? statement.integer(0) : .max
    }
}
