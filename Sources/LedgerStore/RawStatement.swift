import GRDB
import GRDBSQLite
import LedgerCrypto

/// A statement for the writer's and the verifier's inner loops, where GRDB's array of arguments
/// and its row values would cost more than the work itself. GRDB prepares and owns it.
struct RawStatement {
    private let statement: Statement
    private let connection: OpaquePointer?

    /// - Parameter isCached: prepared once for the connection and used again; never by two loops
    ///   at a time.
    init(
        _ db: Database, _ sql: String, arguments: [DatabaseValue] = [], isCached: Bool = false
    ) throws {
        statement = try isCached ? db.cachedStatement(sql: sql) : db.makeStatement(sql: sql)
        if !arguments.isEmpty { try statement.setArguments(StatementArguments(arguments)) }
        connection = db.sqliteConnection
    }

    private var pointer: OpaquePointer { statement.sqliteStatement }

    // SQLITE_TRANSIENT: SQLite copies what is bound.
    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    func bind(_ number: Int64?, at place: Int32) {
        if let number {
            sqlite3_bind_int64(pointer, place, number)
        } else {
            sqlite3_bind_null(pointer, place)
        }
    }

    func bind(_ text: String?, at place: Int32) {
        guard var text else {
            sqlite3_bind_null(pointer, place)
            return
        }
        text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                _ = sqlite3_bind_text(
                    pointer, place, $0.baseAddress, Int32($0.count), Self.transient)
            }
        }
    }

    func bindText(_ bytes: [UInt8], at place: Int32) {
        bytes.withUnsafeBytes { bytes in
            _ = sqlite3_bind_text(
                pointer, place, bytes.baseAddress?.assumingMemoryBound(to: CChar.self),
                Int32(bytes.count), Self.transient)
        }
    }

    func bindBlob(_ bytes: [UInt8], at place: Int32) {
        bytes.withUnsafeBytes { bytes in
            if bytes.isEmpty {
                _ = sqlite3_bind_zeroblob(pointer, place, 0)
            } else {
                _ = sqlite3_bind_blob(
                    pointer, place, bytes.baseAddress, Int32(bytes.count), Self.transient)
            }
        }
    }

    func bind(_ digest: Digest, at place: Int32) {
        digest.withUnsafeBytes { bytes in
            _ = sqlite3_bind_blob(
                pointer, place, bytes.baseAddress, Int32(bytes.count), Self.transient)
        }
    }

    /// Runs to the end a statement that gives no rows, and makes it ready for the next time.
    func run() throws {
        let code = sqlite3_step(pointer)
        sqlite3_reset(pointer)
        if code != SQLITE_DONE { throw failure(code) }
    }

    /// Goes to the next row; false after the last.
    func step() throws -> Bool {
        let code = sqlite3_step(pointer)
        if code == SQLITE_ROW { return true }
        sqlite3_reset(pointer)
        if code == SQLITE_DONE { return false }
        throw failure(code)
    }

    func reset() {
        sqlite3_reset(pointer)
    }

    func isNull(_ column: Int32) -> Bool {
        sqlite3_column_type(pointer, column) == SQLITE_NULL
    }

    func integer(_ column: Int32) -> Int64 {
        sqlite3_column_int64(pointer, column)
    }

    /// The bytes of a text or blob, valid until the next step; nil for NULL.
    func bytes(_ column: Int32) -> UnsafeRawBufferPointer? {
        // The value is asked: each question to the column itself costs as much as all to the value.
        // Its type first, since most columns of private values are NULL.
        let value = sqlite3_column_value(pointer, column)
        if sqlite3_value_type(value) == SQLITE_NULL { return nil }
        let start = sqlite3_value_blob(value)
        return UnsafeRawBufferPointer(
            start: start, count: start == nil ? 0 : Int(sqlite3_value_bytes(value)))
    }

    func text(_ column: Int32) -> String? {
        bytes(column).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The text: the given one, if it has the same bytes.
    func text(_ column: Int32, like other: String?) -> String? {
        guard let bytes = bytes(column) else { return nil }
        if let other, other.utf8.elementsEqual(bytes) { return other }
        return String(decoding: bytes, as: UTF8.self)
    }

    func digest(_ column: Int32) -> Digest? {
        bytes(column).flatMap { Digest($0) }
    }

    private func failure(_ code: Int32) -> DatabaseError {
        DatabaseError(
            resultCode: ResultCode(rawValue: code),
            message: connection.map { String(cString: sqlite3_errmsg($0)) })
    }
}
