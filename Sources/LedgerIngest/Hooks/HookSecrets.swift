import LedgerCore
import LedgerCrypto

/// The secrets of one hook that are valid at the same time, so that they can be changed without a
/// gap. They are compared with, and never shown.
public struct HookSecrets: Sendable {
    /// More would let everybody who posts rubbish make us compute.
    public static let limit = 4

    enum Secret: Sendable {
        /// The key of an HMAC, GitLab's token, or the `user:password` of Azure and Bytebase.
        case plain([UInt8])
        /// The key in a signing token of Standard Webhooks, `whsec_` and base64.
        case signing([UInt8])
    }

    let kind: HookKind
    let secrets: [Secret]

    /// - Throws: `LedgerError` `usage` for no secret, too many, and one that can't be used. It
    ///   tells the place, from 1, and not the secret.
    public init(_ secrets: [String], of kind: HookKind) throws(LedgerError) {
        guard 1...Self.limit ~= secrets.count else {
            throw LedgerError(
                .usage,
                "the hook \(kind.rawValue) needs 1 to \(Self.limit) secrets, and has "
                    + "\(secrets.count)",
                advice: "two are enough to change one for the other")
        }
        var read: [Secret] = []
        for (index, secret) in secrets.enumerated() {
            let place = "secret \(index + 1) of the hook \(kind.rawValue)"
            if secret.isEmpty { throw LedgerError(.usage, "\(place) is empty") }
            let isBasic = kind == .azure || kind == .bytebase
            if isBasic, secret.utf8.first == UInt8(ascii: ":") || !secret.contains(":") {
                throw LedgerError(
                    .usage, "\(place) is not of the form USER:PASSWORD",
                    advice: kind == .azure
                        ? "Azure DevOps sends them as basic authentication"
                        : "Bytebase sends them if they stand in the hook's URL")
            }
            read.append(try Self.secret(secret, of: kind, at: place))
        }
        self.kind = kind
        self.secrets = read
    }

    private static let signingPrefix = "whsec_"

    private static func secret(
        _ text: String, of kind: HookKind, at place: String
    ) throws(LedgerError) -> Secret {
        guard kind == .gitlab, text.hasPrefix(signingPrefix) else {
            return .plain(Array(text.utf8))
        }
        let key = Base64.decode(String(text.dropFirst(signingPrefix.count)))
        guard let key, !key.isEmpty else {
            throw LedgerError(
                .usage, "\(place) begins with \(signingPrefix), and no base64 follows",
                advice: "copy the signing token whole")
        }
        return .signing(key)
    }
}

extension HookSecrets: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "\(secrets.count) secrets" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
