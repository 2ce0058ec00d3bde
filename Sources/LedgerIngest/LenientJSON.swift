import LedgerCore

/// JSON of other programs, as RFC 8259 has it: null and fractions may stand in it, which the ledger
/// refuses in events of its own.
///
/// Every value knows its bytes, so that they can be kept as they came. Nesting over `depthLimit`
/// and invalid UTF-8 are refused; half a surrogate pair and U+0000, which no text of the ledger can
/// hold, become U+FFFD.
package struct LenientJSON: Sendable {
    package enum Kind: Sendable {
        case null
        case bool(Bool)
        /// Its digits are the bytes of `range`.
        case number
        case string(String)
        case array([LenientJSON])
        case object([Member])
    }

    package struct Member: Sendable {
        package let name: String
        package let value: LenientJSON
    }

    package static let depthLimit = 64

    package let kind: Kind
    /// The value's bytes in what was read.
    package let range: Range<Int>

    /// - Throws: `invalidEvent` with the byte of bad JSON.
    package static func read(_ bytes: [UInt8]) throws(LedgerError) -> LenientJSON {
        let result = bytes.withUnsafeBufferPointer { bytes in
            Result { () throws(LedgerError) in
                var reader = LenientJSONReader(bytes)
                return try reader.document()
            }
        }
        return try result.get()
    }

    /// The member of this name; the last one, as in most programs, where several have it.
    package subscript(name: String) -> LenientJSON? {
        guard case .object(let members) = kind else { return nil }
        return members.last { $0.name.hasSameBytes(as: name) }?.value
    }

    /// The value at the end of a path of names.
    package subscript(first: String, second: String, rest: String...) -> LenientJSON? {
        var value = self[first]?[second]
        for name in rest { value = value?[name] }
        return value
    }

    /// The text, if it is a string that is not empty.
    package var text: String? {
        if case .string(let text) = kind, !text.isEmpty { text } else { nil }
    }

    package var elements: [LenientJSON]? {
        if case .array(let elements) = kind { elements } else { nil }
    }

    package var members: [Member]? {
        if case .object(let members) = kind { members } else { nil }
    }

    package var isNull: Bool {
        if case .null = kind { true } else { false }
    }
}

