/// A SHA-256 digest: 32 bytes held in place, so that millions of them cost no allocation.
public struct Digest: Hashable, Comparable, Sendable {
    public static let byteCount = 32
    public static let zero = Digest(words: (0, 0, 0, 0))

    // The bytes in memory order.
    private var words: (UInt64, UInt64, UInt64, UInt64)

    private init(words: (UInt64, UInt64, UInt64, UInt64)) {
        self.words = words
    }

    /// The digest whose bytes these are; nil unless there are exactly 32.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        self = .zero
        withUnsafeMutableBytes(of: &words) { $0.copyBytes(from: bytes) }
    }

    /// As above, for bytes that lie together.
    public init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count == Self.byteCount else { return nil }
        self.init(filledBy: { $0.copyMemory(from: bytes) })
    }

    /// The digest written as 64 lower-case hexadecimal digits; nil for anything else.
    public init?(hex: some Sequence<UInt8>) {
        var digest = Digest.zero
        var count = 0
        var high: UInt8 = 0
        let isValid = Swift.withUnsafeMutableBytes(of: &digest.words) { bytes in
            for digit in hex {
                guard count < 64, let value = Hexadecimal.value(of: digit) else { return false }
                if count & 1 == 0 { high = value << 4 } else { bytes[count >> 1] = high | value }
                count += 1
            }
            return count == 64
        }
        guard isValid else { return nil }
        self = digest
    }

    /// As `init(hex:)`, for digits that lie together.
    public init?(hexDigits digits: UnsafeBufferPointer<UInt8>) {
        guard digits.count == 64 else { return nil }
        let digits = UnsafeRawBufferPointer(digits)
        var digest = Digest.zero
        let isValid = Swift.withUnsafeMutableBytes(of: &digest.words) { bytes in
            var wrong: UInt64 = 0
            for group in 0..<8 {
                let word = digits.loadUnaligned(fromByteOffset: group * 8, as: UInt64.self)
                let value = Hexadecimal.value(ofEight: UInt64(littleEndian: word), &wrong)
                bytes.storeBytes(
                    of: value.littleEndian, toByteOffset: group * 4, as: UInt32.self)
            }
            return wrong == 0
        }
        guard isValid else { return nil }
        self = digest
    }

    init(filledBy body: (UnsafeMutableRawBufferPointer) -> Void) {
        self = .zero
        withUnsafeMutableBytes(of: &words, body)
    }

    public static func == (left: Digest, right: Digest) -> Bool {
        left.words == right.words
    }

    /// By the bytes, the first first.
    public static func < (left: Digest, right: Digest) -> Bool {
        if left.words.0 != right.words.0 {
            return left.words.0.bigEndian < right.words.0.bigEndian
        }
        if left.words.1 != right.words.1 {
            return left.words.1.bigEndian < right.words.1.bigEndian
        }
        if left.words.2 != right.words.2 {
            return left.words.2.bigEndian < right.words.2.bigEndian
        }
        return left.words.3.bigEndian < right.words.3.bigEndian
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
    }

    public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        Swift.withUnsafeBytes(of: words, body)
    }

    /// The first eight bytes as a number: a short key for tables that check their hits.
    public var shortKey: Int64 {
        Int64(bitPattern: words.0.bigEndian)
    }

    public var bytes: [UInt8] {
        withUnsafeBytes { Array($0) }
    }

    /// 64 lower-case hexadecimal digits.
    public var hex: String {
        String(decoding: hexBytes, as: UTF8.self)
    }

    public var hexBytes: [UInt8] {
        var digits: [UInt8] = []
        digits.reserveCapacity(64)
        appendHex(to: &digits)
        return digits
    }

    public func appendHex(to buffer: inout [UInt8]) {
        withUnsafeBytes { bytes in
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 64) { digits in
                for index in 0..<Self.byteCount {
                    digits[2 * index] = Hexadecimal.digit(bytes[index] >> 4)
                    digits[2 * index + 1] = Hexadecimal.digit(bytes[index] & 15)
                }
                buffer.append(contentsOf: digits)
            }
        }
    }
}

/// Lower-case hexadecimal, the only one that the ledger's formats know.
public enum Hexadecimal {
    @inline(__always)
    public static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x61...0x66: digit - 0x61 + 10
        default: nil
        }
    }

    /// The four bytes that eight digits stand for; the first of each is in the lowest byte. `wrong`
    /// gets bits set if any of them is no digit.
    @inline(__always)
    static func value(ofEight digits: UInt64, _ wrong: inout UInt64) -> UInt32 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        // Letters have the bit 0x40: 'a' ends in 1, and stands for 10.
        let values = (digits & (ones &* 15)) &+ ((digits >> 6) & ones) &* 9
        // What was read rightly comes out again when it is written.
        let letters = ((values &+ ones &* 6) >> 4) & ones
        wrong |= (values &+ ones &* 0x30 &+ letters &* 39) ^ digits
        wrong |= values & (ones &* 0xF0)
        let pairs = (values << 4 | values >> 8) & 0x00FF_00FF_00FF_00FF
        let quads = (pairs | pairs >> 8) & 0x0000_FFFF_0000_FFFF
        return UInt32(truncatingIfNeeded: quads | quads >> 16)
    }

    @inline(__always)
    static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? 0x30 + value : 0x61 - 10 + value
    }

    public static func append(_ bytes: some Sequence<UInt8>, to buffer: inout [UInt8]) {
        for byte in bytes {
            buffer.append(digit(byte >> 4))
            buffer.append(digit(byte & 15))
        }
    }
}
