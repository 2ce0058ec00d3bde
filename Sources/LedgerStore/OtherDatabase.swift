import GRDB
import LedgerCore

/// Reads a table of a SQLite file that is not ours. Nothing in it is changed.
public enum OtherDatabase {
    /// Reads a table into a new file: a line `{"columns":["…"],"table":"…"}`, then each row as a JSON
    /// object in a line of its own, what is NULL left out.
    ///
    /// - Parameters:
    ///   - tables: the names that it may have; the first that is there is read.
    ///   - ordering: columns to sort by, as far as they are there.
    /// - Throws: `notFound` if no such table is there.
    public static func dump(
        _ tables: [String], in path: String, orderedBy ordering: [String], to file: String
    ) throws(LedgerError) {
        do {
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(5)
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            defer { try? queue.close() }
            var lines = LineWriter(try DraftFile(file, calledFor: file))
            try queue.read { db in
                let table = try name(of: tables, db, path)
                let columns = try String.fetchAll(
                    db, sql: "SELECT name FROM pragma_table_info(?)", arguments: [table])
                let header: JSON = [
                    "columns": .array(columns.map(JSON.string)), "table": .string(table),
                ]
                try lines.write(CanonicalJSON.bytes(header) + [0x0A])
                let order = ordering.compactMap { wanted in
                    columns.first { $0.lowercased() == wanted.lowercased() }
                }.map(\.quotedDatabaseIdentifier)
                let rows = try Row.fetchCursor(
                    db,
                    sql: "SELECT * FROM \(table.quotedDatabaseIdentifier)"
                        + (order.isEmpty ? "" : " ORDER BY " + order.joined(separator: ", ")))
                while let row = try rows.next() {
                    var object = JSONObject()
                    for (name, value) in row { object[name] = json(value) }
                    try lines.write(CanonicalJSON.bytes(.object(object)) + [0x0A])
                }
            }
            _ = try lines.finish()
        } catch let error as LedgerError {
            throw error
        } catch {
            throw LedgerError(
                .io, "\(path) can't be read: \((error as? DatabaseError)?.message ?? "\(error)")",
                advice: "name a SQLite file with --database-file", cause: error)
        }
    }

    private static func name(
        of tables: [String], _ db: Database, _ path: String
    ) throws -> String {
        let there = try String.fetchAll(
            db, sql: "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') ORDER BY name")
        for table in tables {
            if let found = there.first(where: { $0.lowercased() == table.lowercased() }) {
                return found
            }
        }
        throw LedgerError(
            .notFound, "there is no table \(tables.joined(separator: " or ")) in \(path)",
            advice: there.isEmpty
                ? "it is empty: is it the right file?"
                : "name the table with --table; there are "
                    + there.prefix(12).joined(separator: ", "))
    }

    private static func json(_ value: DatabaseValue) -> JSON? {
        switch value.storage {
        case .null: nil
        case .int64(let number):
            JSON.integerBounds.contains(number) ? .integer(number) : .string(String(number))
        case .double(let number): .string("\(number)")
        case .string(let text): .string(text)
        case .blob(let data):
            .string(data.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
        }
    }
}