private struct LenientJSONReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var offset = 0
    private var depth = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    mutating func document() throws(LedgerError) -> LenientJSON {
        skipWhiteSpace()
        let value = try value()
        skipWhiteSpace()
        guard offset == bytes.count else {
            throw error("there is more after the end of the JSON value")
        }
        return value
    }

    private func error(_ reason: String) -> LedgerError {
        LedgerError(.invalidEvent, "not valid JSON: \(reason), at byte \(offset)")
    }

    private mutating func value() throws(LedgerError) -> LenientJSON {
        guard offset < bytes.count else { throw error("it ends too early") }
        let start = offset
        let kind: LenientJSON.Kind
        switch bytes[offset] {
        case UInt8(ascii: "{"): kind = .object(try object())
        case UInt8(ascii: "["): kind = .array(try array())
        case UInt8(ascii: "\""): kind = .string(try string())
        case UInt8(ascii: "t"):
            try word("true")
            kind = .bool(true)
        case UInt8(ascii: "f"):
            try word("false")
            kind = .bool(false)
        case UInt8(ascii: "n"):
            try word("null")
            kind = .null
        default:
            try number()
            kind = .number
        }
        return LenientJSON(kind: kind, range: start..<offset)
    }

    private mutating func word(_ word: StaticString) throws(LedgerError) {
        let word = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
        guard bytes[offset...].starts(with: word) else {
            throw error("this is not the start of a JSON value")
        }
        offset += word.count
    }

    private mutating func skipWhiteSpace() {
        while offset < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[offset]) { offset += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard offset < bytes.count, bytes[offset] == UInt8(ascii: character) else { return false }
        offset += 1
        return true
    }

    private mutating func descend() throws(LedgerError) {
        depth += 1
        if depth > LenientJSON.depthLimit {
            throw error("nested more than \(LenientJSON.depthLimit) deep")
        }
        offset += 1
        skipWhiteSpace()
    }

    private mutating func array() throws(LedgerError) -> [LenientJSON] {
        try descend()
        defer { depth -= 1 }
        var values: [LenientJSON] = []
        if take("]") { return values }
        while true {
            values.append(try value())
            skipWhiteSpace()
            if take("]") { return values }
            guard take(",") else { throw error("a list needs , or ] here") }
            skipWhiteSpace()
        }
    }

    private mutating func object() throws(LedgerError) -> [LenientJSON.Member] {
        try descend()
        defer { depth -= 1 }
        var members: [LenientJSON.Member] = []
        if take("}") { return members }
        while true {
            guard offset < bytes.count, bytes[offset] == UInt8(ascii: "\"") else {
                throw error("an object needs a \"name\" here")
            }
            let name = try string()
            skipWhiteSpace()
            guard take(":") else { throw error("a name needs : after it") }
            skipWhiteSpace()
            members.append(.init(name: name, value: try value()))
            skipWhiteSpace()
            if take("}") { return members }
            guard take(",") else { throw error("an object needs , or } here") }
            skipWhiteSpace()
        }
    }

    /// RFC 8259 §6: `-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?`.
    private mutating func number() throws(LedgerError) {
        _ = take("-")
        if !take("0") { try digits() }
        if take(".") { try digits() }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            try digits()
        }
    }

    private mutating func digits() throws(LedgerError) {
        let start = offset
        while offset < bytes.count, 0x30...0x39 ~= bytes[offset] { offset += 1 }
        if offset == start { throw error("this is not the start of a JSON value") }
    }

    private mutating func string() throws(LedgerError) -> String {
        offset += 1
        var buffer: [UInt8] = []
        while offset < bytes.count {
            // Most of a string holds no escape.
            let rest = bytes[offset...]
            let end = rest.firstIndex { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C } ?? rest.endIndex
            buffer += bytes[offset..<end]
            offset = end
            if offset == bytes.count { break }
            if take("\"") {
                guard let text = String(validating: buffer, as: UTF8.self) else {
                    throw error("a string is not valid UTF-8")
                }
                return text
            }
            guard take("\\") else {
                throw error("a control character stands in a string: escape it")
            }
            try escape(into: &buffer)
        }
        throw error("a string is not closed")
    }

    private mutating func escape(into buffer: inout [UInt8]) throws(LedgerError) {
        guard offset < bytes.count else { throw error("a string is not closed") }
        let letter = bytes[offset]
        offset += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): buffer.append(letter)
        case UInt8(ascii: "b"): buffer.append(0x08)
        case UInt8(ascii: "f"): buffer.append(0x0C)
        case UInt8(ascii: "n"): buffer.append(0x0A)
        case UInt8(ascii: "r"): buffer.append(0x0D)
        case UInt8(ascii: "t"): buffer.append(0x09)
        case UInt8(ascii: "u"): buffer += Array(String(try scalar()).utf8)
        default: throw error("a string has an unknown escape")
        }
    }

    private mutating func scalar() throws(LedgerError) -> Unicode.Scalar {
        let first = try codeUnit()
        if let scalar = Unicode.Scalar(first), first != 0 { return scalar }
        let behind = offset
        guard 0xD800...0xDBFF ~= first, take("\\"), take("u"), case let second = try codeUnit(),
            0xDC00...0xDFFF ~= second,
            let pair = Unicode.Scalar(0x10000 + ((first & 0x3FF) << 10) + (second & 0x3FF))
        else {
            offset = behind
            return "\u{FFFD}"
        }
        return pair
    }

    private mutating func codeUnit() throws(LedgerError) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard offset < bytes.count, case let digit = Unicode.Scalar(bytes[offset]),
                digit.properties.isASCIIHexDigit, let value = Character(digit).hexDigitValue
            else { throw error("\\u needs four hexadecimal digits") }
            unit = unit << 4 | UInt32(value)
            offset += 1
        }
        return unit
    }
}
