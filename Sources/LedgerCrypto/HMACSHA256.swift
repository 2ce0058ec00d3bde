import COpenSSL

/// HMAC with SHA-256 (RFC 2104, FIPS 198-1).
public enum HMACSHA256 {
    public static func code(of bytes: [UInt8], key: [UInt8]) -> Digest {
        Digest { output in
            let code = key.withUnsafeBytes { key in
                bytes.withUnsafeBufferPointer { bytes in
                    HMAC(
                        EVP_sha256(), key.baseAddress, Int32(key.count), bytes.baseAddress,
                        bytes.count, output.baseAddress?.assumingMemoryBound(to: UInt8.self), nil)
                }
            }
            // It fails only when memory is gone; a code of zeros must not be compared with.
            precondition(code != nil, "OpenSSL could not compute an HMAC")
        }
    }
}
