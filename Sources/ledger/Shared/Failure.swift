import ArgumentParser
import Glibc
import LedgerCore

/// How the command ends when something went wrong.
enum Failure {
    static let findings = ExitCode(3)
    static let notVerified = ExitCode(5)

    /// The one place that gives exit statuses their meaning.
    static func status(of code: LedgerError.Code) -> Int32 {
        switch code {
        case .usage: 64
        case .notAllowed, .notAuthenticated: 4
        case .damaged, .notVerified: 5
        case .invalidEvent, .conflict, .notFound, .ambiguous, .busy, .readOnly, .diskFull,
            .notALedger, .newerFormat, .stopped, .io, .exists, .internal, .tooLarge, .tooMany,
            .notAcceptable, .unsupportedType:
            1
        }
    }

    static func report(_ error: LedgerError) {
        Terminal.note("ledger: \(error.description)")
    }
}
