/// Goes through the tokens of one statement.
struct TokenCursor {
    struct Name {
        var parts: [String]

        var name: String { parts.last ?? "" }
        var schema: String? { parts.count > 1 ? parts[parts.count - 2] : nil }
    }

    private let bytes: [UInt8]
    private let tokens: [SQLToken]
    private(set) var place: Int

    init(_ bytes: [UInt8], _ tokens: [SQLToken]) {
        self.bytes = bytes
        self.tokens = tokens
        place = 0
    }

    var isAtEnd: Bool { place >= tokens.count }

    mutating func advance() { place += 1 }

    private func token(_ offset: Int) -> SQLToken? {
        let index = place + offset
        return tokens.indices.contains(index) ? tokens[index] : nil
    }

    /// Whether the next tokens are these keywords, in upper case, or symbols.
    func isNext(_ words: StaticString..., after offset: Int = 0) -> Bool {
        for (number, word) in words.enumerated() {
            guard let token = token(offset + number), matches(token, word) else { return false }
        }
        return true
    }

    func isNext(anyOf words: [StaticString]) -> Bool {
        guard let token = token(0) else { return false }
        return words.contains { matches(token, $0) }
    }

    private func matches(_ token: SQLToken, _ word: StaticString) -> Bool {
        (token.kind == .word || token.kind == .symbol)
            && SQLTokenizer.matches(bytes[token.range], word)
    }

    var nextIsNumber: Bool {
        guard let token = token(0), token.kind == .word else { return false }
        return bytes[token.range].first.map { 0x30...0x39 ~= $0 } ?? false
    }

    /// `@host`, or a variable.
    var nextBeginsWithAt: Bool {
        guard let token = token(0), token.kind == .word else { return false }
        return bytes[token.range].first == UInt8(ascii: "@")
    }

    /// Passes over these words if they are next.
    @discardableResult
    mutating func take(_ words: StaticString...) -> Bool {
        for (number, word) in words.enumerated() {
            guard let token = token(number), matches(token, word) else { return false }
        }
        place += words.count
        return true
    }

    /// Passes over any of these words, as often as they come.
    mutating func skip(_ words: [StaticString]) {
        while isNext(anyOf: words) { place += 1 }
    }

    /// Reads `name`, `schema.name`, `server.database.schema.name` or `database..name`.
    mutating func name() -> Name? {
        guard let first = part() else { return nil }
        var parts = [first]
        while isNext(".") {
            var dots = 0
            while isNext(".", after: dots) { dots += 1 }
            let start = place
            place += dots
            guard let next = part() else {
                place = start
                break
            }
            parts.append(next)
        }
        return Name(parts: parts)
    }

    private mutating func part() -> String? {
        guard let token = token(0) else { return nil }
        let raw = bytes[token.range]
        switch token.kind {
        case .quotedName:
            place += 1
            return Self.unquoted(raw)
        case .word:
            guard let first = raw.first, !(0x30...0x39 ~= first) else { return nil }
            place += 1
            return String(decoding: raw.map { 0x41...0x5A ~= $0 ? $0 | 0x20 : $0 }, as: UTF8.self)
        case .string:
            // MySQL and SQLite take a string for a name here and there.
            guard raw.first == UInt8(ascii: "'") else { return nil }
            place += 1
            return Self.unquoted(raw)
        default: return nil
        }
    }

    private static func unquoted(_ raw: ArraySlice<UInt8>) -> String {
        guard raw.count >= 2, let first = raw.first else { return "" }
        let quote = first == UInt8(ascii: "[") ? UInt8(ascii: "]") : first
        var name: [UInt8] = []
        var isDoubled = false
        for byte in raw.dropFirst().dropLast() {
            if byte == quote, !isDoubled {
                isDoubled = true
                continue
            }
            isDoubled = false
            name.append(byte)
        }
        return String(decoding: name, as: UTF8.self)
    }

    /// Passes over `( … )` if it is next.
    mutating func skipParentheses() {
        guard isNext("(") else { return }
        var depth = 0
        while !isAtEnd {
            if isNext("(") { depth += 1 }
            if isNext(")") { depth -= 1 }
            place += 1
            if depth == 0 { return }
        }
    }

    /// Passes over everything up to one of these words outside parentheses; false if there is none.
    mutating func skip(to words: [StaticString]) -> Bool {
        while !isAtEnd {
            if isNext(anyOf: words) { return true }
            if isNext("(") { skipParentheses() } else { place += 1 }
        }
        return false
    }

    /// Within each of the `( … )` that come from here on and lie in no other.
    var inParentheses: [TokenCursor] {
        var found: [TokenCursor] = []
        var cursor = self
        while cursor.skip(to: ["("]) {
            let start = cursor.place + 1
            cursor.skipParentheses()
            found.append(TokenCursor(bytes, Array(tokens[start..<max(start, cursor.place)])))
        }
        return found
    }

    /// The bytes of the next string without its quotes: for `DO $$ … $$`.
    func dollarQuotedBody() -> [UInt8]? {
        guard let token = token(0), token.kind == .string else { return nil }
        let raw = bytes[token.range]
        guard raw.first == UInt8(ascii: "$"),
            let tagEnd = raw.dropFirst().firstIndex(of: UInt8(ascii: "$"))
        else { return nil }
        let length = tagEnd - raw.startIndex + 1
        guard raw.count >= 2 * length else { return nil }
        return Array(raw.dropFirst(length).dropLast(length))
    }
}
