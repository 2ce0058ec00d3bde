import LedgerCrypto

// Disclosure.swift
//
// A private value, apart from the entry whose body names its digest. Its bytes are the RFC 8785
// form of ["<salt>","<name>",<value>], where the salt is 16 random bytes in base64url without
// padding: an array as in RFC 9901 §4.2.1. The digest in the body is
//
//    base64url(SHA-256(ASCII(base64url(bytes))))

/// A private member's value with the salt that hides it from guessing.
public struct Disclosure: Sendable, Equatable {
    public let name: String
    public let bytes: [UInt8]

    /// `salt` is 16 random bytes.
    public init(salt: some Collection<UInt8>, name: String, value: JSON) {
        var buffer: [UInt8] = []
        buffer.reserveCapacity(64)
        CanonicalJSON.append(verbatim: "[\"", to: &buffer)
        Base64URL.append(salt, to: &buffer)
        CanonicalJSON.append(verbatim: "\",", to: &buffer)
        CanonicalJSON.append(name, to: &buffer)
        buffer.append(UInt8(ascii: ","))
        CanonicalJSON.append(value, to: &buffer)
        buffer.append(UInt8(ascii: "]"))
        self.name = name
        bytes = buffer
    }

    /// Reads stored bytes. Nil unless they are the canonical form of a disclosure.
    public init?(stored bytes: [UInt8]) {
        guard let parts = Self.parts(bytes) else { return nil }
        name = parts.name
        self.bytes = bytes
    }

    public var value: JSON? { Self.parts(bytes)?.value }

    private static func parts(_ bytes: [UInt8]) -> (name: String, value: JSON)? {
        guard let array = (try? JSONReader.read(bytes))?.array, array.count == 3,
            let salt = array[0].string, Base64URL.isEncoding(salt.utf8, ofByteCount: 16),
            let name = array[1].string,
            CanonicalJSON.bytes(.array(array)) == bytes
        else { return nil }
        return (name, array[2])
    }

    /// Appends what the body says of a disclosure: 43 characters of base64url.
    public static func appendDigest(
        of bytes: UnsafeRawBufferPointer, hasher: SHA256, scratch: inout [UInt8],
        to buffer: inout [UInt8]
    ) {
        scratch.removeAll(keepingCapacity: true)
        Base64URL.append(bytes, to: &scratch)
        let digest = scratch.withUnsafeBytes { hasher.hash($0) }
        digest.withUnsafeBytes { Base64URL.append($0, to: &buffer) }
    }

    public func digest(hasher: SHA256) -> String {
        var scratch: [UInt8] = []
        var buffer: [UInt8] = []
        bytes.withUnsafeBytes {
            Self.appendDigest(of: $0, hasher: hasher, scratch: &scratch, to: &buffer)
        }
        return String(decoding: buffer, as: UTF8.self)
    }
}
