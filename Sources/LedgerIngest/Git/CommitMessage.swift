import LedgerCore

/// What a commit's message says to the ledger.
struct CommitMessage: Sendable {
    let subject: String
    /// What follows the subject, without blank lines around it.
    let body: String

    init(_ text: String) {
        // Git's subject is the whole first paragraph.
        var subject: [Substring] = []
        var rest = text[...]
        while !rest.isEmpty {
            let end = rest.utf8.firstIndex(of: 0x0A) ?? rest.endIndex
            let line = rest[..<end].trimmed
            if line.isEmpty, !subject.isEmpty { break }
            if !line.isEmpty { subject.append(line) }
            rest = rest[end...].dropFirst()
        }
        self.subject = subject.joined(separator: " ")
        body = String(rest.trimmed)
    }

    /// The value of the last line `NAME: VALUE` with one of these names, in any case. Squashing
    /// puts the trailers of the squashed commits in the middle of a message, so every line counts.
    func trailer(_ names: String...) -> String? {
        var found: String?
        for line in body.utf8.split(separator: 0x0A) {
            guard let name = names.first(where: { Substring(line).begins(with: $0 + ":") }) else {
                continue
            }
            let value = Substring(line.dropFirst(name.utf8.count + 1)).trimmed
            if !value.isEmpty { found = String(value) }
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
