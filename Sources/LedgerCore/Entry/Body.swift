import LedgerCrypto

// Body.swift
//
// What an entry tells. Its bytes are the RFC 8785 form of
//
//    {"event":{…},"nonce":"<16 random bytes, base64url>","principal":{"id":"…","kind":"…"},
//     "private":{"actor":"<digest>",…}}
//
// where `event` holds the public members and `private` maps the name of each private member to the
// digest of its disclosure (Disclosure.swift); `private` is there even if it is empty. The nonce
// hides a body's content from those who know only its digest.

/// The only encoder of what is hashed in a body.
public struct Body: Sendable {
    public let bytes: [UInt8]
    /// In canonical order of their names.
    public let disclosures: [Disclosure]

    /// - Parameters:
    ///   - nonce: 16 random bytes.
    ///   - salts: gives 16 random bytes for each private member, in canonical order of the names.
    public init(
        event: Event, principal: Principal, nonce: some Collection<UInt8>, hasher: SHA256,
        salts: () -> ArraySlice<UInt8>
    ) {
        var privateMembers = event.privateMembers
        if let name = principal.name {
            privateMembers[EventSchema.principalName] = .string(name)
        }
        var buffer: [UInt8] = []
        buffer.reserveCapacity(1024)
        CanonicalJSON.append(verbatim: "{\"event\":", to: &buffer)
        CanonicalJSON.append(event.members, to: &buffer)
        CanonicalJSON.append(verbatim: ",\"nonce\":\"", to: &buffer)
        Base64URL.append(nonce, to: &buffer)
        CanonicalJSON.append(verbatim: "\",\"principal\":{\"id\":", to: &buffer)
        CanonicalJSON.append(principal.id, to: &buffer)
        CanonicalJSON.append(verbatim: ",\"kind\":", to: &buffer)
        CanonicalJSON.append(principal.kind.rawValue, to: &buffer)
        CanonicalJSON.append(verbatim: "},\"private\":{", to: &buffer)
        var disclosures: [Disclosure] = []
        disclosures.reserveCapacity(privateMembers.members.count)
        var scratch: [UInt8] = []
        for member in privateMembers.members {
            let disclosure = Disclosure(salt: salts(), name: member.name, value: member.value)
            if !disclosures.isEmpty { buffer.append(UInt8(ascii: ",")) }
            CanonicalJSON.append(member.name, to: &buffer)
            CanonicalJSON.append(verbatim: ":\"", to: &buffer)
            disclosure.bytes.withUnsafeBytes {
                Disclosure.appendDigest(of: $0, hasher: hasher, scratch: &scratch, to: &buffer)
            }
            buffer.append(UInt8(ascii: "\""))
            disclosures.append(disclosure)
        }
        CanonicalJSON.append(verbatim: "}}", to: &buffer)
        bytes = buffer
        self.disclosures = disclosures
    }
}
