import LedgerCore

// XMLReader.swift
//
// The part of XML 1.0 that reports are written in: elements, attributes, text, CDATA, comments and
// processing instructions, in UTF-8. References are the five that XML knows by name, and characters
// by number. A DOCTYPE is refused, and with it every entity: what a report means must stand in it.

/// Gives the elements and texts of a document one after the other.
struct XMLReader {
    struct Element {
        let name: String
        let attributes: [(name: String, value: String)]

        /// The value of an attribute that says something.
        subscript(name: String) -> String? {
            let value = attributes.first { $0.name.hasSameBytes(as: name) }?.value
            return value?.isEmpty == false ? value : nil
        }
    }

    enum Part {
        case start(Element)
        case text(String)
        case end
    }

    static let depthLimit = 64
    static let attributeLimit = 256
    static let nameByteLimit = 1000

    private let bytes: [UInt8]
    private var place = 0
    private(set) var line = 1
    private var open: [[UInt8]] = []
    private var isEmptyElement = false
    private var hasRoot = false

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { place = 3 }
    }

    /// The next part; nil at the end of a document that is whole.
    ///
    /// - Throws: `invalidEvent` with the line of what is no XML, or none that is read.
    mutating func next() throws(LedgerError) -> Part? {
        if isEmptyElement {
            isEmptyElement = false
            open.removeLast()
            return .end
        }
        while place < bytes.count {
            guard bytes[place] == UInt8(ascii: "<") else {
                let text = try text()
                if open.isEmpty {
                    if text.trimmed.isEmpty { continue }
                    throw error("there is text outside of the root")
                }
                return .text(text)
            }
            if has("<!--") {
                try skip(past: "-->", "a comment")
            } else if has("<![CDATA[") {
                if open.isEmpty { throw error("there is text outside of the root") }
                let start = place + 9
                try skip(past: "]]>", "a CDATA section")
                return .text(try string(start..<place - 3))
            } else if has("<!") {
                throw error("a document type or an entity is declared, and none is taken")
            } else if has("<?") {
                try instruction()
            } else if has("</") {
                try endTag()
                return .end
            } else {
                return .start(try startTag())
            }
        }
        if let name = open.last {
            throw error("<\(shown(name))> is not closed: the document is cut off")
        }
        if !hasRoot { throw error("there is no element in it") }
        return nil
    }

    private func error(_ reason: String) -> LedgerError {
        LedgerError(.invalidEvent, "line \(line): \(reason)")
    }

    private func shown(_ name: [UInt8]) -> String {
        VisibleName.of(String(decoding: name, as: UTF8.self))
    }

    private func has(_ text: StaticString) -> Bool {
        let needle = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        return bytes[place...].starts(with: needle)
    }

    private mutating func advance() {
        if bytes[place] == 0x0A { line += 1 }
        place += 1
    }

    private mutating func skip(past end: StaticString, _ what: String) throws(LedgerError) {
        let start = line
        place += 2
        while place < bytes.count {
            if has(end) {
                place += end.utf8CodeUnitCount
                return
            }
            advance()
        }
        line = start
        throw error("\(what) is not closed")
    }

    private mutating func instruction() throws(LedgerError) {
        let start = place
        try skip(past: "?>", "a processing instruction")
        let text = try string(start..<place)
        guard text.hasPrefix("<?xml "), let name = text.range(ofText: "encoding=") else { return }
        let encoding = text[name.upperBound...].dropFirst()
            .prefix { $0 != "\"" && $0 != "'" }.lowercased()
        if !["utf-8", "utf8", "us-ascii", "ascii"].contains(encoding) {
            throw LedgerError(
                .invalidEvent, "it is in \(VisibleName.of(encoding)), and only UTF-8 is read",
                advice: "turn it into UTF-8 with iconv, and say so in its first line")
        }
    }

    private mutating func name() throws(LedgerError) -> [UInt8] {
        let start = place
        while place < bytes.count {
            let byte = bytes[place]
            let ends = byte <= 0x20 || "/>=<\"'&".utf8.contains(byte)
            if ends { break }
            place += 1
        }
        let isShort = place - start <= Self.nameByteLimit
        guard place > start, isShort else { throw error("a name is missing or too long") }
        return Array(bytes[start..<place])
    }

    private mutating func skipSpace() {
        while place < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[place]) { advance() }
    }

    private mutating func startTag() throws(LedgerError) -> Element {
        place += 1
        let name = try name()
        if open.isEmpty, hasRoot { throw error("there is a second root") }
        hasRoot = true
        if open.count == Self.depthLimit {
            throw error("elements are nested more than \(Self.depthLimit) deep")
        }
        var attributes: [(name: String, value: String)] = []
        while true {
            let before = place
            skipSpace()
            guard place < bytes.count else { throw error("<\(shown(name))> is cut off") }
            if bytes[place] == UInt8(ascii: ">") {
                place += 1
                break
            }
            if has("/>") {
                place += 2
                isEmptyElement = true
                break
            }
            if place == before { throw error("<\(shown(name))> is not well formed") }
            let attribute = try attribute(of: name)
            if attributes.contains(where: { $0.name.hasSameBytes(as: attribute.name) }) {
                throw error(
                    "<\(shown(name))> has \(VisibleName.of(attribute.name)) twice")
            }
            if attributes.count == Self.attributeLimit {
                throw error("<\(shown(name))> has more than \(Self.attributeLimit) attributes")
            }
            attributes.append(attribute)
        }
        open.append(name)
        return Element(name: try string(name[...]), attributes: attributes)
    }

    private mutating func attribute(
        of element: [UInt8]
    ) throws(LedgerError) -> (name: String, value: String) {
        let name = try name()
        skipSpace()
        guard place < bytes.count, bytes[place] == UInt8(ascii: "=") else {
            throw error("<\(shown(element))>: \(shown(name)) has no value")
        }
        place += 1
        skipSpace()
        guard place < bytes.count, let quote = Optional(bytes[place]),
            quote == 0x22 || quote == 0x27
        else { throw error("<\(shown(element))>: the value of \(shown(name)) has no quotes") }
        place += 1
        let start = place
        while place < bytes.count, bytes[place] != quote {
            if bytes[place] == UInt8(ascii: "<") {
                throw error("<\(shown(element))>: there is a < in the value of \(shown(name))")
            }
            advance()
        }
        guard place < bytes.count else { throw error("<\(shown(element))> is cut off") }
        let value = try unescaped(bytes[start..<place])
        place += 1
        return (try string(name[...]), value)
    }

    private mutating func endTag() throws(LedgerError) {
        place += 2
        let name = try name()
        skipSpace()
        guard place < bytes.count, bytes[place] == UInt8(ascii: ">") else {
            throw error("</\(shown(name))> is cut off")
        }
        place += 1
        guard let last = open.popLast() else { throw error("</\(shown(name))> closes nothing") }
        if last != name {
            throw error("</\(shown(name))> stands where </\(shown(last))> is expected")
        }
    }

    private mutating func text() throws(LedgerError) -> String {
        let start = place
        while place < bytes.count, bytes[place] != UInt8(ascii: "<") { advance() }
        return try unescaped(bytes[start..<place])
    }

    private func string(_ range: Range<Int>) throws(LedgerError) -> String {
        try string(bytes[range])
    }

    private func string(_ bytes: ArraySlice<UInt8>) throws(LedgerError) -> String {
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        throw error("it is not valid UTF-8")
    }

    private func unescaped(_ raw: ArraySlice<UInt8>) throws(LedgerError) -> String {
        guard raw.contains(UInt8(ascii: "&")) else { return try string(raw) }
        var text = ""
        var rest = raw
        while let ampersand = rest.firstIndex(of: UInt8(ascii: "&")) {
            text += try string(rest[..<ampersand])
            let after = rest[(ampersand + 1)...]
            guard let end = after.prefix(12).firstIndex(of: UInt8(ascii: ";")) else {
                throw error("an & is no reference")
            }
            text.unicodeScalars.append(try scalar(String(decoding: after[..<end], as: UTF8.self)))
            rest = after[(end + 1)...]
        }
        return text + (try string(rest))
    }

    private func scalar(_ reference: String) throws(LedgerError) -> Unicode.Scalar {
        switch reference {
        case "lt": return "<"
        case "gt": return ">"
        case "amp": return "&"
        case "quot": return "\""
        case "apos": return "'"
        default:
            guard reference.hasPrefix("#") else {
                throw error("the entity &\(VisibleName.of(reference)); is not known")
            }
            let isHexadecimal = reference.hasPrefix("#x")
            let number = UInt32(
                reference.dropFirst(isHexadecimal ? 2 : 1), radix: isHexadecimal ? 16 : 10)
            guard let number, number > 0, let scalar = Unicode.Scalar(number) else {
                throw error("&\(VisibleName.of(reference)); is no character")
            }
            return scalar
        }
    }
}
