import JWTKit
import LedgerCore
import LedgerIngest

/// A key with which an issuer signs its tokens.
struct IssuerKey: Sendable {
    let id: String?
    // By their names in a token's header; only those that the key is for.
    private let algorithms: [String: any JWTAlgorithm]

    /// More keys no issuer has at a time.
    static let limit = 100

    /// The keys of a JWK Set (RFC 7517 §5). Those that can't be used are left out, as it demands.
    ///
    /// - Throws: `io` for what is no such set, or one without a key for us.
    static func all(in bytes: [UInt8]) async throws(LedgerError) -> [IssuerKey] {
        guard let set = try? LenientJSON.read(bytes), let items = set["keys"]?.elements else {
            throw LedgerError(.io, "what it says to be its keys is no set of keys")
        }
        var keys: [IssuerKey] = []
        for item in items.prefix(limit) {
            if let key = await IssuerKey(item, of: bytes) { keys.append(key) }
        }
        if keys.isEmpty {
            throw LedgerError(.io, "none of its keys is for signatures that are known here")
        }
        return keys
    }

    private init?(_ item: LenientJSON, of bytes: [UInt8]) async {
        if let use = item["use"]?.text, use != "sig" { return nil }
        let names = Self.names(item)
        guard !names.isEmpty,
            var key = try? JWK(json: String(decoding: bytes[item.range], as: UTF8.self))
        else { return nil }
        id = item["kid"]?.text
        // The library wants one, and finds the key by it.
        let identifier: JWKIdentifier = "key"
        key.keyIdentifier = identifier
        var algorithms: [String: any JWTAlgorithm] = [:]
        for name in names {
            // One collection for each: it goes on with the algorithm that it was first asked for.
            let collection = JWTKeyCollection()
            guard (try? await collection.add(jwk: key)) != nil,
                let algorithm = try? await collection.getKey(for: identifier, alg: name),
                algorithm.name == name
            else { continue }
            algorithms[name] = algorithm
        }
        if algorithms.isEmpty { return nil }
        self.algorithms = algorithms
    }

    // The key's kind decides which algorithms may use it, never the token: else an RSA key that
    // everybody knows could be taken for the secret of an HMAC.
    private static func names(_ item: LenientJSON) -> [String] {
        let known =
            switch (item["kty"]?.text, item["crv"]?.text) {
            case ("RSA", _): ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]
            case ("EC", "P-256"): ["ES256"]
            case ("EC", "P-384"): ["ES384"]
            case ("OKP", "Ed25519"): ["EdDSA"]
            default: [String]()
            }
        guard let only = item["alg"]?.text else { return known }
        return known.contains(only) ? [only] : []
    }

    func isFor(_ token: IdentityToken) -> Bool {
        guard algorithms[token.algorithm] != nil else { return false }
        guard let wanted = token.keyID else { return true }
        return id.map { $0.hasSameBytes(as: wanted) } ?? false
    }

    /// Whether the token's signature is by this key.
    func hasSigned(_ token: IdentityToken) -> Bool {
        guard let algorithm = algorithms[token.algorithm] else { return false }
        return (try? algorithm.verify(token.signature, signs: token.signed)) ?? false
    }
}
