import LedgerCore
import LedgerCrypto
import LedgerStore
import Synchronization

/// The tokens of a ledger's file, as its entries tell of them.
///
/// They are read again once they are a second old, so that what another process revokes is refused
/// a second later; a token that is not known yet is looked for at once, ten times a second at most.
public final class TokenBook: Sendable {
    private struct Page {
        var tokens: [String: IssuedToken] = [:]
        // The monotonic time of the last reading; nil before the first.
        var read: ContinuousClock.Instant?
    }

    private let path: String
    private let clock: Clock
    private let page = Mutex(Page())

    public init(path: String, clock: Clock = .system) {
        self.path = path
        self.clock = clock
    }

    /// Whom a token stands for. The secret is compared in constant time.
    ///
    /// - Throws: `notAllowed` for a token that is not known, expired or revoked: always the same,
    ///   so that nobody learns which.
    public func access(with secret: TokenSecret) throws(LedgerError) -> Access {
        let token = try token(secret.id)
        // Compared even if there is none, so that the time tells nothing.
        let isSame = ConstantTime.isEqual(token?.digest ?? .zero, secret.digest)
        let now = Timestamp(milliseconds: clock.now())
        guard let token, isSame, token.isValid(at: now) else {
            throw LedgerError(
                .notAllowed, "the token is not valid",
                advice: "it may be mistyped, expired or revoked: ledger token list")
        }
        return token.access
    }

    /// What was read is not good any more.
    public func forget() {
        page.withLock { $0.read = nil }
    }

    private func token(_ id: String) throws(LedgerError) -> IssuedToken? {
        let (known, isFresh) = page.withLock { page in
            let age = page.read.map { ContinuousClock.now - $0 }
            let limit: Duration = page.tokens[id] == nil ? .milliseconds(100) : .seconds(1)
            return (page.tokens[id], age.map { $0 < limit } ?? false)
        }
        if isFresh { return known }
        let tokens = try Self.tokens(at: path)
        page.withLock { page in
            page.tokens = tokens
            page.read = .now
        }
        return tokens[id]
    }

    /// Every token that was ever created, by its id.
    public static func tokens(at path: String) throws(LedgerError) -> [String: IssuedToken] {
        IssuedToken.all(in: try SQLiteEntryReader(path: path).tokenEntries())
    }
}
