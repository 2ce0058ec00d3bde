// SQLTokenizer.swift
//
// Tokens of SQL as PostgreSQL, MySQL, SQLite and SQL Server write it. Which of them a script is for
// is mostly unknown, so one set of rules reads all four:
//
//   --  to the end of the line            a comment
//   /* … */                               a comment; a nested one if it closes, else to the first */
//   /*! … */                              no comment: MySQL executes it
//   # at the beginning of a line          a comment of MySQL; kept, since elsewhere # is an operator
//   'it''s'  E'\n'  N'…'  $tag$ … $tag$   strings; a backslash escapes after E, and in every string
//                                         of a script that has names in backticks
//   "a"  `a`  [a]                         names; [ after a name or ] is a subscript
//
// Where rules contradict each other, the one is taken that keeps more bytes: then two scripts that
// differ are never taken for the same.

/// Reads the tokens of a script, one after the other; comments and blanks are passed over. Any bytes
/// are read without an error.
public struct SQLTokenizer {
    private let bytes: [UInt8]
    private let hasBackslashEscapes: Bool
    private var place = 0
    // What ends a statement instead of ";", as MySQL's client understands it.
    private var delimiter: [UInt8] = [0x3B]
    private var previous: SQLToken?
    // Until a comment was met that does not close if comments nest.
    private var commentsNest = true
    // `COPY … FROM stdin`, as far as it was read in this statement.
    private var copyWords = 0

    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
        hasBackslashEscapes = bytes.contains(UInt8(ascii: "`"))
    }

    public mutating func next() -> SQLToken? {
        if copyWords == 3, previous?.kind == .terminator {
            copyWords = 0
            if let rows = copiedRows() {
                return give(.client, from: rows.lowerBound, rows.upperBound)
            }
        }
        skipBlanksAndComments()
        guard place < bytes.count else { return nil }
        let start = place
        if isAtLineStart(start), let end = clientLineEnd(start) {
            return give(.client, from: start, end)
        }
        if bytes[start...].starts(with: delimiter) {
            return give(.terminator, from: start, start + delimiter.count)
        }
        switch bytes[start] {
        case UInt8(ascii: "'"): return give(.string, from: start, stringEnd(start, escapes: false))
        case UInt8(ascii: "\""), UInt8(ascii: "`"):
            return give(.quotedName, from: start, quotedEnd(start, hasBackslashEscapes))
        case UInt8(ascii: "["):
            if let end = bracketedNameEnd(start) { return give(.quotedName, from: start, end) }
            return give(.symbol, from: start, start + 1)
        case UInt8(ascii: "$"):
            if let end = dollarQuotedEnd(start) { return give(.string, from: start, end) }
            return give(.word, from: start, wordEnd(start + 1))
        case let byte where Self.isWord(byte): return word(start)
        case let byte where Self.isOperator(byte):
            return give(.symbol, from: start, operatorEnd(start))
        default: return give(.symbol, from: start, start + 1)
        }
    }

    private mutating func give(_ kind: SQLToken.Kind, from start: Int, _ end: Int) -> SQLToken {
        place = min(end, bytes.count)
        let token = SQLToken(kind: kind, range: start..<place)
        if kind == .terminator, copyWords < 3 { copyWords = 0 }
        previous = token
        return token
    }

    // MARK: Words

    private mutating func word(_ start: Int) -> SQLToken {
        let end = wordEnd(start)
        // The prefixes of strings: E'…' with escapes; B, N, X and U& without.
        if end < bytes.count, bytes[end] == UInt8(ascii: "'"), end - start == 1 {
            let prefix = bytes[start] | 0x20
            if prefix == UInt8(ascii: "e") {
                return give(.string, from: start, stringEnd(end, escapes: true))
            }
            if [UInt8(ascii: "b"), UInt8(ascii: "n"), UInt8(ascii: "x")].contains(prefix) {
                return give(.string, from: start, stringEnd(end, escapes: false))
            }
        }
        if matches("GO", at: start, end), isAtLineStart(start), isBlankToLineEnd(end) {
            return give(.terminator, from: start, end)
        }
        noteCopy(start, end)
        return give(.word, from: start, end)
    }

    private mutating func noteCopy(_ start: Int, _ end: Int) {
        let isFirst = previous.map { $0.kind == .terminator || $0.kind == .client } ?? true
        if isFirst {
            copyWords = matches("COPY", at: start, end) ? 1 : 0
        } else if copyWords == 1, matches("FROM", at: start, end) {
            copyWords = 2
        } else if copyWords == 2, matches("STDIN", at: start, end) {
            copyWords = 3
        }
    }

    private func wordEnd(_ start: Int) -> Int {
        var end = start
        while end < bytes.count, Self.isWord(bytes[end]) || bytes[end] == UInt8(ascii: "$") {
            end += 1
        }
        // 1.5, 1e-3: a number is one word.
        guard end > start, 0x30...0x39 ~= bytes[start] else { return max(end, start) }
        if end < bytes.count, bytes[end] == UInt8(ascii: "."), isDigit(end + 1) {
            end += 1
            while end < bytes.count, Self.isWord(bytes[end]) { end += 1 }
        }
        if bytes[end - 1] | 0x20 == UInt8(ascii: "e"), end < bytes.count,
            [UInt8(ascii: "+"), UInt8(ascii: "-")].contains(bytes[end]), isDigit(end + 1)
        {
            end += 1
            while end < bytes.count, Self.isWord(bytes[end]) { end += 1 }
        }
        return end
    }

    private func isDigit(_ place: Int) -> Bool {
        place < bytes.count && 0x30...0x39 ~= bytes[place]
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x80...: true
        case UInt8(ascii: "_"), UInt8(ascii: "@"), UInt8(ascii: "#"): true
        default: false
        }
    }

    private static func isOperator(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "/"),
            UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "="), UInt8(ascii: "~"),
            UInt8(ascii: "!"), UInt8(ascii: "%"), UInt8(ascii: "^"), UInt8(ascii: "&"),
            UInt8(ascii: "|"), UInt8(ascii: "?"), UInt8(ascii: ":"):
            true
        default: false
        }
    }

    // A run of operators, up to a comment.
    private func operatorEnd(_ start: Int) -> Int {
        var end = start + 1
        while end < bytes.count, Self.isOperator(bytes[end]), !isCommentStart(end) { end += 1 }
        return end
    }

    // MARK: Quotes

    /// - Parameter start: of the quote, behind a prefix.
    private func stringEnd(_ start: Int, escapes: Bool) -> Int {
        quotedEnd(start, escapes || hasBackslashEscapes)
    }

    /// A doubled quote stands for itself. What is never closed ends with the script.
    private func quotedEnd(_ start: Int, _ hasEscapes: Bool) -> Int {
        let quote = bytes[start]
        var end = start + 1
        while end < bytes.count {
            if bytes[end] == UInt8(ascii: "\\"), hasEscapes, quote != UInt8(ascii: "`") {
                end += 2
            } else if bytes[end] != quote {
                end += 1
            } else if end + 1 < bytes.count, bytes[end + 1] == quote {
                end += 2
            } else {
                return end + 1
            }
        }
        return bytes.count
    }

    // A name of SQL Server has at most 128 characters.
    private static let bracketedLimit = 520

    // Not a subscript, and a name that SQL Server would take.
    private func bracketedNameEnd(_ start: Int) -> Int? {
        if start > 0 {
            let before = bytes[start - 1]
            if Self.isWord(before) || [0x5D, 0x29, 0x22].contains(before) { return nil }
        }
        guard start + 1 < bytes.count, Self.isWord(bytes[start + 1]), !isDigit(start + 1) else {
            return nil
        }
        var end = start + 1
        while end < min(bytes.count, start + Self.bracketedLimit), bytes[end] != 0x0A {
            if bytes[end] == UInt8(ascii: "]") {
                guard end + 1 < bytes.count, bytes[end + 1] == UInt8(ascii: "]") else {
                    return end + 1
                }
                end += 1
            } else if bytes[end] == UInt8(ascii: "'") {
                return nil
            }
            end += 1
        }
        return nil
    }

    private func dollarQuotedEnd(_ start: Int) -> Int? {
        guard let tagEnd = dollarTagEnd(start) else { return nil }
        let tag = bytes[start..<tagEnd]
        var end = tagEnd
        while end + tag.count <= bytes.count {
            if bytes[end] == UInt8(ascii: "$"), bytes[end...].starts(with: tag) {
                return end + tag.count
            }
            end += 1
        }
        return bytes.count
    }

    /// Behind the second `$` of `$tag$`.
    private func dollarTagEnd(_ start: Int) -> Int? {
        var end = start + 1
        while end < bytes.count, bytes[end] != UInt8(ascii: "$") {
            let isTag =
                Self.isWord(bytes[end]) && bytes[end] != UInt8(ascii: "@")
                && bytes[end] != UInt8(ascii: "#")
            guard isTag, end > start + 1 || !isDigit(end) else { return nil }
            end += 1
        }
        return end < bytes.count ? end + 1 : nil
    }

    // MARK: What is passed over

    private mutating func skipBlanksAndComments() {
        while place < bytes.count {
            if Self.isBlank(bytes[place]) {
                place += 1
            } else if isLineComment(place) {
                place = lineEnd(place)
            } else if isCommentStart(place) {
                place = commentEnd(place)
            } else {
                return
            }
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || 0x09...0x0D ~= byte || byte == 0
    }

    private func isLineComment(_ place: Int) -> Bool {
        place + 1 < bytes.count && bytes[place] == UInt8(ascii: "-")
            && bytes[place + 1] == UInt8(ascii: "-")
    }

    private func isCommentStart(_ place: Int) -> Bool {
        if isLineComment(place) { return true }
        guard place + 1 < bytes.count, bytes[place] == UInt8(ascii: "/"),
            bytes[place + 1] == UInt8(ascii: "*")
        else { return false }
        return place + 2 >= bytes.count || bytes[place + 2] != UInt8(ascii: "!")
    }

    private mutating func commentEnd(_ start: Int) -> Int {
        var (depth, place, first) = (1, start + 2, Int?.none)
        while place + 1 < bytes.count {
            switch (bytes[place], bytes[place + 1]) {
            case (UInt8(ascii: "/"), UInt8(ascii: "*")):
                depth += 1
                place += 2
            case (UInt8(ascii: "*"), UInt8(ascii: "/")):
                depth -= 1
                place += 2
                if first == nil { first = place }
                if depth == 0 || !commentsNest { return place }
            default: place += 1
            }
        }
        // Not looked for again: a script of such beginnings would be read for ever.
        commentsNest = false
        return first ?? bytes.count
    }

    // MARK: Lines

    private func lineEnd(_ start: Int) -> Int {
        bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
    }

    private func isAtLineStart(_ start: Int) -> Bool {
        for byte in bytes[..<start].reversed() {
            if byte == 0x0A { return true }
            if !Self.isBlank(byte) { return false }
        }
        return true
    }

    private func isBlankToLineEnd(_ start: Int) -> Bool {
        bytes[start..<lineEnd(start)].allSatisfy(Self.isBlank)
    }

    /// The end of a line that is for the client, if one begins here.
    private mutating func clientLineEnd(_ start: Int) -> Int? {
        switch bytes[start] {
        case UInt8(ascii: "\\"): return lineEnd(start)
        case UInt8(ascii: "#"):
            // #> and #- are operators of PostgreSQL, #name a table of SQL Server.
            guard start + 1 < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[start + 1])
            else { return nil }
            return lineEnd(start)
        default: break
        }
        let end = wordEnd(start)
        guard matches("DELIMITER", at: start, end) else { return nil }
        let line = bytes[end..<lineEnd(start)].split(whereSeparator: Self.isBlank)
        guard let first = line.first else { return nil }
        delimiter = Array(first)
        return lineEnd(start)
    }

    /// The rows after `COPY … FROM stdin;`, to the line `\.` or the end.
    private func copiedRows() -> Range<Int>? {
        var start = place
        while start < bytes.count, bytes[start] != 0x0A {
            guard Self.isBlank(bytes[start]) else { return nil }
            start += 1
        }
        var place = start
        while place < bytes.count {
            let end = lineEnd(place + 1)
            let line = bytes[place + 1..<max(end, place + 1)]
            if line.starts(with: [0x5C, 0x2E]) { return start..<end }
            place = end
        }
        return start < bytes.count ? start..<bytes.count : nil
    }

    /// Whether the word is `keyword`, which is given in upper case.
    private func matches(_ keyword: StaticString, at start: Int, _ end: Int) -> Bool {
        Self.matches(bytes[start..<end], keyword)
    }

    static func matches(_ word: ArraySlice<UInt8>, _ keyword: StaticString) -> Bool {
        keyword.withUTF8Buffer { keyword in
            word.count == keyword.count
                && zip(word, keyword).allSatisfy { byte, upper in
                    byte == upper || 0x61...0x7A ~= byte && byte ^ 0x20 == upper
                }
        }
    }
}
