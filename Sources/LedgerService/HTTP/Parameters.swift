import Hummingbird
import HummingbirdCore
import LedgerCore
import LedgerOperations

/// The parameters of a URL whose names are all known and stand once.
struct Parameters {
    private let values: [String: String]

    /// - Throws: `usage` with "did you mean".
    init(_ request: Request, known: [String]) throws(LedgerError) {
        var values: [String: String] = [:]
        for (name, value) in try request.uri.decodedParameters() {
            guard known.contains(name) else {
                throw LedgerError(
                    .usage, "there is no parameter \(VisibleName.of(name))",
                    advice: Suggestion.advice(for: name, among: known))
            }
            if values[name] != nil { throw LedgerError(.usage, "\(name) is given twice") }
            values[name] = value
        }
        self.values = values
    }

    subscript(name: String) -> String? { values[name] }

    func truth(_ name: String) throws(LedgerError) -> Bool {
        guard let value = values[name] else { return false }
        return try Question.truth(name, value)
    }

    /// At least 0.
    func number(_ name: String) throws(LedgerError) -> Int64? {
        guard let value = values[name] else { return nil }
        guard let number = Int64(value), number >= 0, number < 1 << 53 else {
            throw LedgerError(.usage, "\(name) must be a number of at least 0")
        }
        return number
    }
}
