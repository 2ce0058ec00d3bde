/// Why bytes were not taken as JSON, and at which byte.
public struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
    public let reason: String
    /// Counted from 0.
    public let offset: Int

    public var description: String { "\(reason), at byte \(offset)" }
}

/// Reads JSON as RFC 8259 has it, less what the ledger refuses: null, fractions and exponents, -0,
/// integers beyond ±(2⁵³−1), duplicate and empty names, lone surrogates, U+0000, invalid UTF-8,
/// nesting over 16, anything after the value.
public struct JSONReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var offset = 0
    private var depth = 0

    private init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    public static func read(_ bytes: [UInt8]) throws(JSONError) -> JSON {
        let result = bytes.withUnsafeBufferPointer { bytes in
            Result { () throws(JSONError) in try read(bytes) }
        }
        return try result.get()
    }

    public static func read(_ bytes: UnsafeBufferPointer<UInt8>) throws(JSONError) -> JSON {
        var reader = JSONReader(bytes)
        reader.skipWhiteSpace()
        let value = try reader.value()
        reader.skipWhiteSpace()
        guard reader.offset == bytes.count else {
            throw reader.error("there is more after the end of the JSON value")
        }
        return value
    }

    private func error(_ reason: String, at place: Int? = nil) -> JSONError {
        JSONError(reason: reason, offset: place ?? offset)
    }

    private mutating func value() throws(JSONError) -> JSON {
        guard offset < bytes.count else { throw error("the JSON ends too early") }
        switch bytes[offset] {
        case UInt8(ascii: "{"): return .object(try object())
        case UInt8(ascii: "["): return .array(try array())
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"):
            try word("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try word("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try word("null")
            throw error("null is not accepted: leave the member out", at: offset - 4)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            return .integer(try integer())
        default: throw error("this is not the start of a JSON value")
        }
    }

    private mutating func word(_ word: StaticString) throws(JSONError) {
        let count = word.utf8CodeUnitCount
        guard offset + count <= bytes.count,
            UnsafeBufferPointer(start: word.utf8Start, count: count)
                .elementsEqual(bytes[offset..<offset + count])
        else { throw error("this is not the start of a JSON value") }
        offset += count
    }

    @inline(__always)
    private mutating func skipWhiteSpace() {
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x20, 0x0A, 0x0D, 0x09: offset += 1
            default: return
            }
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard offset < bytes.count, bytes[offset] == byte else { return false }
        offset += 1
        return true
    }

    private mutating func descend() throws(JSONError) {
        depth += 1
        if depth > JSON.depthLimit { throw error("nested more than \(JSON.depthLimit) deep") }
        offset += 1
        skipWhiteSpace()
    }

    private mutating func array() throws(JSONError) -> [JSON] {
        try descend()
        defer { depth -= 1 }
        var values: [JSON] = []
        if take(UInt8(ascii: "]")) { return values }
        while true {
            values.append(try value())
            skipWhiteSpace()
            if take(UInt8(ascii: "]")) { return values }
            guard take(UInt8(ascii: ",")) else { throw error("a list needs , or ] here") }
            skipWhiteSpace()
        }
    }

    private mutating func object() throws(JSONError) -> JSONObject {
        let start = offset
        try descend()
        defer { depth -= 1 }
        var members: [JSONObject.Member] = []
        if take(UInt8(ascii: "}")) { return JSONObject() }
        members.reserveCapacity(8)
        while true {
            guard offset < bytes.count, bytes[offset] == UInt8(ascii: "\"") else {
                throw error("an object needs a \"name\" here")
            }
            let place = offset
            let name = try string()
            if name.isEmpty { throw error("a member has an empty name", at: place) }
            skipWhiteSpace()
            guard take(UInt8(ascii: ":")) else { throw error("a name needs : after it") }
            skipWhiteSpace()
            members.append(.init(name: name, value: try value()))
            skipWhiteSpace()
            if take(UInt8(ascii: "}")) { break }
            guard take(UInt8(ascii: ",")) else { throw error("an object needs , or } here") }
            skipWhiteSpace()
        }
        do throws(JSONObject.DuplicateName) {
            return try JSONObject(sorting: members)
        } catch {
            throw self.error("the name \"\(error.name)\" stands twice in one object", at: start)
        }
    }

    private mutating func integer() throws(JSONError) -> Int64 {
        let start = offset
        let isNegative = take(UInt8(ascii: "-"))
        var value: Int64 = 0
        let firstDigit = offset
        while offset < bytes.count, case let digit = bytes[offset], digit >= 0x30, digit <= 0x39 {
            value = value * 10 + Int64(digit - 0x30)
            offset += 1
            if value > JSON.integerBounds.upperBound {
                throw error("a number is beyond ±9007199254740991: write it as a string", at: start)
            }
        }
        let digits = offset - firstDigit
        if digits == 0 { throw error("a - needs a digit after it", at: start) }
        if offset < bytes.count, [0x2E, 0x65, 0x45].contains(bytes[offset]) {
            throw error("numbers must be whole, without fraction or exponent", at: start)
        }
        if bytes[firstDigit] == 0x30, digits > 1 || isNegative {
            throw error("a number has a leading zero or is -0", at: start)
        }
        return isNegative ? -value : value
    }

    private mutating func string() throws(JSONError) -> String {
        offset += 1
        let start = offset
        var isASCII = true
        // Most strings hold no escape: they are one slice of the input.
        while offset < bytes.count {
            let byte = bytes[offset]
            if byte == UInt8(ascii: "\"") {
                let slice = UnsafeBufferPointer(rebasing: bytes[start..<offset])
                offset += 1
                if !isASCII, !slice.isUTF8 { throw error("a string is not valid UTF-8", at: start) }
                return String(decoding: slice, as: UTF8.self)
            }
            if byte == UInt8(ascii: "\\") { return try escapedString(from: start) }
            if byte < 0x20 { throw error("a control character stands in a string: escape it") }
            if byte >= 0x80 { isASCII = false }
            offset += 1
        }
        throw error("a string is not closed", at: start - 1)
    }

    private mutating func escapedString(from start: Int) throws(JSONError) -> String {
        var buffer = Array(bytes[start..<offset])
        while offset < bytes.count {
            let byte = bytes[offset]
            switch byte {
            case UInt8(ascii: "\""):
                offset += 1
                guard buffer.withUnsafeBufferPointer({ $0.isUTF8 }) else {
                    throw error("a string is not valid UTF-8", at: start)
                }
                return String(decoding: buffer, as: UTF8.self)
            case UInt8(ascii: "\\"): try escape(into: &buffer)
            case 0..<0x20: throw error("a control character stands in a string: escape it")
            default:
                buffer.append(byte)
                offset += 1
            }
        }
        throw error("a string is not closed", at: start - 1)
    }

    private mutating func escape(into buffer: inout [UInt8]) throws(JSONError) {
        let place = offset
        guard offset + 1 < bytes.count else { throw error("a string is not closed") }
        let letter = bytes[offset + 1]
        offset += 2
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): buffer.append(letter)
        case UInt8(ascii: "b"): buffer.append(0x08)
        case UInt8(ascii: "f"): buffer.append(0x0C)
        case UInt8(ascii: "n"): buffer.append(0x0A)
        case UInt8(ascii: "r"): buffer.append(0x0D)
        case UInt8(ascii: "t"): buffer.append(0x09)
        case UInt8(ascii: "u"):
            let scalar = try unicodeEscape(at: place)
            buffer.append(contentsOf: Array(String(Character(scalar)).utf8))
        default: throw error("a string has an unknown escape", at: place)
        }
    }

    private mutating func unicodeEscape(at place: Int) throws(JSONError) -> Unicode.Scalar {
        let first = try codeUnit()
        if first == 0 { throw error("the character U+0000 is not accepted", at: place) }
        guard UTF16.isLeadSurrogate(first) else {
            guard let scalar = Unicode.Scalar(UInt32(first)) else {
                throw error("a string has half of a surrogate pair", at: place)
            }
            return scalar
        }
        guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")),
            case let second = try codeUnit(), UTF16.isTrailSurrogate(second),
            let scalar = Unicode.Scalar(
                0x10000 + (UInt32(first & 0x3FF) << 10) + UInt32(second & 0x3FF))
        else { throw error("a string has half of a surrogate pair", at: place) }
        return scalar
    }

    private mutating func codeUnit() throws(JSONError) -> UInt16 {
        guard offset + 4 <= bytes.count,
            let text = String(validating: bytes[offset..<offset + 4], as: UTF8.self),
            text.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
            let unit = UInt16(text, radix: 16)
        else { throw error("\\u needs four hexadecimal digits") }
        offset += 4
        return unit
    }
}
