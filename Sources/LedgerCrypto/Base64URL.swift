/// Base64url without padding (RFC 4648 §5).
public enum Base64URL {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    // The value of each digit; 255 for what is none.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 255, count: 256)
        for (value, digit) in alphabet.enumerated() { values[Int(digit)] = UInt8(value) }
        return values
    }()

    // The two digits of each 12 bits, the first in the low byte.
    private static let pairs: [UInt16] = (0..<4096).map {
        UInt16(alphabet[$0 >> 6]) | UInt16(alphabet[$0 & 63]) << 8
    }

    public static func append(_ bytes: UnsafeRawBufferPointer, to buffer: inout [UInt8]) {
        // Written aside and appended at once: an array checks who owns it at every append.
        withUnsafeTemporaryAllocation(
            byteCount: (bytes.count * 4 + 2) / 3, alignment: 2
        ) { digits in
            pairs.withUnsafeBufferPointer { write(bytes, with: $0, to: digits) }
            buffer.append(contentsOf: digits)
        }
    }

    private static func write(
        _ bytes: UnsafeRawBufferPointer, with pairs: UnsafeBufferPointer<UInt16>,
        to digits: UnsafeMutableRawBufferPointer
    ) {
        var (index, place) = (0, 0)
        while index + 2 < bytes.count {
            let triple =
                UInt32(bytes[index]) << 16 | UInt32(bytes[index + 1]) << 8
                | UInt32(bytes[index + 2])
            let first = pairs[Int(triple >> 12)].littleEndian
            let second = pairs[Int(triple & 0xFFF)].littleEndian
            digits.storeBytes(of: first, toByteOffset: place, as: UInt16.self)
            digits.storeBytes(of: second, toByteOffset: place + 2, as: UInt16.self)
            index += 3
            place += 4
        }
        let rest = bytes.count - index
        guard rest > 0 else { return }
        let last = rest == 2 ? UInt32(bytes[index + 1]) << 8 : 0
        let triple = UInt32(bytes[index]) << 16 | last
        let first = pairs[Int(triple >> 12)].littleEndian
        digits.storeBytes(of: first, toByteOffset: place, as: UInt16.self)
        if rest == 2 { digits[place + 2] = UInt8(pairs[Int(triple & 0xFFF)] & 0xFF) }
    }

    public static func append(_ bytes: some Collection<UInt8>, to buffer: inout [UInt8]) {
        let isAppended: Void? = bytes.withContiguousStorageIfAvailable {
            append(UnsafeRawBufferPointer($0), to: &buffer)
        }
        if isAppended == nil { Array(bytes).withUnsafeBytes { append($0, to: &buffer) } }
    }

    /// Whether these are the digits of `count` bytes, in the one way that they can be written.
    public static func isEncoding(_ digits: some Collection<UInt8>, ofByteCount count: Int) -> Bool
    {
        let isEncoding = digits.withContiguousStorageIfAvailable {
            Self.isEncoding(UnsafeRawBufferPointer($0), ofByteCount: count)
        }
        return isEncoding
            ?? Array(digits).withUnsafeBytes { Self.isEncoding($0, ofByteCount: count) }
    }

    /// As above, for digits that lie together.
    public static func isEncoding(_ digits: UnsafeRawBufferPointer, ofByteCount count: Int) -> Bool
    {
        guard digits.count == (count * 4 + 2) / 3 else { return false }
        return values.withUnsafeBufferPointer { values in
            var (all, last): (UInt8, UInt8) = (0, 0)
            for digit in digits {
                last = values[Int(digit)]
                all |= last
            }
            // The bits of the last digit that hold no byte must be zero.
            let unused: UInt8 = count % 3 == 0 ? 0 : count % 3 == 1 ? 15 : 3
            return all < 64 && last & unused == 0
        }
    }

    public static func encode(_ bytes: some Collection<UInt8>) -> String {
        var buffer: [UInt8] = []
        buffer.reserveCapacity(bytes.count * 4 / 3 + 3)
        append(bytes, to: &buffer)
        return String(decoding: buffer, as: UTF8.self)
    }
}
