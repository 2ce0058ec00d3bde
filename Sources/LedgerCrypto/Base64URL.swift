/// Base64url without padding (RFC 4648 §5).
public enum Base64URL {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    // A digit's value by its code; 255 for everything else.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 255, count: 256)
        for (value, digit) in alphabet.enumerated() { values[Int(digit)] = UInt8(value) }
        return values
    }()

    public static func append(_ bytes: UnsafeRawBufferPointer, to buffer: inout [UInt8]) {
        // Written aside and appended at once: an array checks who owns it at every append.
        withUnsafeTemporaryAllocation(
            of: UInt8.self, capacity: (bytes.count * 4 + 2) / 3
        ) { digits in
            alphabet.withUnsafeBufferPointer { write(bytes, with: $0, to: digits) }
            buffer.append(contentsOf: digits)
        }
    }

    private static func write(
        _ bytes: UnsafeRawBufferPointer, with alphabet: UnsafeBufferPointer<UInt8>,
        to digits: UnsafeMutableBufferPointer<UInt8>
    ) {
        var (index, place) = (0, 0)
        while index + 2 < bytes.count {
            let triple =
                UInt32(bytes[index]) << 16 | UInt32(bytes[index + 1]) << 8
                | UInt32(bytes[index + 2])
            digits[place] = alphabet[Int(triple >> 18)]
            digits[place + 1] = alphabet[Int(triple >> 12 & 63)]
            digits[place + 2] = alphabet[Int(triple >> 6 & 63)]
            digits[place + 3] = alphabet[Int(triple & 63)]
            index += 3
            place += 4
        }
        let rest = bytes.count - index
        guard rest > 0 else { return }
        let last = rest == 2 ? UInt32(bytes[index + 1]) << 8 : 0
        let triple = UInt32(bytes[index]) << 16 | last
        digits[place] = alphabet[Int(triple >> 18)]
        digits[place + 1] = alphabet[Int(triple >> 12 & 63)]
        if rest == 2 { digits[place + 2] = alphabet[Int(triple >> 6 & 63)] }
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
        guard digits.count == (count * 4 + 2) / 3 else { return false }
        var last: UInt8 = 0
        let isValid = values.withUnsafeBufferPointer { values in
            for digit in digits {
                last = values[Int(digit)]
                if last > 63 { return false }
            }
            return true
        }
        // The bits of the last digit that hold no byte must be zero.
        let unused: UInt8 = count % 3 == 0 ? 0 : count % 3 == 1 ? 15 : 3
        return isValid && last & unused == 0
    }

    public static func encode(_ bytes: some Collection<UInt8>) -> String {
        var buffer: [UInt8] = []
        buffer.reserveCapacity(bytes.count * 4 / 3 + 3)
        append(bytes, to: &buffer)
        return String(decoding: buffer, as: UTF8.self)
    }
}
