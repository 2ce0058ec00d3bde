import COpenSSL

/// Comparisons whose time says nothing about where two values differ.
public enum ConstantTime {
    public static func isEqual(_ left: Digest, _ right: Digest) -> Bool {
        left.withUnsafeBytes { left in
            right.withUnsafeBytes { right in
                CRYPTO_memcmp(left.baseAddress, right.baseAddress, Digest.byteCount) == 0
            }
        }
    }

    /// For values of any length: their digests are compared, so that not even a length in common
    /// can be measured.
    public static func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        isEqual(SHA256.hash(left), SHA256.hash(right))
    }
}
