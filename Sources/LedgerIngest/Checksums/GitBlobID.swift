import LedgerCrypto

/// The name that Git gives to a file's content: the SHA-1, or in a repository of that format the
/// SHA-256, of `blob`, a space, the number of bytes, a zero byte, and the bytes
/// (git-scm.com/book, "Git Objects").
public enum GitBlobID {
    static let examples: [(text: String, id: String)] = [
        ("", "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"),
        ("what is up, doc?", "bd9dbf5aae1a3862dd1526723246b20206e5fc37"),
    ]

    /// 40 lower-case hexadecimal digits; nil where OpenSSL allows no SHA-1.
    public static func sha1(_ bytes: [UInt8]) -> String? {
        ToolDigest.sha1(header(bytes) + bytes).map(hexText)
    }

    /// 64 lower-case hexadecimal digits.
    public static func sha256(_ bytes: [UInt8]) -> String {
        SHA256.hash(header(bytes) + bytes).hex
    }

    private static func header(_ bytes: [UInt8]) -> [UInt8] {
        Array("blob \(bytes.count)\0".utf8)
    }
}
