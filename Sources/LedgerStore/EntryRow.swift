import GRDB
import LedgerCore

/// Reads whole entries.
enum EntryRow {
    static let columns = """
        entry.idx, entry.leaf, entry.hash, body.bytes, carried.archive, \(PrivateColumns.list)
        """
    static let source = """
        FROM entry
        LEFT JOIN body ON body.idx = entry.idx
        LEFT JOIN carried ON carried.idx = entry.idx
        LEFT JOIN private ON private.idx = entry.idx
        """

    /// The body of an entry, or what is left of one that is archived.
    static let toldSQL = """
        SELECT bytes FROM body WHERE idx = ?1 UNION ALL SELECT bytes FROM carried WHERE idx = ?1
        """

    static func fetch(_ db: Database, index: Int64) throws -> StoredEntry? {
        let statement = try RawStatement(db, "SELECT \(columns) \(source) WHERE entry.idx = ?")
        statement.bind(index, at: 1)
        defer { statement.reset() }
        return try statement.step() ? try entry(in: statement) : nil
    }

    static func entry(in statement: RawStatement) throws -> StoredEntry {
        guard let hash = statement.digest(2) else {
            throw LedgerError(
                .damaged, "entry #\(statement.integer(0)) has no hash", advice: "ledger verify")
        }
        return StoredEntry(
            index: statement.integer(0), leaf: statement.bytes(1).map(Array.init) ?? [],
            hash: hash, body: statement.bytes(3).map(Array.init),
            disclosures: PrivateColumns.disclosures(in: statement, from: 5),
            archivedBy: statement.isNull(4) ? nil : statement.integer(4))
    }
}
