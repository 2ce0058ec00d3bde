import LedgerCore
import LedgerCrypto

/// What a new token may do.
public struct TokenRequest: Sendable {
    public var role: Role
    public var scope: WriteScope
    public var name: String?
    public var expires: Timestamp?

    public init(
        role: Role, scope: WriteScope = .everywhere, name: String? = nil, expires: Timestamp? = nil
    ) {
        self.role = role
        self.scope = scope
        self.name = name
        self.expires = expires
    }
}

extension LocalLedger {
    public func createToken(
        _ request: TokenRequest
    ) async throws(LedgerError) -> (secret: String, id: String, receipt: Receipt) {
        try await createToken(request, by: principal)
    }

    public func revokeToken(_ id: String) async throws(LedgerError) -> Receipt {
        try await revokeToken(id, by: principal)
    }

    /// Creates a token. The ledger keeps its digest only: this is the one time that it is shown.
    public func createToken(
        _ request: TokenRequest, by principal: Principal
    ) async throws(LedgerError) -> (secret: String, id: String, receipt: Receipt) {
        if !request.role.mayWrite, request.scope != .everywhere {
            throw LedgerError(
                .usage,
                "services, environments and sources say where a token may write, and a "
                    + "\(request.role) writes nothing",
                advice: "leave them out, or choose the role writer")
        }
        var random = SecureRandom()
        let secret = TokenSecret(random: &random)
        func list(_ values: [String]) -> JSON? {
            values.isEmpty ? nil : .array(values.map(JSON.string))
        }
        let token = JSONObject([
            "action": "create", "digest": .string("sha256:" + secret.digest.hex),
            "environments": list(request.scope.environments),
            "expires": request.expires.map { .string($0.utc) }, "id": .string(secret.id),
            "role": .string(request.role.rawValue), "services": list(request.scope.services),
            "sources": list(request.scope.sources),
        ])
        let receipt = try await recordOwn(token, title: request.name, by: principal)
        return (secret.text, secret.id, receipt)
    }

    /// Revokes a token: it is refused from then on.
    ///
    /// - Throws: `notFound` with "did you mean".
    public func revokeToken(
        _ id: String, by principal: Principal
    ) async throws(LedgerError) -> Receipt {
        let tokens = try TokenBook.tokens(at: path)
        guard let token = tokens[id] else {
            throw LedgerError(
                .notFound, "there is no token \(VisibleName.of(id))",
                advice: Suggestion.advice(for: id, among: tokens.keys.sorted()))
        }
        if let revoked = token.revoked {
            throw LedgerError(.exists, "the token \(id) was revoked at \(revoked.utc)")
        }
        return try await recordOwn(
            JSONObject(["action": "revoke", "id": .string(id)]), title: nil, by: principal)
    }

    private func recordOwn(
        _ token: JSONObject, title: String?, by principal: Principal
    ) async throws(LedgerError) -> Receipt {
        var object = JSONObject(["token": .object(token), "type": "token"])
        object.set(title, at: "title")
        let event = try EventReader.event(from: object, mayBeOwn: true)
        let receipts = try await record([event], source: "ledger", as: principal)
        guard let receipt = receipts.first else { throw .noReceipt }
        return receipt
    }
}
