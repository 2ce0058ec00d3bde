/// The order of member names in canonical JSON: by UTF-16 code units (RFC 8785 §3.2.3).
///
/// UTF-8 bytes sort the same way but for one case: characters beyond U+FFFF (lead bytes F0–F4) are
/// surrogate pairs in UTF-16, D800–DFFF, and so come before U+E000–U+FFFF (lead bytes EE and EF).
enum CanonicalOrder {
    /// Less than zero, zero or more than zero, like `memcmp`.
    static func compare(_ left: String, _ right: String) -> Int {
        left.withBytes { left in right.withBytes { compare(left, $0) } }
    }

    /// The first eight bytes of a name as a number: names whose keys differ are in the order of
    /// their keys.
    static func key(of name: String) -> UInt64 {
        name.withBytes { bytes in
            var key: UInt64 = 0
            for index in 0..<8 {
                key = key << 8 | (index < bytes.count ? UInt64(rank(bytes[index])) : 0)
            }
            return key
        }
    }

    static func compare(
        _ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>
    ) -> Int {
        let shorter = min(left.count, right.count)
        var index = 0
        while index < shorter {
            let (first, second) = (left[index], right[index])
            if first != second { return rank(first) - rank(second) }
            index += 1
        }
        return left.count - right.count
    }

    @inline(__always)
    private static func rank(_ byte: UInt8) -> Int {
        byte == 0xEE || byte == 0xEF ? Int(byte) + 0x10 : Int(byte)
    }
}
