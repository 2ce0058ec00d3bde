import LedgerCore
import LedgerCrypto

// Binary mode (HTTP Protocol Binding for CloudEvents 1.0.2 §3.1): the attributes are in fields
// `ce-NAME`, `Content-Type` is `datacontenttype`, and the body is the data.
extension CloudEvent {
    private static let prefix = "ce-"
    // Required of every CloudEvent; any of them shows that one was meant.
    private static let marks = ["ce-specversion", "ce-id", "ce-source", "ce-type"]

    /// Whether the fields are those of binary mode.
    static func isIn(_ headers: [(name: String, value: String)]) -> Bool {
        headers.contains { marks.contains($0.name.lowercased()) }
    }

    init(binary request: PostedRequest) throws(LedgerError) {
        var attributes: [(name: String, value: String)] = []
        for header in request.headers {
            let field = header.name.lowercased()
            guard field.hasPrefix(Self.prefix) else { continue }
            let name = String(field.dropFirst(Self.prefix.count))
            // CloudEvents 1.0.2, "Naming Conventions".
            guard !name.isEmpty, name.utf8.allSatisfy(Self.isOfName), name != "data" else {
                throw LedgerError(
                    .invalidEvent, "a ce- field has a name that is none of an attribute",
                    advice: "names of attributes have small letters and digits only")
            }
            attributes.append((name, try Self.decoded(header.value, field: "ce-\(name)")))
        }
        attributes.removeAll { $0.name == "datacontenttype" }
        if let type = request.contentType { attributes.append(("datacontenttype", type)) }
        let content = Self.content(request.body, type: request.contentType)
        try self.init(
            attributes: attributes, content: content,
            original: Self.structured(attributes, content))
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        0x61...0x7A ~= byte || 0x30...0x39 ~= byte
    }

    /// A field's text as §3.1.3.2 decodes it: quotes and their escapes first, then `%XX`. A `%`
    /// before anything else stands for itself.
    private static func decoded(_ value: String, field: String) throws(LedgerError) -> String {
        let raw = unquoted(Array(value.utf8))
        var bytes: [UInt8] = []
        var place = 0
        while place < raw.count {
            if raw[place] == UInt8(ascii: "%"), place + 2 < raw.count,
                let high = hexadecimal(raw[place + 1]), let low = hexadecimal(raw[place + 2])
            {
                bytes.append(high << 4 | low)
                place += 3
            } else {
                bytes.append(raw[place])
                place += 1
            }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw LedgerError(.invalidEvent, "the field \(field) is not UTF-8 after decoding")
        }
        if text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
            throw LedgerError(.invalidEvent, "the field \(field) has control characters")
        }
        return text
    }

    private static func unquoted(_ bytes: [UInt8]) -> [UInt8] {
        let quote = UInt8(ascii: "\"")
        guard bytes.count >= 2, bytes.first == quote, bytes.last == quote else { return bytes }
        var text: [UInt8] = []
        var isEscaped = false
        for byte in bytes.dropFirst().dropLast() {
            if byte == UInt8(ascii: "\\"), !isEscaped {
                isEscaped = true
            } else {
                text.append(byte)
                isEscaped = false
            }
        }
        return text
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        Character(Unicode.Scalar(byte)).hexDigitValue.map(UInt8.init)
    }

    /// The same event in structured mode, in which it is kept.
    private static func structured(
        _ attributes: [(name: String, value: String)], _ content: Content
    ) -> [UInt8] {
        var bytes: [UInt8] = [UInt8(ascii: "{")]
        for (index, attribute) in attributes.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes += CanonicalJSON.bytes(.string(attribute.name))
            bytes.append(UInt8(ascii: ":"))
            bytes += CanonicalJSON.bytes(.string(attribute.value))
        }
        switch content {
        case .none: break
        case .json(let value, let document):
            bytes += Array(",\"data\":".utf8) + document[value.range]
        case .bytes(let data):
            bytes += Array(",\"data_base64\":\"".utf8) + Array(Base64.encode(data).utf8)
            bytes.append(UInt8(ascii: "\""))
        }
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }
}
