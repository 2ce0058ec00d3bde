/// Reads the JSON of other programs (RFC 8259): every byte once, and no deeper than
/// `LenientJSON.depthLimit`, so that no text costs more than its size.
struct LenientJSONReader {
    /// What is wrong, and at which byte.
    struct Failure: Error {
        let reason: String
        let place: Int
    }

    private let bytes: UnsafeBufferPointer<UInt8>
    private var offset = 0

    static func read(_ bytes: [UInt8]) throws(Failure) -> LenientJSON {
        let result = bytes.withUnsafeBufferPointer { bytes in
            Result { () throws(Failure) in
                var reader = LenientJSONReader(bytes: bytes)
                return try reader.whole()
            }
        }
        return try result.get()
    }

    private init(bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    private mutating func whole() throws(Failure) -> LenientJSON {
        let value = try value(depth: 0)
        skipSpace()
        if offset < bytes.count { throw error("something follows the value") }
        return value
    }

    private func error(_ reason: String, at place: Int? = nil) -> Failure {
        Failure(reason: reason, place: place ?? offset)
    }

    private mutating func skipSpace() {
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x20, 0x09, 0x0A, 0x0D: offset += 1
            default: return
            }
        }
    }

    private mutating func take(_ byte: Unicode.Scalar) -> Bool {
        guard offset < bytes.count, bytes[offset] == UInt8(ascii: byte) else { return false }
        offset += 1
        return true
    }

    private mutating func value(depth: Int) throws(Failure) -> LenientJSON {
        skipSpace()
        guard offset < bytes.count else { throw error("a value is missing") }
        let start = offset
        let kind: LenientJSON.Kind
        switch bytes[offset] {
        case UInt8(ascii: "{"): kind = .object(try object(depth: depth + 1))
        case UInt8(ascii: "["): kind = .array(try array(depth: depth + 1))
        case UInt8(ascii: "\""): kind = .string(try string())
        case UInt8(ascii: "t"): kind = try word("true", .bool(true))
        case UInt8(ascii: "f"): kind = try word("false", .bool(false))
        case UInt8(ascii: "n"): kind = try word("null", .null)
        default: kind = try number()
        }
        return LenientJSON(kind: kind, range: start..<offset)
    }

    private mutating func word(
        _ word: StaticString, _ kind: LenientJSON.Kind
    ) throws(Failure) -> LenientJSON.Kind {
        for index in 0..<word.utf8CodeUnitCount {
            guard offset + index < bytes.count, bytes[offset + index] == word.utf8Start[index]
            else { throw error("\(word) was expected") }
        }
        offset += word.utf8CodeUnitCount
        return kind
    }

    private mutating func array(depth: Int) throws(Failure) -> [LenientJSON] {
        try enter(depth)
        var values: [LenientJSON] = []
        skipSpace()
        if take("]") { return [] }
        repeat {
            values.append(try value(depth: depth))
            skipSpace()
        } while take(",")
        guard take("]") else { throw error("a list is not closed") }
        return values
    }

    private mutating func object(depth: Int) throws(Failure) -> [LenientJSON.Member] {
        try enter(depth)
        var members: [LenientJSON.Member] = []
        skipSpace()
        if take("}") { return [] }
        repeat {
            skipSpace()
            guard offset < bytes.count, bytes[offset] == UInt8(ascii: "\"") else {
                throw error("a member's name is missing")
            }
            let name = try string()
            skipSpace()
            guard take(":") else { throw error("a colon is missing") }
            members.append(.init(name: name, value: try value(depth: depth)))
            skipSpace()
        } while take(",")
        guard take("}") else { throw error("an object is not closed") }
        return members
    }

    private mutating func enter(_ depth: Int) throws(Failure) {
        if depth > LenientJSON.depthLimit {
            throw error(
                "nested more than \(LenientJSON.depthLimit) deep, and nothing deeper than "
                    + "\(LenientJSON.depthLimit) is read")
        }
        offset += 1
    }

    // -? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?
    private mutating func number() throws(Failure) -> LenientJSON.Kind {
        let start = offset
        _ = take("-")
        if !take("0"), !takeDigits() { throw error("no value begins like this", at: start) }
        if take("."), !takeDigits() { throw error("a number ends in its point", at: start) }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            if !takeDigits() { throw error("a number ends in its exponent", at: start) }
        }
        return .number
    }

    private mutating func takeDigits() -> Bool {
        let start = offset
        while offset < bytes.count, 0x30...0x39 ~= bytes[offset] { offset += 1 }
        return offset > start
    }

    private mutating func string() throws(Failure) -> String {
        offset += 1
        let start = offset
        var unescaped: [UInt8] = []
        var kept = start
        while offset < bytes.count {
            switch bytes[offset] {
            case UInt8(ascii: "\""):
                let rest = UnsafeBufferPointer(rebasing: bytes[kept..<offset])
                let text =
                    kept == start
                    ? String(validating: rest, as: UTF8.self)
                    : String(validating: unescaped + rest, as: UTF8.self)
                guard let text else { throw error("a string is not valid UTF-8", at: start) }
                offset += 1
                return text
            case UInt8(ascii: "\\"):
                unescaped += bytes[kept..<offset]
                try escape(into: &unescaped)
                kept = offset
            case 0..<0x20: throw error("a control character stands in a string")
            default: offset += 1
            }
        }
        throw error("a string is not closed", at: start - 1)
    }

    private mutating func escape(into buffer: inout [UInt8]) throws(Failure) {
        let place = offset
        offset += 2
        switch place + 1 < bytes.count ? bytes[place + 1] : 0 {
        case UInt8(ascii: "\""): buffer.append(0x22)
        case UInt8(ascii: "\\"): buffer.append(0x5C)
        case UInt8(ascii: "/"): buffer.append(0x2F)
        case UInt8(ascii: "b"): buffer.append(0x08)
        case UInt8(ascii: "f"): buffer.append(0x0C)
        case UInt8(ascii: "n"): buffer.append(0x0A)
        case UInt8(ascii: "r"): buffer.append(0x0D)
        case UInt8(ascii: "t"): buffer.append(0x09)
        case UInt8(ascii: "u"): buffer += Array(String(Character(try scalar(at: place))).utf8)
        default: throw error("a string has an unknown escape", at: place)
        }
    }

    private mutating func scalar(at place: Int) throws(Failure) -> Unicode.Scalar {
        guard let first = codeUnit() else {
            throw error("\\u needs four hexadecimal digits", at: place)
        }
        guard UTF16.isLeadSurrogate(first) else {
            return first == 0 ? "\u{FFFD}" : Unicode.Scalar(UInt32(first)) ?? "\u{FFFD}"
        }
        // What follows half of a pair and is not the other half is read on its own.
        let next = offset
        guard take("\\"), take("u"), let second = codeUnit(), UTF16.isTrailSurrogate(second),
            let scalar = Unicode.Scalar(
                0x10000 + (UInt32(first & 0x3FF) << 10) + UInt32(second & 0x3FF))
        else {
            offset = next
            return "\u{FFFD}"
        }
        return scalar
    }

    private mutating func codeUnit() -> UInt16? {
        guard offset + 4 <= bytes.count else { return nil }
        var unit: UInt16 = 0
        for digit in bytes[offset..<offset + 4] {
            let value: UInt8
            switch digit {
            case 0x30...0x39: value = digit - 0x30
            case 0x41...0x46: value = digit - 0x41 + 10
            case 0x61...0x66: value = digit - 0x61 + 10
            default: return nil
            }
            unit = unit << 4 | UInt16(value)
        }
        offset += 4
        return unit
    }
}
