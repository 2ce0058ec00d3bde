import LedgerCore

/// A member of a record: its name, what it means, and what its values look like.
public struct RecordField: Sendable {
    public indirect enum Kind: Sendable {
        case string
        case integer
        case boolean
        /// UTC with milliseconds, such as `2026-11-17T08:00:00.000Z`.
        case time
        /// 64 lower-case hexadecimal digits.
        case hash
        case oneOf([String])
        case list(Kind)
        /// Known members, which CSV gives columns of their own.
        case object([RecordField])
        /// Free names, each with a value of one kind.
        case map(Kind)
        /// An object of an event, as its source tells it.
        case anything
    }

    public let name: String
    public let kind: Kind
    public let meaning: String
    /// There in every record.
    public let isRequired: Bool

    public init(_ name: String, _ kind: Kind, _ meaning: String = "", isRequired: Bool = false) {
        self.name = name
        self.kind = kind
        self.meaning = meaning
        self.isRequired = isRequired
    }
}

extension RecordField {
    /// As JSON Schema (2020-12).
    var schema: JSONObject {
        var schema = kind.schema
        if !meaning.isEmpty { schema["description"] = .string(meaning) }
        return schema
    }

    /// Members may be added in later versions of the program, so others than these are allowed.
    static func schema(ofObjectWith fields: [RecordField]) -> JSONObject {
        var properties = JSONObject()
        for field in fields { properties[field.name] = .object(field.schema) }
        var schema = JSONObject([
            "type": "object", "properties": .object(properties),
        ])
        let required = fields.filter(\.isRequired).map { JSON.string($0.name) }
        if !required.isEmpty { schema["required"] = .array(required) }
        return schema
    }
}

extension RecordField.Kind {
    var schema: JSONObject {
        switch self {
        case .string: JSONObject(["type": "string"])
        case .integer: JSONObject(["type": "integer"])
        case .boolean: JSONObject(["type": "boolean"])
        case .time:
            JSONObject([
                "type": "string", "format": "date-time",
                "pattern": "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$",
            ])
        case .hash: JSONObject(["type": "string", "pattern": "^[0-9a-f]{64}$"])
        case .oneOf(let words):
            JSONObject(["type": "string", "enum": .array(words.map(JSON.string))])
        case .list(let kind): JSONObject(["type": "array", "items": .object(kind.schema)])
        case .object(let fields): RecordField.schema(ofObjectWith: fields)
        case .map(let kind):
            JSONObject(["type": "object", "additionalProperties": .object(kind.schema)])
        case .anything: JSONObject(["type": "object"])
        }
    }
}
