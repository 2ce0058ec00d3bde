import LedgerCrypto

/// Walks over bytes that must be canonical JSON (RFC 8785) without building values.
///
/// Every method returns nil or false, and then the cursor is no longer of use, if the bytes there
/// are not the canonical form of what is asked for.
@frozen
public struct CanonicalCursor {
    // What is inlinable here runs for every member of every entry that is verified.
    @usableFromInline let bytes: UnsafeBufferPointer<UInt8>
    @usableFromInline var place = 0
    // Whether the string that was passed last has an escape in it.
    @usableFromInline var lastHasEscape = false

    @inlinable
    public init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = UnsafeBufferPointer(
            start: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), count: bytes.count)
    }

    @inlinable public var offset: Int { place }

    @inlinable public var isAtEnd: Bool { place == bytes.count }

    @inlinable public var next: UInt8? { place < bytes.count ? bytes[place] : nil }

    @inlinable
    public func slice(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[range]))
    }

    @inlinable @inline(__always)
    public mutating func take(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard bytes.count - place >= count else { return false }
        for index in 0..<count where bytes[place + index] != text.utf8Start[index] {
            return false
        }
        place += count
        return true
    }

    /// 64 lower-case hexadecimal digits.
    public mutating func digest() -> Digest? {
        guard bytes.count - place >= 64 else { return nil }
        defer { place += 64 }
        return Digest(hexDigits: UnsafeBufferPointer(rebasing: bytes[place..<place + 64]))
    }

    /// An integer from 0 to 2⁵³−1.
    public mutating func natural() -> Int64? {
        let start = place
        guard let number = integer(), number >= 0, bytes[start] != UInt8(ascii: "-") else {
            return nil
        }
        return number
    }

    mutating func integer() -> Int64? {
        let isNegative = next == UInt8(ascii: "-")
        if isNegative { place += 1 }
        let start = place
        var value: Int64 = 0
        while place < bytes.count, 0x30...0x39 ~= bytes[place] {
            value = value * 10 + Int64(bytes[place] - 0x30)
            if value > JSON.integerBounds.upperBound { return nil }
            place += 1
        }
        let count = place - start
        guard count > 0, bytes[start] != 0x30 || (count == 1 && !isNegative) else { return nil }
        return isNegative ? -value : value
    }

    /// A string's value.
    public mutating func string() -> String? {
        let start = place
        guard let content = stringContent() else { return nil }
        if !content.contains(UInt8(ascii: "\\")) {
            return String(decoding: content, as: UTF8.self)
        }
        let whole = UnsafeBufferPointer(rebasing: bytes[start..<place])
        return (try? JSONReader.read(whole))?.string
    }

    /// What stands between a string's quotes, escapes and all.
    public mutating func stringContent() -> UnsafeRawBufferPointer? {
        guard next == UInt8(ascii: "\"") else { return nil }
        place += 1
        let start = place
        var isASCII = true
        lastHasEscape = false
        while true {
            place = endOfPlainText(from: place)
            guard place < bytes.count else { return nil }
            let byte = bytes[place]
            if byte == UInt8(ascii: "\"") {
                let content = UnsafeBufferPointer(rebasing: bytes[start..<place])
                place += 1
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
            place += 1
        }
    }

    // Passes over ASCII that is neither a quote, a backslash nor a control character, eight bytes
    // at a time: a lane's high bit comes out set for each byte that needs a look.
    @inline(__always)
    private func endOfPlainText(from start: Int) -> Int {
        let raw = UnsafeRawBufferPointer(bytes)
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        var place = start
        while bytes.count - place >= 8 {
            let word = UInt64(
                littleEndian: raw.loadUnaligned(fromByteOffset: place, as: UInt64.self))
            let quote = word ^ (ones &* 0x22)
            let backslash = word ^ (ones &* 0x5C)
            let special =
                ((word &- (ones &* 0x20)) | (quote &- ones) | (backslash &- ones) | word) & highs
            // Borrows run upwards only, so the lowest marked byte is a true one.
            if special != 0 { return place + (special.trailingZeroBitCount >> 3) }
            place += 8
        }
        while place < bytes.count, case let byte = bytes[place], byte >= 0x20, byte < 0x80,
            byte != 0x22, byte != 0x5C
        {
            place += 1
        }
        return place
    }

    // RFC 8785 §3.2.2.2 leaves one way to write each escape; U+0000 is refused everywhere.
    private mutating func escape() -> Bool {
        guard place + 1 < bytes.count else { return false }
        switch bytes[place + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            place += 2
            return true
        case UInt8(ascii: "u"):
            place += 2
            guard take("00"), place + 2 <= bytes.count,
                let high = Hexadecimal.value(of: bytes[place]), high <= 1,
                let low = Hexadecimal.value(of: bytes[place + 1])
            else { return false }
            place += 2
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
    @inlinable @inline(__always)
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
                // Most names differ in their first letter from the one before.
                let isOrdered =
                    last[0] < name[0] && name[0] < 0x80 && !hasEscape
                    || Self.isOrdered(last, name, canHaveEscapes: hasEscape)
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
        _ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer, canHaveEscapes: Bool = true
    ) -> Bool {
        let backslash = UInt8(ascii: "\\")
        if canHaveEscapes, left.contains(backslash) || right.contains(backslash) {
            guard let left = unescaped(left), let right = unescaped(right) else { return false }
            return CanonicalOrder.compare(left, right) < 0
        }
        return CanonicalOrder.compare(
            left.assumingMemoryBound(to: UInt8.self), right.assumingMemoryBound(to: UInt8.self)) < 0
    }

    private static func unescaped(_ content: UnsafeRawBufferPointer) -> String? {
        let quoted = [UInt8(ascii: "\"")] + content + [UInt8(ascii: "\"")]
        return (try? JSONReader.read(quoted))?.string
    }
}
