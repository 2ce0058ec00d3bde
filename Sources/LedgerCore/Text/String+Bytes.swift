extension String {
    /// Equal as bytes of UTF-8.
    public func hasSameBytes(as other: String) -> Bool {
        utf8.count == other.utf8.count
            && withBytes { left in other.withBytes { left.hasSameBytes(as: $0) } }
    }

    /// Calls `body` with the bytes of UTF-8, without copying them where they lie together.
    @inline(__always)
    func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        if let result = utf8.withContiguousStorageIfAvailable(body) { return result }
        var text = self
        return text.withUTF8(body)
    }
}

extension String? {
    /// Both absent, or equal as bytes of UTF-8.
    public func hasSameBytes(as other: String?) -> Bool {
        switch (self, other) {
        case (nil, nil): true
        case (let left?, let right?): left.hasSameBytes(as: right)
        default: false
        }
    }
}

extension UnsafeBufferPointer<UInt8> {
    @inline(__always)
    func hasSameBytes(as other: UnsafeBufferPointer<UInt8>) -> Bool {
        guard count == other.count else { return false }
        for index in 0..<count where self[index] != other[index] { return false }
        return true
    }

    /// Whether these bytes are UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing
    /// beyond U+10FFFF.
    var isUTF8: Bool {
        var index = 0
        while index < count {
            let lead = self[index]
            index += 1
            if lead < 0x80 { continue }
            let length: Int
            var next: ClosedRange<UInt8> = 0x80...0xBF
            switch lead {
            case 0xC2...0xDF: length = 1
            case 0xE0: (length, next) = (2, 0xA0...0xBF)
            case 0xED: (length, next) = (2, 0x80...0x9F)
            case 0xE1...0xEF: length = 2
            case 0xF0: (length, next) = (3, 0x90...0xBF)
            case 0xF4: (length, next) = (3, 0x80...0x8F)
            case 0xF1...0xF3: length = 3
            default: return false
            }
            guard count - index >= length, next.contains(self[index]) else { return false }
            for place in index + 1..<index + length where self[place] & 0xC0 != 0x80 {
                return false
            }
            index += length
        }
        return true
    }
}
