import GRDB
import LedgerCore

/// The row of an entry's private values, taken out and put in as a whole.
struct PrivateRow {
    private let select: RawStatement
    private let delete: RawStatement
    private let insert: RawStatement

    init(_ db: Database) throws {
        select = try RawStatement(db, "SELECT \(PrivateColumns.list) FROM private WHERE idx = ?")
        delete = try RawStatement(db, "DELETE FROM private WHERE idx = ?")
        insert = try RawStatement(
            db,
            """
            INSERT INTO private (idx, \(PrivateColumns.list))
            VALUES (?\(String(repeating: ", ?", count: PrivateColumns.names.count + 1)))
            """)
    }

    func disclosures(of index: Int64) throws -> [Disclosure] {
        select.bind(index, at: 1)
        defer { select.reset() }
        return try select.step() ? PrivateColumns.disclosures(in: select, from: 0) : []
    }

    func replace(with disclosures: [Disclosure], of index: Int64) throws {
        delete.bind(index, at: 1)
        try delete.run()
        if disclosures.isEmpty { return }
        PrivateColumns.bind(disclosures, index: index, to: insert)
        try insert.run()
    }
}
