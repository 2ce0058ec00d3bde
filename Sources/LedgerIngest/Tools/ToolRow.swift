import LedgerCore

/// A row of the table in which a migration tool keeps its history: what its columns say, those that
/// are NULL left out.
public struct ToolRow: Sendable {
    public enum Value: Sendable, Equatable {
        case text(String)
        case integer(Int64)
    }

    /// In the table's order.
    public let columns: [(name: String, value: Value)]
    /// Its place in what was read, from 1.
    public let number: Int

    public init(_ columns: [(name: String, value: Value)], number: Int) {
        self.columns = columns
        self.number = number
    }

    /// A column, in capital or small letters: databases differ in how they give names back.
    func value(_ name: String) -> Value? {
        columns.first { $0.name.lowercased() == name }?.value
    }

    func text(_ name: String) -> String? {
        switch value(name) {
        case .text(let text)?: text.isEmpty ? nil : text
        case .integer(let number)?: String(number)
        case nil: nil
        }
    }

    /// - Throws: `invalidEvent` for a text that is no number.
    func integer(_ name: String) throws(LedgerError) -> Int64? {
        switch value(name) {
        case .integer(let number)?: return number
        case .text(let text)?:
            if text.isEmpty { return nil }
            guard let number = Int64(text) else { throw wrong(name, "is no whole number") }
            return number
        case nil: return nil
        }
    }

    /// As databases and their dumps write it: `1`, `t`, `true`, `yes`.
    ///
    /// - Throws: `invalidEvent` for anything else.
    func truth(_ name: String) throws(LedgerError) -> Bool? {
        guard let text = text(name)?.lowercased() else { return nil }
        switch text {
        case "1", "t", "true", "y", "yes", "on", "\u{1}": return true
        case "0", "f", "false", "n", "no", "off", "\u{0}": return false
        default: throw wrong(name, "is neither true nor false")
        }
    }

    /// - Throws: `invalidEvent` if the column is empty.
    func needed(_ name: String) throws(LedgerError) -> String {
        guard let text = text(name) else { throw missing(name) }
        return text
    }

    func missing(_ name: String) -> LedgerError {
        LedgerError(.invalidEvent, "row \(number) has nothing in the column \(name)")
    }

    func wrong(_ name: String, _ what: String) -> LedgerError {
        let value = VisibleName.of(String((text(name) ?? "").prefix(60)))
        return LedgerError(.invalidEvent, "row \(number): \(name), \(value), \(what)")
    }

    /// The row with free text in the place of what may open doors.
    func secretFree(_ name: String) -> ToolRow {
        ToolRow(
            columns.map { column in
                guard column.name.lowercased() == name, case .text(let text) = column.value else {
                    return column
                }
                return (column.name, .text(SecretFreeText.text(of: text)))
            }, number: number)
    }

    /// The row as it came, to be attached: one JSON object in canonical form.
    var bytes: [UInt8] {
        var object = JSONObject()
        for (name, value) in columns where !name.isEmpty {
            switch value {
            case .text(let text): object[name] = .string(text)
            case .integer(let number):
                object[name] =
                    JSON.integerBounds.contains(number) ? .integer(number) : .string(String(number))
            }
        }
        return CanonicalJSON.bytes(.object(object)) + [0x0A]
    }
}
