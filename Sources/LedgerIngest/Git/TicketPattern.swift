import LedgerCore

/// Finds a ticket's key in text.
///
/// Without an expression of the user's it takes keys such as ABC-12 where they stand as a name:
/// first in the text, after the `/` or quote of a branch, or in brackets. Elsewhere "SHA-256" and
/// "UTF-8" would be tickets too.
struct TicketPattern {
    private let regex: Regex<AnyRegexOutput>?

    /// The first group of the expression is the ticket, else the whole match.
    ///
    /// - Throws: `LedgerError` `usage` for a pattern that is not a regular expression.
    init(_ pattern: String?) throws(LedgerError) {
        regex = try pattern.map { pattern throws(LedgerError) in
            guard let regex = try? Regex(pattern) else {
                throw LedgerError(
                    .usage, "the ticket pattern \"\(pattern)\" is not a valid regular expression")
            }
            return regex
        }
    }

    func first(in text: some StringProtocol) -> String? {
        guard let regex else { return Self.key(in: Array(text.utf8)) }
        guard let match = String(text).firstMatch(of: regex) else { return nil }
        let group = match.output.count > 1 ? match.output[1].substring : nil
        let found = group ?? match.output[0].substring ?? ""
        return found.isEmpty ? nil : String(found)
    }

    // (start | / | ' | " | [) letter (letter | digit)+ - digit+, not followed by a letter or digit.
    private static func key(in text: [UInt8]) -> String? {
        for dash in text.indices where text[dash] == UInt8(ascii: "-") {
            let start = text[..<dash].lastIndex { !isUpper($0) && !isDigit($0) }.map { $0 + 1 } ?? 0
            let end = text[(dash + 1)...].firstIndex { !isDigit($0) } ?? text.count
            let isAlone =
                (start == 0 || "/'\"[".utf8.contains(text[start - 1]))
                && (end == text.count || !isLetter(text[end]))
            if isAlone, dash - start >= 2, isUpper(text[start]), end > dash + 1 {
                return String(decoding: text[start..<end], as: UTF8.self)
            }
        }
        return nil
    }

    private static func isUpper(_ byte: UInt8) -> Bool { 0x41...0x5A ~= byte }
    private static func isDigit(_ byte: UInt8) -> Bool { 0x30...0x39 ~= byte }
    private static func isLetter(_ byte: UInt8) -> Bool { 0x61...0x7A ~= byte | 0x20 }
}
