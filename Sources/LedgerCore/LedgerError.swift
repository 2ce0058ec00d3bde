/// The one error that reaches people: what happened, what to do next, and why.
///
/// It never holds a secret or a private member's value. Exit status and HTTP status come from `code`.
public struct LedgerError: Error, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable, CaseIterable {
        /// The flags or arguments can't be taken as they are.
        case usage
        /// An event, or the file that it came in, is not valid.
        case invalidEvent = "invalid-event"
        /// The same source and id was recorded before with other content.
        case conflict
        case notFound = "not-found"
        /// A name fits more than one thing.
        case ambiguous
        /// The ledger is there, but can't take more now: come again.
        case busy
        /// Nobody whom the ledger knows asks.
        case notAuthenticated = "not-authenticated"
        case notAllowed = "not-allowed"
        /// None of the forms in which an answer is wanted is known.
        case notAcceptable = "not-acceptable"
        /// What was sent is of a type or an encoding that is not taken.
        case unsupportedType = "unsupported-type"
        /// More than is taken at once.
        case tooLarge = "too-large"
        /// More often than is allowed.
        case tooMany = "too-many"
        case readOnly = "read-only"
        case diskFull = "disk-full"
        /// The file exists and is no ledger.
        case notALedger = "not-a-ledger"
        /// The ledger was written by a newer version of this program.
        case newerFormat = "newer-format"
        /// SQLite can't read the file.
        case damaged
        /// The ledger does not verify.
        case notVerified = "not-verified"
        /// A write to disk failed, and nothing more may be written by this process.
        case stopped
        /// A file, a repository or a command can't be used.
        case io
        case exists
        case `internal`
    }

    public let code: Code
    /// What is wrong, and where: one sentence without a full stop.
    public let message: String
    /// What to do next, if there is something to do.
    public let advice: String?
    public let cause: (any Error)?

    public init(
        _ code: Code, _ message: String, advice: String? = nil, cause: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.advice = advice
        self.cause = cause
    }

    /// The error itself if it is one of ours; anything else as its cause.
    public init(wrapping error: any Error) {
        if let error = error as? LedgerError {
            self = error
        } else {
            self.init(.internal, "\(error)", cause: error)
        }
    }

    public var description: String {
        guard let advice else { return message }
        return "\(message)\n  \(advice)"
    }

    /// The same error with words before its message, such as a line's number.
    public func prefixed(_ prefix: String) -> LedgerError {
        LedgerError(code, "\(prefix): \(message)", advice: advice, cause: cause)
    }
}
