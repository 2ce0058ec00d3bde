import GRDB
import LedgerCore

/// Says in the ledger's words what SQLite reports.
enum SQLiteFailure {
    static func translate<Result>(
        path: String, _ body: () throws -> Result
    ) throws(LedgerError) -> Result {
        do {
            return try body()
        } catch {
            throw ledgerError(error, path: path)
        }
    }

    static func ledgerError(_ error: any Error, path: String) -> LedgerError {
        if let error = error as? LedgerError { return error }
        guard let error = error as? DatabaseError else {
            return LedgerError(.internal, "\(path): \(error)", cause: error)
        }
        let message = error.message ?? "SQLite error \(error.extendedResultCode.rawValue)"
        switch error.resultCode {
        case _ where isWithoutRoom(error):
            return LedgerError(
                .diskFull, "there is no room to write to \(path)",
                advice: "nothing of this was recorded: make room and try again", cause: error)
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH:
            return LedgerError(
                .readOnly, "\(path) can't be written: \(message)",
                advice: "check the rights on the file and its folder", cause: error)
        // PROTOCOL: a process that was stopped while it opened the file holds a lock for long.
        case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_PROTOCOL:
            return LedgerError(
                .busy, "\(path) is in use: \(message)", advice: "try again", cause: error)
        case .SQLITE_NOTADB:
            return LedgerError(
                .notALedger, "\(path) is not a ledger: \(message)",
                advice: "name the ledger with --ledger, or make one with ledger init", cause: error)
        case .SQLITE_CORRUPT, .SQLITE_FORMAT, .SQLITE_SCHEMA, .SQLITE_MISMATCH:
            return LedgerError(
                .damaged, "\(path) is damaged: \(message)",
                advice: "see how far it stands with: ledger verify", cause: error)
        case .SQLITE_ERROR where message.hasPrefix("no such table"),
            .SQLITE_ERROR where message.hasPrefix("no such column"),
            .SQLITE_ERROR where message.hasPrefix("malformed database schema"):
            return LedgerError(
                .damaged, "\(path) is damaged: \(message)", advice: "ledger reindex", cause: error)
        case .SQLITE_CANTOPEN:
            return LedgerError(.io, "\(path) can't be opened: \(message)", cause: error)
        case .SQLITE_IOERR:
            return LedgerError(
                .stopped, "writing to or reading from \(path) failed: \(message)",
                advice: "check the disk; nothing of this was recorded", cause: error)
        default:
            return LedgerError(.internal, "\(path): \(message)", cause: error)
        }
    }

    /// Whether there is no room for the file, or for what processes share beside its write-ahead
    /// log.
    static func isWithoutRoom(_ error: DatabaseError) -> Bool {
        error.resultCode == .SQLITE_FULL || error.extendedResultCode == .SQLITE_IOERR_SHMSIZE
    }
}
