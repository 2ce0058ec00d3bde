import LedgerCrypto

/// Bytes that belong to an event: the SQL that ran, a tool's output, the raw webhook.
public struct Attachment: Sendable, Equatable {
    /// The names whose bytes the event names by plain digest; any other attachment's descriptor is
    /// a private member, since the digest of a guessable text gives it away.
    public static let script = "script"
    public static let rollbackScript = "rollback_script"

    public let name: String
    public let mediaType: String
    public let bytes: [UInt8]
    public let digest: Digest

    /// `mediaType` defaults to `application/sql` for scripts and to `text/plain` otherwise.
    public init(name: String, mediaType: String? = nil, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
        let isScript = name == Self.script || name == Self.rollbackScript
        self.mediaType = mediaType ?? (isScript ? "application/sql" : "text/plain")
        digest = SHA256.hash(bytes)
    }

    /// `sha256:` and 64 hexadecimal digits.
    public static func text(of digest: Digest) -> String {
        "sha256:" + digest.hex
    }
}
