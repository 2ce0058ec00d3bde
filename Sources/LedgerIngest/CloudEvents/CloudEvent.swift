import LedgerCore
import LedgerCrypto

/// A CloudEvent 1.0: attributes by name, and data.
struct CloudEvent: Sendable {
    enum Content: Sendable {
        case none
        /// A value and the document that it stands in.
        case json(LenientJSON, in: [UInt8])
        case bytes([UInt8])
    }

    let id: String
    let source: String
    let type: String
    /// All attributes, those above among them; of extensions, numbers and Booleans as text.
    let attributes: [(name: String, value: String)]
    let content: Content
    /// The event in structured mode, as it came or, from binary mode, made of it.
    let original: [UInt8]

    init(
        attributes: [(name: String, value: String)], content: Content, original: [UInt8]
    ) throws(LedgerError) {
        // Two readers could take two different ones.
        var names: Set<String> = []
        for (name, _) in attributes where !names.insert(name).inserted {
            throw LedgerError(
                .invalidEvent,
                "a CloudEvent has the attribute \(GitText.line(name, limit: 60) ?? "") twice")
        }
        func attribute(_ name: String) throws(LedgerError) -> String {
            guard let value = attributes.first(where: { $0.name == name })?.value, !value.isEmpty
            else { throw LedgerError(.invalidEvent, "a CloudEvent needs the attribute \(name)") }
            return value
        }
        let version = try attribute("specversion")
        if version != "1.0", !version.hasPrefix("1.0.") {
            throw LedgerError(
                .invalidEvent, "only CloudEvents with specversion 1.0 are taken",
                advice: "have the sender speak CloudEvents 1.0")
        }
        id = try attribute("id")
        source = try attribute("source")
        type = try attribute("type")
        self.attributes = attributes
        self.content = content
        self.original = original
    }

    subscript(name: String) -> String? {
        attributes.first { $0.name == name }.flatMap { $0.value.isEmpty ? nil : $0.value }
    }

    /// Of structured mode (CloudEvents JSON Format 1.0 §2 and §3).
    init(_ value: LenientJSON, in bytes: [UInt8]) throws(LedgerError) {
        guard let members = value.members else {
            throw LedgerError(.invalidEvent, "a CloudEvent is an object")
        }
        var attributes: [(String, String)] = []
        for member in members where member.name != "data" && member.name != "data_base64" {
            switch member.value.kind {
            case .string(let text): attributes.append((member.name, text))
            case .number, .bool:
                let text = String(decoding: bytes[member.value.range], as: UTF8.self)
                attributes.append((member.name, text))
            // An attribute that is null is not there.
            case .null, .array, .object: break
            }
        }
        let content: Content
        switch (value["data"], value["data_base64"]) {
        case (.some, .some):
            throw LedgerError(.invalidEvent, "a CloudEvent has either data or data_base64")
        case (let data?, nil): content = data.isNull ? .none : .json(data, in: bytes)
        case (nil, let encoded?):
            guard let text = encoded.text, let decoded = Base64.decode(text) else {
                throw LedgerError(.invalidEvent, "data_base64 is not valid base64")
            }
            content = Self.content(decoded, type: attributes.first { $0.0 == "datacontenttype" }?.1)
        case (nil, nil): content = .none
        }
        try self.init(
            attributes: attributes, content: content, original: Array(bytes[value.range]))
    }

    /// Of a CDEvent that was posted without its CloudEvent: `context` has the attributes (CDEvents,
    /// "CloudEvents Binding": `timestamp` is `time`, and the whole CDEvent is the data).
    init(cdEvent value: LenientJSON, in bytes: [UInt8]) throws(LedgerError) {
        var attributes = [("specversion", "1.0")]
        let names = [("id", "id"), ("source", "source"), ("type", "type"), ("timestamp", "time")]
        for (name, attribute) in names {
            if let text = value["context"]?[name]?.text { attributes.append((attribute, text)) }
        }
        try self.init(
            attributes: attributes, content: .json(value, in: bytes),
            original: Array(bytes[value.range]))
    }

    /// Data is JSON if its type says so or says nothing; else it is bytes.
    static func content(_ bytes: [UInt8], type: String?) -> Content {
        guard !bytes.isEmpty else { return .none }
        let type = (type ?? "application/json").prefix { $0 != ";" }.lowercased()
        let isJSON = type.contains("/json") || type.contains("+json")
        guard isJSON, let value = try? LenientJSON.read(bytes) else { return .bytes(bytes) }
        return .json(value, in: bytes)
    }
}
