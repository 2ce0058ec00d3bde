import LedgerCrypto

/// A UUID of version 7 (RFC 9562 §5.7): sorts by the time at which it was made.
public enum TimeOrderedID {
    /// - Parameters:
    ///   - time: milliseconds since 1970.
    ///   - random: at least 10 bytes.
    public static func text(time: Int64, random: some Collection<UInt8>) -> String {
        var bytes = (0..<6).map { UInt8(truncatingIfNeeded: time >> Int64(40 - 8 * $0)) }
        bytes += random.prefix(10)
        bytes[6] = bytes[6] & 0x0F | 0x70
        bytes[8] = bytes[8] & 0x3F | 0x80
        var digits: [UInt8] = []
        digits.reserveCapacity(36)
        for (place, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(place) { digits.append(UInt8(ascii: "-")) }
            Hexadecimal.append(CollectionOfOne(byte), to: &digits)
        }
        return String(decoding: digits, as: UTF8.self)
    }
}
