import COpenSSL

/// Random bytes from OpenSSL's generator, fetched in blocks: one call for each salt would cost more
/// than the hash that it goes into. Belongs to one thread at a time.
public struct SecureRandom {
    private var block: [UInt8] = []
    private var used = 0

    public init() {}

    /// `count` random bytes; at most 4,096.
    public mutating func bytes(_ count: Int) -> ArraySlice<UInt8> {
        if used + count > block.count { refill() }
        defer { used += count }
        return block[used..<used + count]
    }

    private mutating func refill() {
        block = [UInt8](repeating: 0, count: 4096)
        used = 0
        // Without randomness no salt may be written: stopping is the only safe answer.
        precondition(RAND_bytes(&block, Int32(block.count)) == 1, "OpenSSL has no random bytes")
    }
}
