import LedgerCore
import LedgerCrypto
import LedgerStore
import Synchronization

/// The tokens of a ledger's file, as its entries tell of them.
///
/// They are read again once they are a second old, so that what another process revokes is refused
/// a second later. One that is not known is looked for at once.
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

    public static let invalid = LedgerError(
        .notAuthenticated, "the token is not valid",
        advice: "it may be mistyped, expired or revoked: ledger token list")

    /// Whom a token stands for, as far as what was read last tells and is fresh; nil if the tokens
    /// must be read first. The secret is compared in constant time.
    ///
    /// - Throws: `notAuthenticated` for a token that is not valid: always the same, so that nobody
    ///   learns why.
    public func freshAccess(with secret: TokenSecret) throws(LedgerError) -> Access? {
        let (token, isFresh) = page.withLock { page in
            let age = page.read.map { ContinuousClock.now - $0 }
            return (page.tokens[secret.id], age.map { $0 < Self.freshness } ?? false)
        }
        return token != nil && isFresh ? try access(of: token, with: secret) : nil
    }

    /// Reads the tokens, and tells whom one stands for.
    ///
    /// - Throws: `notAuthenticated` as above.
    public func access(with secret: TokenSecret) throws(LedgerError) -> Access {
        // Others go on with what they have in the meantime.
        page.withLock { $0.read = .now }
        let tokens = try Self.tokens(at: path)
        page.withLock { $0.tokens = tokens }
        return try access(of: tokens[secret.id], with: secret)
    }

    private static let freshness = Duration.seconds(1)

    private func access(
        of token: IssuedToken?, with secret: TokenSecret
    ) throws(LedgerError) -> Access {
        // Compared even if there is none, so that the time tells nothing.
        let isSame = ConstantTime.isEqual(token?.digest ?? .zero, secret.digest)
        let now = Timestamp(milliseconds: clock.now())
        guard let token, isSame, token.isValid(at: now) else { throw Self.invalid }
        return token.access
    }

    /// What was read is not good any more.
    public func forget() {
        page.withLock { $0.read = nil }
    }

    /// Every token that was ever created, by its id.
    public static func tokens(at path: String) throws(LedgerError) -> [String: IssuedToken] {
        IssuedToken.all(in: try SQLiteEntryReader(path: path).tokenEntries())
    }
}
