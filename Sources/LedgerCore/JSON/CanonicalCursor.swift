import LedgerCrypto

/// Walks over bytes that must be canonical JSON (RFC 8785) without building values.
///
/// Every method returns nil or false, and then the cursor is no longer of use, if the bytes there
/// are not the canonical form of what is asked for.
public struct CanonicalCursor {
    private let bytes: UnsafeBufferPointer<UInt8>
    public private(set) var offset = 0
    // Whether the string that was passed last has an escape in it.
    private var lastHasEscape = false

    public init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = UnsafeBufferPointer(
            start: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), count: bytes.count)
    }

    public var isAtEnd: Bool { offset == bytes.count }

    public var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    public func slice(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[range])
    }

    @inline(__always)
    public mutating func take(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard bytes.count - offset >= count, let base = bytes.baseAddress else { return false }
        var index = 0
        while index < count {
            if base[offset + index] != text.utf8Start[index] { return false }
            index += 1
        }
        offset += count
        return true
    }

    /// 64 lower-case hexadecimal digits.
    public mutating func digest() -> Digest? {
        guard bytes.count - offset >= 64 else { return nil }
        defer { offset += 64 }
        return Digest(hexDigits: UnsafeBufferPointer(rebasing: bytes[offset..<offset + 64]))
    }

    /// An integer from 0 to 2⁵³−1.
    public mutating func natural() -> Int64? {
        let start = offset
        guard let number = integer(), number >= 0, bytes[start] != UInt8(ascii: "-") else {
            return nil
        }
        return number
    }

    mutating func integer() -> Int64? {
        let isNegative = next == UInt8(ascii: "-")
        if isNegative { offset += 1 }
        let start = offset
        var value: Int64 = 0
        while offset < bytes.count, 0x30...0x39 ~= bytes[offset] {
            value = value * 10 + Int64(bytes[offset] - 0x30)
            if value > JSON.integerBounds.upperBound { return nil }
            offset += 1
        }
        let count = offset - start
        guard count > 0, bytes[start] != 0x30 || (count == 1 && !isNegative) else { return nil }
        return isNegative ? -value : value
    }

    /// A string's value.
    public mutating func string() -> String? {
        let start = offset
        guard let content = stringContent() else { return nil }
        if !content.contains(UInt8(ascii: "\\")) {
            return String(decoding: content, as: UTF8.self)
        }
        let whole = UnsafeBufferPointer(rebasing: bytes[start..<offset])
        return (try? JSONReader.read(whole))?.string
    }

    /// What stands between a string's quotes, escapes and all.
    public mutating func stringContent() -> UnsafeRawBufferPointer? {
        guard next == UInt8(ascii: "\"") else { return nil }
        offset += 1
        let start = offset
        var isASCII = true
        lastHasEscape = false
        while true {
            skipPlainText()
            guard offset < bytes.count else { return nil }
            let byte = bytes[offset]
            if byte == UInt8(ascii: "\"") {
                let content = UnsafeBufferPointer(rebasing: bytes[start..<offset])
                offset += 1
                if !isASCII, String(validating: content, as: UTF8.self) == nil { return nil }
                return UnsafeRawBufferPointer(content)
            }
            if byte == UInt8(ascii: "\\") {
                guard escape() else { return nil }
                lastHasEscape = true
                continue
            }
            if byte < 0x20 { return nil }
            if byte >= 0x80 { isASCII = false }
            offset += 1
        }
    }

    // Passes over ASCII that is neither a quote, a backslash nor a control character, eight bytes
    // at a time: a lane's high bit comes out set for each byte that needs a look.
    private mutating func skipPlainText() {
        guard let base = bytes.baseAddress else { return }
        let raw = UnsafeRawPointer(base)
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        while bytes.count - offset >= 8 {
            let word = UInt64(
                littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            let quote = word ^ (ones &* 0x22)
            let backslash = word ^ (ones &* 0x5C)
            let special =
                ((word &- (ones &* 0x20)) | (quote &- ones) | (backslash &- ones) | word) & highs
            if special != 0 {
                // Borrows run upwards only, so the lowest marked byte is a true one.
                offset += special.trailingZeroBitCount >> 3
                return
            }
            offset += 8
        }
        while offset < bytes.count, case let byte = base[offset], byte >= 0x20, byte < 0x80,
            byte != 0x22, byte != 0x5C
        {
            offset += 1
        }
    }

    // RFC 8785 §3.2.2.2 leaves one way to write each escape; U+0000 is refused everywhere.
    private mutating func escape() -> Bool {
        guard offset + 1 < bytes.count else { return false }
        switch bytes[offset + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            offset += 2
            return true
        case UInt8(ascii: "u"):
            offset += 2
            guard take("00"), offset + 2 <= bytes.count,
                let high = Hexadecimal.value(of: bytes[offset]), high <= 1,
                let low = Hexadecimal.value(of: bytes[offset + 1])
            else { return false }
            offset += 2
            return ![0, 8, 9, 10, 12, 13].contains(high << 4 | low)
        default: return false
        }
    }

    /// Passes over any value of at most `depth` levels.
    public mutating func skipValue(depth: Int = JSON.depthLimit) -> Bool {
        switch next {
        case UInt8(ascii: "\"")?: return stringContent() != nil
        case UInt8(ascii: "{")?: return skipObject(depth: depth)
        case UInt8(ascii: "[")?: return skipArray(depth: depth)
        case UInt8(ascii: "t")?: return take("true")
        case UInt8(ascii: "f")?: return take("false")
        case nil: return false
        default: return integer() != nil
        }
    }

    private mutating func skipArray(depth: Int) -> Bool {
        guard depth > 0, take("[") else { return false }
        if take("]") { return true }
        repeat {
            guard skipValue(depth: depth - 1) else { return false }
        } while take(",")
        return take("]")
    }

    private mutating func skipObject(depth: Int) -> Bool {
        members(depth: depth) { cursor, _ in cursor.skipValue(depth: depth - 1) }
    }

    /// Walks the members of an object: `body` gets each name (between its quotes) and must pass
    /// over its value. Names must be there, sorted, and different.
    @inline(__always)
    public mutating func members(
        depth: Int = JSON.depthLimit,
        _ body: (inout CanonicalCursor, UnsafeRawBufferPointer) -> Bool
    ) -> Bool {
        guard depth > 0, take("{") else { return false }
        if take("}") { return true }
        var last: UnsafeRawBufferPointer?
        var hasEscape = false
        repeat {
            guard let name = stringContent(), !name.isEmpty else { return false }
            hasEscape = hasEscape || lastHasEscape
            guard take(":") else { return false }
            if let last {
                let isOrdered =
                    hasEscape ? Self.isOrdered(last, name) : Self.isOrdered(plain: last, name)
                if !isOrdered { return false }
            }
            last = name
            guard body(&self, name) else { return false }
        } while take(",")
        return take("}")
    }

    /// Whether two strings, given by what stands between their quotes, differ and are in the order
    /// of names in canonical JSON.
    public static func isOrdered(
        _ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer
    ) -> Bool {
        let hasEscape = left.contains(UInt8(ascii: "\\")) || right.contains(UInt8(ascii: "\\"))
        if hasEscape {
            guard let left = unescaped(left), let right = unescaped(right) else { return false }
            return CanonicalOrder.compare(left, right) < 0
        }
        return isOrdered(plain: left, right)
    }

    // For strings without escapes.
    private static func isOrdered(
        plain left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer
    ) -> Bool {
        CanonicalOrder.compare(
            left.assumingMemoryBound(to: UInt8.self), right.assumingMemoryBound(to: UInt8.self)) < 0
    }

    private static func unescaped(_ content: UnsafeRawBufferPointer) -> String? {
        let quoted = [UInt8(ascii: "\"")] + content + [UInt8(ascii: "\"")]
        return (try? JSONReader.read(quoted))?.string
    }
}
