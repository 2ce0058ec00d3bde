import Hummingbird
import HummingbirdCore
import LedgerCore
import LedgerCrypto
import LedgerOperations

/// Whom an issuer's identity token stands for.
protocol IdentityVerifier: Sendable {
    /// - Throws: `notAuthenticated` for a token that is not good, `notAllowed` if no rule gives it a
    ///   role.
    func access(with token: String) async throws(LedgerError) -> Access
}

/// Finds out who asks, and whether they may.
struct Doorkeeper: Sendable {
    let tokens: TokenBook
    /// Nil if no issuer is trusted.
    let identities: (any IdentityVerifier)?
    let isReadingPublic: Bool
    let attempts: FailedAttempts
    let rates: RequestRates
    let workers: Workers
    let metrics: ServiceMetrics

    private static let anonymous = Access(
        principal: Principal(kind: .token, id: "anonymous"), role: .reader)

    /// For those who record.
    func writer(_ request: Request, _ context: LedgerContext) async throws -> Access {
        let access = try await required(request, context)
        try access.checkWriting()
        return access
    }

    /// For those who read the history.
    func reader(_ request: Request, _ context: LedgerContext) async throws -> Access {
        let access = try await anyone(request, context)
        guard access.role.mayRead else {
            throw LedgerError(
                .notAllowed, "the role \(access.role) may not read this",
                advice: "use a token of role reader, auditor or admin")
        }
        return access
    }

    /// For what both need: the head, single entries, names.
    func anyone(_ request: Request, _ context: LedgerContext) async throws -> Access {
        if isReadingPublic, request.headers[.authorization] == nil { return Self.anonymous }
        return try await required(request, context)
    }

    func administrator(_ request: Request, _ context: LedgerContext) async throws -> Access {
        let access = try await required(request, context)
        guard access.role == .admin else {
            throw LedgerError(
                .notAllowed, "this needs the role admin, and this token has \(access.role)")
        }
        return access
    }

    private func required(
        _ request: Request, _ context: LedgerContext
    ) async throws(LedgerError) -> Access {
        guard let field = request.headers[.authorization] else {
            throw LedgerError(
                .notAuthenticated, "a token is needed",
                advice: "send Authorization: Bearer TOKEN; ledger token create makes one")
        }
        let access: Access
        do throws(LedgerError) {
            access = try await self.access(with: field)
        } catch {
            guard error.code == .notAuthenticated else { throw error }
            metrics.countFailedAuthentication()
            try await attempts.failed(context.peer)
            throw error
        }
        try rates.take(access.principal.id)
        return access
    }

    private func access(with field: String) async throws(LedgerError) -> Access {
        let parts = field.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else {
            throw LedgerError(
                .notAuthenticated, "the field Authorization is not Bearer TOKEN")
        }
        let text = String(parts[1])
        if let secret = TokenSecret(text) {
            if let access = try tokens.freshAccess(with: secret) { return access }
            do {
                return try await workers.run { try tokens.access(with: secret) }
            } catch {
                throw LedgerError(wrapping: error)
            }
        }
        if let identities, text.split(separator: ".").count == 3 {
            return try await identities.access(with: text)
        }
        throw TokenBook.invalid
    }
}
