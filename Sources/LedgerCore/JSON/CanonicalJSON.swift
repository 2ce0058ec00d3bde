import LedgerCrypto

// CanonicalJSON.swift
//
// The JSON Canonicalization Scheme (RFC 8785) for the values that the ledger knows:
//    no white space; members sorted by the UTF-16 code units of their names;
//    integers as 0 or -?[1-9][0-9]*;
//    in strings only \" \\ \b \t \n \f \r and, for other characters below U+0020, \u00xx in
//    lower case; everything else is its UTF-8 bytes.

/// Writes the one canonical form of a value.
public enum CanonicalJSON {
    public static func bytes(_ value: JSON) -> [UInt8] {
        var buffer: [UInt8] = []
        append(value, to: &buffer)
        return buffer
    }

    public static func append(_ value: JSON, to buffer: inout [UInt8]) {
        switch value {
        case .string(let text): append(text, to: &buffer)
        case .integer(let number): append(number, to: &buffer)
        case .bool(let truth): append(verbatim: truth ? "true" : "false", to: &buffer)
        case .object(let object): append(object, to: &buffer)
        case .array(let values):
            buffer.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { buffer.append(UInt8(ascii: ",")) }
                append(value, to: &buffer)
            }
            buffer.append(UInt8(ascii: "]"))
        }
    }

    public static func append(_ object: JSONObject, to buffer: inout [UInt8]) {
        buffer.append(UInt8(ascii: "{"))
        var isFirst = true
        for member in object.members {
            if !isFirst { buffer.append(UInt8(ascii: ",")) }
            isFirst = false
            append(member.name, to: &buffer)
            buffer.append(UInt8(ascii: ":"))
            append(member.value, to: &buffer)
        }
        buffer.append(UInt8(ascii: "}"))
    }

    public static func append(_ number: Int64, to buffer: inout [UInt8]) {
        if number < 0 { buffer.append(UInt8(ascii: "-")) }
        var rest = number.magnitude
        let start = buffer.count
        repeat {
            buffer.append(0x30 + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        buffer[start...].reverse()
    }

    public static func append(_ text: String, to buffer: inout [UInt8]) {
        buffer.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { bytes in
            if bytes.contains(where: needsEscape) {
                for byte in bytes { append(escaping: byte, to: &buffer) }
            } else {
                buffer.append(contentsOf: bytes)
            }
        }
        buffer.append(UInt8(ascii: "\""))
    }

    /// Appends bytes that are canonical already.
    public static func append(verbatim text: StaticString, to buffer: inout [UInt8]) {
        buffer.append(
            contentsOf: UnsafeBufferPointer(
                start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    @inline(__always)
    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private static func append(escaping byte: UInt8, to buffer: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "\""): append(verbatim: "\\\"", to: &buffer)
        case UInt8(ascii: "\\"): append(verbatim: "\\\\", to: &buffer)
        case 0x08: append(verbatim: "\\b", to: &buffer)
        case 0x09: append(verbatim: "\\t", to: &buffer)
        case 0x0A: append(verbatim: "\\n", to: &buffer)
        case 0x0C: append(verbatim: "\\f", to: &buffer)
        case 0x0D: append(verbatim: "\\r", to: &buffer)
        case 0..<0x20:
            append(verbatim: "\\u00", to: &buffer)
            Hexadecimal.append(CollectionOfOne(byte), to: &buffer)
        default: buffer.append(byte)
        }
    }
}

extension JSON {
    /// At least as many bytes as the canonical form has.
    var canonicalByteBound: Int {
        switch self {
        case .string(let text): text.utf8.count * 6 + 2
        case .integer: 17
        case .bool: 5
        case .array(let values): values.reduce(2) { $0 + 1 + $1.canonicalByteBound }
        case .object(let object): object.canonicalByteBound
        }
    }
}

extension JSONObject {
    var canonicalByteBound: Int {
        members.reduce(2) { $0 + $1.name.utf8.count * 6 + 4 + $1.value.canonicalByteBound }
    }
}
