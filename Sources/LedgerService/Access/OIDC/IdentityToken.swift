import LedgerCore
import LedgerCrypto
import LedgerIngest

// IdentityToken.swift
//
// An identity token is a JSON Web Token in its compact form (RFC 7519, RFC 7515 §7.1):
//
//    base64url(header) "." base64url(claims) "." base64url(signature)
//
// It is good if and only if
//    (1) it has at most 16,384 bytes, and its header no `crit`,
//    (2) `iss` is, byte by byte, a trusted issuer,
//    (3) `alg` is an asymmetric algorithm (never `none`, never an HMAC, whose key would have to be a
//        secret that we share), and the signature over the first two parts is by a key that the
//        issuer publishes for that algorithm under the header's `kid`,
//    (4) `aud` holds our audience,
//    (5) `exp` is there and not over, and neither `nbf` nor `iat` lies ahead, each within 60 s,
//    (6) `sub` is there.

/// The parts of an identity token. Nothing in it is checked yet.
struct IdentityToken: Sendable {
    /// More than any issuer's tokens need; a header of HTTP that long is refused by most proxies.
    static let byteLimit = 16_384

    let algorithm: String
    let keyID: String?
    let claims: IdentityClaims
    /// What the signature is over.
    let signed: [UInt8]
    let signature: [UInt8]

    /// - Throws: `notAuthenticated` for what is no such token.
    init(_ text: String) throws(LedgerError) {
        guard text.utf8.count <= Self.byteLimit else {
            throw Self.invalid("it has more than \(Self.byteLimit) bytes")
        }
        let bytes = Array(text.utf8)
        let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, let headerBytes = Base64URL.decode(parts[0]),
            let claimBytes = Base64URL.decode(parts[1]),
            let signature = Base64URL.decode(parts[2])
        else { throw Self.invalid("it is not three parts in base64url") }
        let header = try Self.object(headerBytes, "header")
        guard let algorithm = header["alg"]?.text else {
            throw Self.invalid("its header names no algorithm")
        }
        if header["crit"] != nil {
            throw Self.invalid("its header demands an extension, and none is known here")
        }
        self.algorithm = algorithm
        keyID = header["kid"]?.text
        claims = try IdentityClaims(try Self.object(claimBytes, "claims"), of: claimBytes)
        signed = Array(bytes[..<parts[1].endIndex])
        self.signature = signature
    }

    private static func object(_ bytes: [UInt8], _ part: String) throws(LedgerError) -> LenientJSON
    {
        guard let object = try? LenientJSON.read(bytes), object.members != nil else {
            throw invalid("its \(part) can't be read")
        }
        return object
    }

    static func invalid(_ reason: String) -> LedgerError {
        LedgerError(
            .notAuthenticated, "the identity token is not valid: \(reason)",
            advice: "ask the issuer for a new one just before it is used")
    }
}
