import COpenSSL

/// Comparison that takes the same time wherever two values differ.
public enum ConstantTime {
    public static func isEqual(_ left: Digest, _ right: Digest) -> Bool {
        left.withUnsafeBytes { left in
            right.withUnsafeBytes { right in
                CRYPTO_memcmp(left.baseAddress, right.baseAddress, Digest.byteCount) == 0
            }
        }
    }
}
