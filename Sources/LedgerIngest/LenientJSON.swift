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
        do throws(LenientJSONReader.Failure) {
            return try LenientJSONReader.read(bytes)
        } catch {
            throw LedgerError(
                .invalidEvent, "not valid JSON: \(error.reason), at byte \(error.place)")
        }
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
