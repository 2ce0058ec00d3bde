import GRDB
import LedgerCore

/// Copies a ledger's file as it stood at an earlier head.
public enum SQLiteSnapshot {
    /// What was recorded after `index` is not in the copy, and its projections are built from the
    /// entries that are.
    ///
    /// - Parameter progress: called now and then with the number of entries that were read back.
    public static func make(
        of path: String, at destination: String, upTo index: Int64, progress: (Int64) -> Void
    ) throws(LedgerError) {
        let head = try SQLiteBackup.make(of: path, at: destination)
        if head.index == index { return }
        let queue = try LedgerFile.openWriter(at: destination)
        try SQLiteFailure.translate(path: destination) {
            try queue.write { db in
                // It is nobody's ledger: what the triggers stop is what it is made for.
                let triggers = try String.fetchAll(
                    db, sql: "SELECT name FROM sqlite_master WHERE type = 'trigger'")
                for name in triggers {
                    try db.execute(sql: "DROP TRIGGER \(name.quotedDatabaseIdentifier)")
                }
                for table in ["entry", "body", "private"] {
                    try db.execute(
                        sql: "DELETE FROM \(table) WHERE idx > ?", arguments: [index])
                }
                try Reindexing.rebuild(db, log: try LedgerFile.log(db), progress: progress)
            }
            try queue.close()
        }
    }
}
