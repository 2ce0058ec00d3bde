import COpenSSL

/// The digests that other tools put into their tables: to be compared with those, and for nothing
/// that the ledger itself must rely on.
public enum ToolDigest {
    /// 16 bytes; nil where this machine's OpenSSL allows no MD5 (FIPS).
    public static func md5(_ bytes: [UInt8]) -> [UInt8]? {
        hash(bytes, EVP_md5(), byteCount: 16)
    }

    /// 20 bytes; nil where this machine's OpenSSL allows no SHA-1 (FIPS).
    public static func sha1(_ bytes: [UInt8]) -> [UInt8]? {
        hash(bytes, EVP_sha1(), byteCount: 20)
    }

    private static func hash(
        _ bytes: [UInt8], _ algorithm: OpaquePointer?, byteCount: Int
    ) -> [UInt8]? {
        var digest = [UInt8](repeating: 0, count: byteCount)
        let status = bytes.withUnsafeBytes {
            EVP_Digest($0.baseAddress, $0.count, &digest, nil, algorithm, nil)
        }
        return status == 1 ? digest : nil
    }
}
