import LedgerCore

/// JSON as forges send it, with nulls and fractions. What is absent reads as null.
enum HookValue: Sendable {
    case null
    case bool(Bool)
    /// As it is written.
    case number(String)
    case string(String)
    case array([HookValue])
    /// In the order of the text. Of two members with one name the last counts, as for the parsers
    /// that forges are written with.
    case object([(name: String, value: HookValue)])

    /// - Throws: `LedgerError` `invalidEvent` that names the byte.
    static func read(_ bytes: [UInt8]) throws(LedgerError) -> HookValue {
        do throws(LenientJSONReader.Failure) {
            return HookValue(try LenientJSONReader.read(bytes), in: bytes)
        } catch {
            throw LedgerError(
                .invalidEvent,
                "the hook's body is not valid JSON: byte \(error.place): \(error.reason)")
        }
    }

    /// - Parameter bytes: what `value` was read from.
    init(_ value: LenientJSON, in bytes: [UInt8]) {
        switch value.kind {
        case .null: self = .null
        case .bool(let truth): self = .bool(truth)
        case .number: self = .number(String(decoding: bytes[value.range], as: UTF8.self))
        case .string(let text): self = .string(text)
        case .array(let values): self = .array(values.map { HookValue($0, in: bytes) })
        case .object(let members):
            self = .object(members.map { ($0.name, HookValue($0.value, in: bytes)) })
        }
    }

    subscript(name: String) -> HookValue {
        guard case .object(let members) = self else { return .null }
        return members.last { $0.name.utf8.elementsEqual(name.utf8) }?.value ?? .null
    }

    /// The value at the end of a path of names.
    subscript(first: String, rest: String...) -> HookValue {
        rest.reduce(self[first]) { $0[$1] }
    }

    var isNull: Bool {
        if case .null = self { true } else { false }
    }

    var isTrue: Bool {
        if case .bool(true) = self { true } else { false }
    }

    /// A string that says something; forges write "" for what is absent.
    var text: String? {
        guard case .string(let text) = self, !text.trimmed.isEmpty else { return nil }
        return text
    }

    /// A string, or a number as it is written: forges differ in how they write ids.
    var id: String? {
        if case .number(let text) = self { text } else { text }
    }

    /// A whole number.
    var integer: Int64? {
        if case .number(let text) = self { Int64(text) } else { nil }
    }

    var array: [HookValue] {
        if case .array(let values) = self { values } else { [] }
    }
}
