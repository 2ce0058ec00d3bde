import Crypto
import Foundation
import JWTKit
import LedgerCore
import LedgerCrypto
import TestSupport
import Testing

/// A key of an issuer, with both its halves.
struct SigningKey: Sendable {
    let id: String?
    let algorithm: any JWTAlgorithm
    /// The public half, as an issuer publishes it.
    let jwk: JSONObject

    enum Kind: String, CaseIterable, Sendable {
        case rs256, rs384, rs512, ps256, ps384, ps512, es256, es384, edDSA

        var name: String { self == .edDSA ? "EdDSA" : rawValue.uppercased() }
    }

    /// - Parameter declaresAlgorithm: whether what is published says `alg`.
    init(_ kind: Kind, id: String?, declaresAlgorithm: Bool = true) async throws {
        let keys = JWTKeyCollection()
        var jwk = JSONObject()
        switch kind {
        case .es256:
            let key = ES256PrivateKey()
            await keys.add(ecdsa: key, kid: "key")
            jwk = try Self.point(key.publicKey.parameters, "P-256")
        case .es384:
            let key = ES384PrivateKey()
            await keys.add(ecdsa: key, kid: "key")
            jwk = try Self.point(key.publicKey.parameters, "P-384")
        case .edDSA:
            let key = try EdDSA.PrivateKey()
            await keys.add(eddsa: key, kid: "key")
            jwk = JSONObject([
                "crv": "Ed25519", "kty": "OKP",
                "x": .string(Base64URL.encode(key.publicKey.rawRepresentation)),
            ])
        default:
            let (_, pem) = try Shell.run("openssl", ["genrsa", "2048"])
            let start = try #require(pem.range(of: "-----BEGIN"))
            let key = try Insecure.RSA.PrivateKey(pem: String(pem[start.lowerBound...]))
            let digest: DigestAlgorithm =
                kind.rawValue.hasSuffix("256")
                ? .sha256 : kind.rawValue.hasSuffix("384") ? .sha384 : .sha512
            if kind.rawValue.hasPrefix("rs") {
                await keys.add(rsa: key, digestAlgorithm: digest, kid: "key")
            } else {
                await keys.add(pss: key, digestAlgorithm: digest, kid: "key")
            }
            let (modulus, exponent) = try key.publicKey.getKeyPrimitives()
            jwk = JSONObject([
                "e": .string(Base64URL.encode(exponent)), "kty": "RSA",
                "n": .string(Base64URL.encode(modulus)),
            ])
        }
        if let id { jwk["kid"] = .string(id) }
        if declaresAlgorithm { jwk["alg"] = .string(kind.name) }
        jwk["use"] = "sig"
        self.id = id
        self.jwk = jwk
        algorithm = try await keys.getKey(for: "key", alg: kind.name)
    }

    private static func point(_ point: ECDSAParameters?, _ curve: String) throws -> JSONObject {
        func coordinate(_ text: String) throws -> JSON {
            .string(Base64URL.encode(try #require(Base64.decode(text))))
        }
        let point = try #require(point)
        return JSONObject([
            "crv": .string(curve), "kty": "EC", "x": try coordinate(point.x),
            "y": try coordinate(point.y),
        ])
    }

    /// A signed token.
    ///
    /// - Parameter header: in place of members of the usual one.
    func token(_ claims: JSONObject, header: KeyValuePairs<String, JSON?> = [:]) throws -> String {
        let signed = signedPart(claims, header)
        return signed + "." + Base64URL.encode(try algorithm.sign(Array(signed.utf8)))
    }

    /// Header and claims.
    func signedPart(_ claims: JSONObject, _ header: KeyValuePairs<String, JSON?> = [:]) -> String {
        var full = JSONObject(["alg": .string(algorithm.name), "typ": "JWT"])
        if let id { full["kid"] = .string(id) }
        for (name, value) in header { full[name] = value }
        return Base64URL.encode(CanonicalJSON.bytes(.object(full))) + "."
            + Base64URL.encode(CanonicalJSON.bytes(.object(claims)))
    }
}
