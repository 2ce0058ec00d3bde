// Yardsticks for `make bench`: the least that the libraries beneath need for the same work.
//
//    ledger-bench insert SOURCE TARGET   the rows of SOURCE, a ledger, inserted into the same tables
//                                        and indexes of TARGET in the same order, in one durable
//                                        transaction, by SQLite alone; prints rows and seconds
//    ledger-bench sha256 LEDGER          SHA-256 over the bytes that verify hashes, on all cores;
//                                        prints entries, bytes and seconds

import Foundation
import GRDBSQLite
import LedgerCore
import LedgerCrypto
import LedgerSchema
import LedgerStore

func fail(_ message: String) -> Never {
    FileHandle.standardError.write(Data((message + "\n").utf8))
    exit(1)
}

func openDatabase(_ path: String, _ flags: Int32) -> OpaquePointer {
    var database: OpaquePointer?
    guard sqlite3_open_v2(path, &database, flags, nil) == SQLITE_OK, let database else {
        fail("\(path) can't be opened")
    }
    return database
}

func execute(_ database: OpaquePointer, _ sql: String) {
    guard sqlite3_exec(database, sql, nil, nil, nil) == SQLITE_OK else {
        fail(String(cString: sqlite3_errmsg(database)))
    }
}

func prepare(_ database: OpaquePointer, _ sql: String) -> OpaquePointer {
    var statement: OpaquePointer?
    guard sqlite3_prepare_v2(database, sql, -1, &statement, nil) == SQLITE_OK, let statement else {
        fail(String(cString: sqlite3_errmsg(database)))
    }
    return statement
}

/// Copies one table, a block of rows at a time: only the inserting is timed.
struct TableCopy {
    let source: OpaquePointer
    let target: OpaquePointer
    let columnCount: Int32
    var values: [OpaquePointer?] = []
    var isAtEnd = false

    init(
        _ table: String, ordered order: String, from source: OpaquePointer, to target: OpaquePointer
    ) {
        self.source = prepare(source, "SELECT * FROM \(table) ORDER BY \(order)")
        columnCount = sqlite3_column_count(self.source)
        let marks = Array(repeating: "?", count: Int(columnCount)).joined(separator: ", ")
        self.target = prepare(target, "INSERT INTO \(table) VALUES (\(marks))")
    }

    mutating func read(_ count: Int) -> Int {
        values.forEach { sqlite3_value_free($0) }
        values.removeAll(keepingCapacity: true)
        var rows = 0
        while rows < count, !isAtEnd {
            // A step after the last row would begin anew.
            isAtEnd = sqlite3_step(source) != SQLITE_ROW
            if isAtEnd { break }
            for column in 0..<columnCount {
                values.append(sqlite3_value_dup(sqlite3_column_value(source, column)))
            }
            rows += 1
        }
        return rows
    }

    func insert(_ row: Int) {
        for column in 0..<columnCount {
            sqlite3_bind_value(target, column + 1, values[row * Int(columnCount) + Int(column)])
        }
        guard sqlite3_step(target) == SQLITE_DONE else {
            fail(String(cString: sqlite3_errmsg(sqlite3_db_handle(target))))
        }
        sqlite3_reset(target)
    }
}

func insert(_ sourcePath: String, _ targetPath: String) throws {
    try SQLiteEntryStore.create(at: targetPath, log: "bench")
    let source = openDatabase(sourcePath, SQLITE_OPEN_READONLY)
    let target = openDatabase(targetPath, SQLITE_OPEN_READWRITE)
    execute(
        target,
        """
        PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA secure_delete = ON;
        PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY; BEGIN IMMEDIATE
        """)
    // What every entry adds, in the order in which it does; the small tables at the end.
    var perEntry = ["entry", "body", "private", "seen", "event"].map {
        TableCopy($0, ordered: "idx", from: source, to: target)
    }
    var rest = ["stream", "change", "about"].map {
        TableCopy($0, ordered: "1, 2", from: source, to: target)
    }
    var seconds = 0.0
    var total = 0
    while true {
        let counts = perEntry.indices.map { perEntry[$0].read(8192) }
        guard let count = counts.max(), count > 0 else { break }
        let start = ContinuousClock.now
        for row in 0..<count {
            for (table, available) in zip(perEntry, counts) where row < available {
                table.insert(row)
            }
        }
        seconds += (ContinuousClock.now - start).seconds
        total += counts[0]
    }
    for index in rest.indices {
        while case let count = rest[index].read(8192), count > 0 {
            let start = ContinuousClock.now
            for row in 0..<count { rest[index].insert(row) }
            seconds += (ContinuousClock.now - start).seconds
        }
    }
    let start = ContinuousClock.now
    execute(target, "COMMIT")
    execute(target, "PRAGMA wal_checkpoint(TRUNCATE)")
    seconds += (ContinuousClock.now - start).seconds
    print(total, seconds)
}

extension Duration {
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}

/// The messages that verification hashes for an entry, one after the other.
struct Messages: Sendable {
    var bytes: [UInt8] = []
    var lengths: [Int] = []

    mutating func add(_ message: some Collection<UInt8>) {
        bytes += message
        lengths.append(message.count)
    }
}

func sha256(_ path: String) throws {
    let reader = try SQLiteBytesReader(path: path)
    var blocks: [Messages] = []
    var block = Messages()
    var count = 0
    try reader.forEach(in: 0...max(0, try reader.indexBound() - 1)) { stored in
        block.add([0] + Array(stored.leaf ?? .init(start: nil, count: 0)))
        let body = Array(stored.body ?? .init(start: nil, count: 0))
        block.add(body)
        if let event = StoredBody(body)?.event {
            // As long as the bytes behind a stream's id.
            let names = EventSchema.targetMembers.filter { event[$0] != nil }
            block.add([UInt8](repeating: 0x61, count: names.reduce(40) { $0 + $1.utf8.count + 14 }))
        }
        for disclosure in stored.disclosures + [stored.otherDisclosures] {
            guard let disclosure else { continue }
            block.add(Base64URL.encode(Array(disclosure)).utf8)
        }
        count += 1
        if count % 4096 == 0 {
            blocks.append(block)
            block = Messages()
        }
    }
    blocks.append(block)
    let all = blocks
    let start = ContinuousClock.now
    DispatchQueue.concurrentPerform(iterations: all.count) { number in
        let hasher = SHA256()
        var mixed = Digest.zero
        all[number].bytes.withUnsafeBytes { bytes in
            var offset = 0
            for length in all[number].lengths {
                mixed = hasher.hash(
                    UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + length]))
                offset += length
            }
        }
        if mixed == .zero { print("") }
    }
    print(count, all.reduce(0) { $0 + $1.bytes.count }, (ContinuousClock.now - start).seconds)
}

let arguments = CommandLine.arguments
do {
    switch arguments.dropFirst().first {
    case "insert" where arguments.count == 4: try insert(arguments[2], arguments[3])
    case "sha256" where arguments.count == 3: try sha256(arguments[2])
    default: fail("usage: ledger-bench insert SOURCE TARGET | sha256 LEDGER")
    }
} catch {
    fail("\(error)")
}
