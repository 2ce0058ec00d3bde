import LedgerCore

// CSVWriter.swift
//
// CSV as in RFC 4180: UTF-8 without a byte order mark, a header, CRLF after every record; a field
// that holds a comma, a quotation mark, CR or LF stands in quotation marks, and those within are
// doubled. Absent values are empty fields.
//
// A spreadsheet takes a field that begins with = + - @ (or their full-width forms), tab, CR or LF
// for a formula and runs it. Such text, and text that looks like what this rule makes of it,
// gets one ' in front:
//
//    a text field that matches ^'*[=+\-@＝＋－＠\t\r\n] is written with one more '
//    a reader that wants the exact text takes one ' from a field that matches ^'+[=+\-@…]
//
// Numbers are written as they are.

/// Writes records as CSV, field by field.
enum CSVWriter {
    /// One record of text that comes from outside.
    static func append(record fields: [String], to buffer: inout [UInt8]) {
        for (index, field) in fields.enumerated() {
            if index > 0 { buffer.append(UInt8(ascii: ",")) }
            append(text: field, to: &buffer)
        }
        endRecord(&buffer)
    }

    static func endRecord(_ buffer: inout [UInt8]) {
        buffer.append(UInt8(ascii: "\r"))
        buffer.append(UInt8(ascii: "\n"))
    }

    /// Lists and objects become their canonical JSON.
    static func append(_ value: JSON?, to buffer: inout [UInt8]) {
        switch value {
        case nil: break
        case .string(let text): append(text: text, to: &buffer)
        case .integer(let number): CanonicalJSON.append(number, to: &buffer)
        case .bool(let truth): buffer.append(contentsOf: (truth ? "true" : "false").utf8)
        case .array, .object:
            let json = value.map(CanonicalJSON.bytes) ?? []
            append(text: String(decoding: json, as: UTF8.self), to: &buffer)
        }
    }

    /// - Parameter isExact: the text has the sign that defuses it already.
    static func append(text: String, to buffer: inout [UInt8], isExact: Bool = false) {
        var text = text
        text.withUTF8 { bytes in
            let isFormula = !isExact && looksLikeFormula(bytes)
            let isQuoted = bytes.contains(where: needsQuotes)
            if isQuoted { buffer.append(quote) }
            if isFormula { buffer.append(UInt8(ascii: "'")) }
            if bytes.contains(quote) {
                for byte in bytes {
                    if byte == quote { buffer.append(quote) }
                    buffer.append(byte)
                }
            } else {
                buffer.append(contentsOf: bytes)
            }
            if isQuoted { buffer.append(quote) }
        }
    }

    private static let quote = UInt8(ascii: "\"")

    private static func needsQuotes(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ","), quote, UInt8(ascii: "\r"), UInt8(ascii: "\n"): true
        default: false
        }
    }

    private static func looksLikeFormula(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let rest = bytes.drop { $0 == UInt8(ascii: "'") }
        switch rest.first {
        case UInt8(ascii: "="), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "@"),
            UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"):
            return true
        case 0xEF: return ["＝", "＋", "－", "＠"].contains { rest.starts(with: $0.utf8) }
        default: return false
        }
    }
}

/// Writes records whose fields are texts already.
public enum CSVRecord {
    /// - Parameter isExact: the fields are those of a record that was read, as they stood there.
    public static func append(
        _ fields: [String], to buffer: inout [UInt8], isExact: Bool = false
    ) {
        for (index, field) in fields.enumerated() {
            if index > 0 { buffer.append(UInt8(ascii: ",")) }
            CSVWriter.append(text: field, to: &buffer, isExact: isExact)
        }
        CSVWriter.endRecord(&buffer)
    }
}
