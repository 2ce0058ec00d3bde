import LedgerCore
import LedgerIngest

/// What an issuer says in a token.
struct IdentityClaims: Sendable {
    /// How far the clocks of issuer and ledger may be apart, in seconds.
    static let tolerance = 60.0

    let issuer: String
    let subject: String
    private let audiences: [String]
    // Seconds since 1970.
    private let expires: Double
    private let notBefore: Double?
    private let issued: Double?
    // Those that are a text, a number or a truth, or lists of them.
    private let values: [(name: String, texts: [String])]

    /// - Parameter bytes: those that the object was read from.
    /// - Throws: `notAuthenticated` if a claim that every token needs is absent or of another kind.
    init(_ object: LenientJSON, of bytes: [UInt8]) throws(LedgerError) {
        values = (object.members ?? []).map { member in
            (member.name, Self.texts(member.value, bytes))
        }
        guard let issuer = object["iss"]?.text else {
            throw IdentityToken.invalid("it names no issuer")
        }
        guard let subject = object["sub"]?.text else {
            throw IdentityToken.invalid("it names no subject")
        }
        self.issuer = issuer
        self.subject = subject
        audiences =
            object["aud"]?.text.map { [$0] } ?? object["aud"]?.elements?.compactMap(\.text) ?? []
        guard let expires = try Self.time("exp", object, bytes) else {
            throw IdentityToken.invalid("it never expires")
        }
        self.expires = expires
        notBefore = try Self.time("nbf", object, bytes)
        issued = try Self.time("iat", object, bytes)
    }

    private static func time(
        _ name: String, _ object: LenientJSON, _ bytes: [UInt8]
    ) throws(LedgerError) -> Double? {
        guard let value = object[name] else { return nil }
        guard case .number = value.kind,
            let time = Double(String(decoding: bytes[value.range], as: UTF8.self)), time.isFinite
        else { throw IdentityToken.invalid("its \(name) is no time") }
        return time
    }

    private static func texts(_ value: LenientJSON, _ bytes: [UInt8]) -> [String] {
        switch value.kind {
        case .string(let text): text.isEmpty ? [] : [text]
        case .bool, .number: [String(decoding: bytes[value.range], as: UTF8.self)]
        case .array(let elements):
            elements.flatMap { $0.elements == nil ? texts($0, bytes) : [] }
        case .null, .object: []
        }
    }

    /// The texts that a claim holds: one, or those of its list. Empty if it is absent.
    subscript(name: String) -> [String] {
        values.last { $0.name.hasSameBytes(as: name) }?.texts ?? []
    }

    var names: [String] { values.map(\.name) }

    /// - Parameter now: seconds since 1970.
    /// - Throws: `notAuthenticated` for a token that is for others or for another time.
    func check(audience: String, now: Double) throws(LedgerError) {
        guard audiences.contains(where: { $0.hasSameBytes(as: audience) }) else {
            throw LedgerError(
                .notAuthenticated, "the identity token is not for this ledger",
                advice: "ask the issuer for one with the audience \(audience)")
        }
        if now >= expires + Self.tolerance { throw IdentityToken.invalid("it has expired") }
        if let notBefore, now < notBefore - Self.tolerance {
            throw IdentityToken.invalid("it is not good yet")
        }
        if let issued, now < issued - Self.tolerance {
            throw IdentityToken.invalid("it was issued in the future")
        }
    }
}
