import GRDB
import LedgerCore
import LedgerSchema

/// Compares what is derived, and the tables and triggers themselves, with what they should be.
public enum ProjectionCheck {
    public struct Difference: Sendable {
        public enum Kind: Sendable {
            /// A table, trigger or view is not that of the format.
            case schema
            /// SQLite finds the file's own structure broken.
            case structure
            /// A derived row is missing, or is not what the entries give.
            case projection
        }

        public let kind: Kind
        /// The entry whose row differs, if one can be named.
        public let index: Int64?
        public let detail: String
    }

    private static let limit = 20

    /// The first differences; the ledger's entries must be readable.
    public static func differences(at path: String) throws(LedgerError) -> [Difference] {
        let queue = try LedgerFile.openReader(at: path)
        return try SQLiteFailure.translate(path: path) {
            try queue.inDatabase { db in
                let structure = try structureDifferences(db)
                let schema = try schemaDifferences(db)
                if !structure.isEmpty || schema.contains(where: { $0.kind == .projection }) {
                    return structure + schema
                }
                do {
                    return schema + (try projectionDifferences(db, path: path))
                } catch  where !schema.isEmpty {
                    return schema
                }
            }
        }
    }

    private static func structureDifferences(_ db: Database) throws -> [Difference] {
        let lines = try String.fetchAll(db, sql: "PRAGMA integrity_check(\(limit))")
        if lines == ["ok"] { return [] }
        return lines.map { Difference(kind: .structure, index: nil, detail: $0) }
    }

    private static func schemaDifferences(_ db: Database) throws -> [Difference] {
        let fresh = try DatabaseQueue()
        let expected = try fresh.write { db in
            try db.execute(sql: LedgerSchema.entriesSQL)
            try db.execute(sql: LedgerSchema.projectionsSQL)
            return try schema(db)
        }
        let actual = try schema(db)
        var differences: [Difference] = []
        for (name, sql) in expected where actual[name] != sql {
            differences.append(
                Difference(
                    kind: isProjectionTable(name) ? .projection : .schema, index: nil,
                    detail: actual[name] == nil ? "\(name) is missing" : "\(name) was altered"))
        }
        for name in actual.keys where expected[name] == nil {
            differences.append(
                Difference(kind: .schema, index: nil, detail: "\(name) is no part of a ledger"))
        }
        return differences.sorted { $0.detail < $1.detail }
    }

    private static func isProjectionTable(_ name: String) -> Bool {
        Reindexing.tables.contains { name == "table \($0)" || name.hasPrefix("index \($0)_") }
    }

    /// The SQL of everything in the schema, by kind and name.
    private static func schema(_ db: Database) throws -> [String: String] {
        // A damaged file may hold anything here, which GRDB's rows would not take.
        let rows = try RawStatement(
            db,
            """
            SELECT type, name, sql FROM sqlite_schema
            WHERE name NOT LIKE 'sqlite\\_stat%' ESCAPE '\\'
            """)
        var schema: [String: String] = [:]
        while try rows.step() {
            schema["\(rows.text(0) ?? "") \(rows.text(1) ?? "")"] = rows.text(2) ?? ""
        }
        return schema
    }

    private static func projectionDifferences(
        _ source: Database, path: String
    ) throws -> [Difference] {
        let version = try String.fetchOne(
            source, sql: "SELECT value FROM meta WHERE name = 'projection'")
        guard version == String(LedgerFile.projectionVersion) else {
            return [
                Difference(
                    kind: .projection, index: nil,
                    detail: "the projections have version \(version ?? "none"): ledger reindex")
            ]
        }
        // A database in a temporary file of SQLite's own.
        let scratch = try DatabaseQueue(path: "")
        return try scratch.writeWithoutTransaction { db in
            try db.inTransaction {
                try db.execute(sql: LedgerSchema.projectionsSQL)
                try Reindexing.fill(db, readingFrom: source) { _ in }
                return .commit
            }
            return try Reindexing.tables.filter { $0 != "seen_recent" }.flatMap { table in
                try differences(of: table, actual: source, expected: db)
            }
        }
    }

    // Both sides have the same key and are walked in its order.
    private static func differences(
        of table: String, actual: Database, expected: Database
    ) throws -> [Difference] {
        let columns = try expected.columns(in: table).map(\.name)
        let key = try expected.primaryKey(table).columns
        let names = columns.joined(separator: ", ")
        // Which rows have moved from the one to the other depends on how they came in.
        let rows =
            table == "seen"
            ? "(SELECT * FROM seen UNION ALL SELECT identity, idx FROM seen_recent)" : table
        let sql = "SELECT \(names) FROM \(rows) ORDER BY \(key.joined(separator: ", "))"
        let left = try Row.fetchCursor(actual, sql: sql)
        let right = try Row.fetchCursor(expected, sql: sql)
        var found: [Difference] = []
        while found.count < limit {
            let (actual, expected) = (try left.next(), try right.next())
            if actual == nil, expected == nil { break }
            if let actual, let expected, actual == expected { continue }
            let value: DatabaseValue? = (expected ?? actual)?["idx"]
            let index = value.flatMap(Int64.fromDatabaseValue)
            let what =
                expected == nil ? "has a row too many" : actual == nil ? "lacks a row" : "differs"
            found.append(
                Difference(
                    kind: .projection, index: index,
                    detail: "\(table) \(what): ledger reindex builds it anew"))
            // One row too many or too few shifts all that follow.
            guard let actual, let expected, key.allSatisfy({ isSame($0, actual, expected) })
            else { break }
        }
        return found
    }

    private static func isSame(_ column: String, _ left: Row, _ right: Row) -> Bool {
        let (left, right): (DatabaseValue, DatabaseValue) = (left[column], right[column])
        return left == right
    }
}
