import GRDB
import GRDBSQLite
import Glibc
import LedgerCore

/// Copies a ledger's file while it is written to.
public enum SQLiteBackup {
    private static let pagesPerStep: CInt = 1024

    /// Makes a copy as of one moment. It appears whole or not at all, never over another file, and
    /// only its owner may read it.
    ///
    /// - Parameter progress: called now and then with the number of bytes done and of all.
    /// - Returns: the head of the copy.
    public static func make(
        of path: String, at destination: String, progress: (Int64, Int64) -> Void = { _, _ in }
    ) throws(LedgerError) -> Head {
        let reader = try SQLiteEntryReader(path: path)
        // What was read keeps the moment for the pages that are copied too.
        let head = try reader.head()
        try NewFile.make(at: destination, mode: 0o600) { draft throws(LedgerError) in
            try copy(reader, to: draft, destination, progress)
        }
        return head
    }

    private static func copy(
        _ reader: SQLiteEntryReader, to draft: String, _ destination: String,
        _ progress: (Int64, Int64) -> Void
    ) throws(LedgerError) {
        var configuration = Configuration()
        // A draft is of no use to anybody until it is whole: nothing of it needs to be undone.
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA journal_mode = OFF") }
        let frozen = configuration
        let queue = try SQLiteFailure.translate(path: destination) {
            try DatabaseQueue(path: draft, configuration: frozen)
        }
        do {
            try queue.writeWithoutTransaction { target in
                try reader.read { source in
                    let size = try Int64.fetchOne(source, sql: "PRAGMA page_size") ?? 0
                    try withoutActuallyEscaping(progress) { progress in
                        try source.backup(to: target, pagesPerStep: pagesPerStep) { state in
                            progress(
                                Int64(state.completedPageCount) * size,
                                Int64(state.totalPageCount) * size)
                        }
                    }
                }
            }
            try queue.close()
        } catch {
            throw SQLiteFailure.ledgerError(error, path: destination)
        }
    }
}
