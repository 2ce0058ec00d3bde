import LedgerCore
import LedgerCrypto

// TokenSecret.swift
//
// A token as it is handed out, once:
//
//    ledger_<id>_<secret>
//
// <id> is 12, <secret> 64 lower-case hexadecimal digits: 6 and 32 random bytes. The ledger keeps
// the id and SHA-256 of the whole text. The beginning lets scanners of repositories find it.

/// The text of a token.
public struct TokenSecret: Sendable {
    public static let prefix = "ledger_"

    /// `tok_` and the id: the token's name in entries and lists.
    public let id: String
    public let text: String

    public init(random: inout SecureRandom) {
        let bytes = Array(random.bytes(38))
        var digits: [UInt8] = []
        Hexadecimal.append(bytes, to: &digits)
        let id = String(decoding: digits[..<12], as: UTF8.self)
        self.id = "tok_" + id
        text = Self.prefix + id + "_" + String(decoding: digits[12...], as: UTF8.self)
    }

    /// Nil unless the text has the form of a token.
    public init?(_ text: String) {
        let parts = text.utf8.dropFirst(Self.prefix.utf8.count).split(separator: 0x5F)
        guard text.utf8.starts(with: Self.prefix.utf8), parts.count == 2, parts[0].count == 12,
            parts[1].count == 64,
            parts.allSatisfy({ $0.allSatisfy { 0x30...0x39 ~= $0 || 0x61...0x66 ~= $0 } })
        else { return nil }
        id = "tok_" + String(decoding: parts[0], as: UTF8.self)
        self.text = text
    }

    public var digest: Digest { SHA256().hash(Array(text.utf8)) }
}
