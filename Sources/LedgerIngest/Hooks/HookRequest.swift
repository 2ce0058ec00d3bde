import LedgerCore

/// A webhook as it arrived: its headers, and the bytes that its signature covers.
public struct HookRequest: Sendable {
    public let headers: [(name: String, value: String)]
    public let body: [UInt8]

    public init(headers: [(name: String, value: String)], body: [UInt8]) {
        self.headers = headers
        self.body = body
    }

    /// The value of a header, whose name is compared without regard to case. Nil if it is absent or
    /// empty, and if it stands there twice: whoever reads one of them may read the wrong one.
    public subscript(name: String) -> String? {
        let values = headers.filter { header in
            header.name.utf8.count == name.utf8.count && header.name.begins(with: name)
        }
        guard values.count == 1 else { return nil }
        let value = values[0].value.trimmed
        return value.isEmpty ? nil : String(value)
    }

    /// The body's media type without parameters.
    var mediaType: String {
        let type = self["Content-Type"]?.prefix { $0 != ";" }.trimmed ?? ""
        return GitText.line(type, limit: 200) ?? "application/json"
    }

    /// The JSON in the body, which a form holds in its field `payload`.
    func json() throws(LedgerError) -> HookValue {
        guard mediaType.lowercased() == "application/x-www-form-urlencoded" else {
            return try HookValue.read(body)
        }
        let fields = body.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: true)
        let name = Array("payload=".utf8)
        guard let field = fields.first(where: { $0.starts(with: name) }) else {
            throw LedgerError(
                .invalidEvent, "the form has no field payload",
                advice: "set the hook's content type to application/json")
        }
        return try HookValue.read(Self.decoded(field.dropFirst(name.count)))
    }

    // WHATWG URL, "application/x-www-form-urlencoded parsing": what is no escape stays as it is.
    private static func decoded(_ text: ArraySlice<UInt8>) -> [UInt8] {
        func value(_ digit: UInt8) -> UInt8? {
            switch digit {
            case 0x30...0x39: digit - 0x30
            case 0x41...0x46: digit - 0x41 + 10
            case 0x61...0x66: digit - 0x61 + 10
            default: nil
            }
        }
        var decoded: [UInt8] = []
        decoded.reserveCapacity(text.count)
        var place = text.startIndex
        while place < text.endIndex {
            let byte = text[place]
            if byte == UInt8(ascii: "%"), place + 2 < text.endIndex,
                let high = value(text[place + 1]), let low = value(text[place + 2])
            {
                decoded.append(high << 4 | low)
                place += 3
            } else {
                decoded.append(byte == UInt8(ascii: "+") ? 0x20 : byte)
                place += 1
            }
        }
        return decoded
    }
}
