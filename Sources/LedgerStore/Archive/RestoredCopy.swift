import GRDB
import Glibc
import LedgerCore

/// A copy of a ledger in which what archives hold is back, as if it had never been archived.
///
/// It is for answers and for verification, and of use to one process: nobody writes to it.
public final class RestoredCopy: Sendable {
    public let path: String
    private let folder: String

    /// - Parameter folders: archives of the ledger.
    public init(of ledger: String, with folders: [String]) throws(LedgerError) {
        folder = try TemporaryPath.makeFolder()
        path = "\(folder)/ledger.db"
        _ = try SQLiteBackup.make(of: ledger, at: path)
        for archive in folders {
            let reader = try SQLiteEntryReader(path: path)
            let index = try reader.checkedArchive(archive)
            try reader.close()
            let store = try SQLiteEntryStore(path: path)
            try store.bringBack(archive, of: index)
            try store.close()
        }
    }

    deinit { remove() }

    /// Takes the files away; who has them open reads on.
    public func remove() {
        for suffix in ["", "-wal", "-shm", ".lock"] { unlink(path + suffix) }
        rmdir(folder)
    }
}

extension SQLiteEntryStore {
    /// Restores without an entry that says so: only of a copy.
    fileprivate func bringBack(_ folder: String, of archive: Int64) throws(LedgerError) {
        try changeCopy { db in
            // The triggers ask for that entry.
            let triggers = try Row.fetchAll(
                db, sql: "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
            for trigger in triggers {
                try db.execute(
                    sql: "DROP TRIGGER \((trigger[0] as String).quotedDatabaseIdentifier)")
            }
            try Restoring(db, folder: folder, archive: archive).run()
            for trigger in triggers { try db.execute(sql: trigger[1]) }
        }
    }
}
