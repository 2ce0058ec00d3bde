import GRDB
import LedgerCore

/// What reports count over the whole ledger.
extension SQLiteEntryReader {
    /// How many entries were recorded with a token, and the first and the last of them.
    public struct TokenUse: Sendable {
        public let count: Int64
        public let first: Int64
        public let last: Int64
    }

    /// By the token's id.
    public func tokenUses() throws(LedgerError) -> [ExactText: TokenUse] {
        try read { db in
            // No index stands behind this: it is asked for once a quarter.
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT json_extract(bytes, '$.principal.id'), count(*), min(idx), max(idx)
                    FROM body WHERE json_extract(bytes, '$.principal.kind') = 'token' GROUP BY 1
                    """)
            return Dictionary(
                rows.map {
                    (ExactText($0[0]), TokenUse(count: $0[1], first: $0[2], last: $0[3]))
                }, uniquingKeysWith: { first, _ in first })
        }
    }

    /// How many leaves and bodies are there.
    public func heldEntries() throws(LedgerError) -> (leafCount: Int64, bodyCount: Int64) {
        try read { db in
            (
                try Int64.fetchOne(db, sql: "SELECT count(*) FROM entry") ?? 0,
                try Int64.fetchOne(db, sql: "SELECT count(*) FROM body") ?? 0
            )
        }
    }
}
