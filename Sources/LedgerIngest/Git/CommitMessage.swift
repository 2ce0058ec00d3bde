import LedgerCore

/// What a commit's message says to the ledger.
struct CommitMessage: Sendable {
    let subject: String
    /// What follows the subject, without blank lines around it.
    let body: String

    init(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let paragraph = lines.drop { $0.allSatisfy(\.isWhitespace) }
        // Git's subject is the whole first paragraph.
        let subject = paragraph.prefix { !$0.allSatisfy(\.isWhitespace) }
        self.subject = subject.map { Self.trimmed($0) }.joined(separator: " ")
        body = Self.trimmed(lines[subject.endIndex...].joined(separator: "\n")[...])
    }

    private static func trimmed(_ text: Substring) -> String {
        let rest = text.drop(while: \.isWhitespace)
        let end = rest.lastIndex { !$0.isWhitespace }.map(rest.index(after:))
        return String(rest[..<(end ?? rest.startIndex)])
    }

    /// The value of the last line `NAME: VALUE` with one of these names, in any case. Squashing
    /// puts the trailers of the squashed commits in the middle of a message, so every line counts.
    func trailer(_ names: String...) -> String? {
        var found: String?
        for line in body.split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":"),
                names.contains(where: { $0.lowercased() == line[..<colon].lowercased() })
            else { continue }
            let value = Self.trimmed(line[line.index(after: colon)...])
            if !value.isEmpty { found = value }
        }
        return found
    }

    /// The strategy that `Rollback-Strategy:` names, or the word there that is none.
    func rollbackStrategy() -> RollbackWord? {
        guard let word = trailer("Rollback-Strategy") else { return nil }
        let name = String(word.lowercased().map { $0 == "-" || $0 == " " ? "_" : $0 })
        return RollbackStrategy(rawValue: name).map(RollbackWord.known) ?? .unknown(word)
    }

    enum RollbackWord {
        case known(RollbackStrategy)
        case unknown(String)
    }

    /// The ticket that a trailer names, else what the pattern finds in the subject, which holds the
    /// branch's name in a merge, or in the body's first line, which holds the request's title.
    func ticket(_ pattern: TicketPattern) -> String? {
        if let ticket = trailer("Ticket", "Issue", "Refs", "Ref", "Jira") { return ticket }
        return pattern.first(in: subject) ?? pattern.first(in: body.prefix { $0 != "\n" })
    }

    /// The number of the pull or merge request, by the words that forges put into a message.
    var requestNumber: String? {
        if let number = Self.number(in: subject, after: "Merge pull request #") { return number }
        if let number = Self.number(in: subject, after: "(pull request #") { return number }
        if let number = Self.number(in: subject, after: "Merged PR ") { return number }
        if subject.hasSuffix(")"), let place = subject.range(ofLast: "(#") {
            let inner = subject[place.upperBound...].dropLast()
            if Self.isNumber(inner) { return String(inner) }
        }
        guard let place = body.range(ofLast: "See merge request ") else { return nil }
        let word = body[place.upperBound...].prefix { !$0.isWhitespace }
        let number = word.split(separator: "!", omittingEmptySubsequences: false).last ?? ""
        return word.contains("!") && Self.isNumber(number) ? String(number) : nil
    }

    private static func number(in text: String, after words: String) -> String? {
        guard let place = text.range(ofLast: words) else { return nil }
        let digits = text[place.upperBound...].prefix { $0.isASCII && $0.isNumber }
        return digits.isEmpty ? nil : String(digits)
    }

    private static func isNumber(_ text: Substring) -> Bool {
        !text.isEmpty && text.allSatisfy { $0.isASCII && $0.isNumber }
    }
}

/// Finds a ticket's key in text.
struct TicketPattern: Sendable {
    // Keys such as ABC-12 where they stand as a name: first in the text, after the `/` or quote of
    // a branch, or in brackets. Elsewhere "SHA-256" and "UTF-8" would be tickets too.
    static let usual = "(?:^|[/'\"\\[])([A-Z][A-Z0-9]+-[0-9]+)(?![A-Za-z0-9])"

    private let pattern: String

    /// Without a pattern, `usual` is used. The first group is the ticket, else the whole match.
    ///
    /// - Throws: `LedgerError` `usage` for a pattern that is not a regular expression.
    init(_ pattern: String?) throws(LedgerError) {
        self.pattern = pattern ?? Self.usual
        if (try? Regex(self.pattern)) == nil {
            throw LedgerError(
                .usage, "the ticket pattern \"\(self.pattern)\" is not a valid regular expression")
        }
    }

    func first(in text: some StringProtocol) -> String? {
        // Compiled for each merge that brings a script: a Regex can't be shared between threads.
        guard let regex = try? Regex(pattern), let match = String(text).firstMatch(of: regex) else {
            return nil
        }
        let group = match.output.count > 1 ? match.output[1].substring : nil
        let found = group ?? match.output[0].substring ?? ""
        return found.isEmpty ? nil : String(found)
    }
}
