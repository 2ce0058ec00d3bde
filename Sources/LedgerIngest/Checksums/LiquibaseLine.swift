/// What `\s` matches in Java's regular expressions.
func isJavaBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || 0x09...0x0D ~= byte
}

/// A line of a changelog in SQL, and whether it is one of those that are no SQL.
struct LiquibaseLine {
    enum IgnoredLines: Equatable {
        case count(Int)
        case toEnd, end
    }

    let bytes: ArraySlice<UInt8>
    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
    }

    // A line with U+0085, U+2028 or U+2029 in it is always SQL: the dot of Java's regular
    // expressions does not match them.
    private var isPlain: Bool {
        let pairs = zip(bytes, bytes.dropFirst())
        return pairs.allSatisfy { $0 != (0xC2, 0x85) }
            && zip(pairs, bytes.dropFirst(2)).allSatisfy {
                $0 != (0xE2, 0x80) || ($1 != 0xA8 && $1 != 0xA9)
            }
    }

    /// What follows `--` and blanks, with blanks before; nil if it is no comment.
    var comment: LiquibaseWords? {
        var words = LiquibaseWords(rest: bytes.drop(while: isJavaBlank))
        return words.take("--", then: .anyBlanks) && isPlain ? words : nil
    }

    // `--` must be what the line begins with.
    private var commentAtStart: LiquibaseWords? {
        bytes.first == UInt8(ascii: "-") ? comment : nil
    }

    /// `--liquibase formatted sql`, at the beginning of a changelog.
    var isTitle: Bool {
        guard var words = comment else { return false }
        return words.take("liquibase", then: .anyBlanks) && words.take("formatted")
    }

    /// `--property`, a colon, blanks, and another colon.
    var isProperty: Bool {
        guard var words = comment, words.take("property", then: .blanks),
            let colon = words.rest.firstIndex(of: UInt8(ascii: ":")),
            let blank = words.rest[colon...].firstIndex(where: isJavaBlank)
        else { return false }
        return words.rest[blank...].contains(UInt8(ascii: ":"))
    }

    var ignoredLines: IgnoredLines? {
        guard var words = commentAtStart, words.take("ignoreLines:") else { return nil }
        switch String(decoding: words.rest, as: UTF8.self) {
        case "start": return .toEnd
        case "end": return .end
        case let count: return Int(count).flatMap { $0 < 0 ? nil : .count($0) }
        }
    }

    /// `/* liquibase rollback`
    var beginsRollback: Bool {
        var words = LiquibaseWords(rest: bytes.drop(while: isJavaBlank))
        return words.take("/*", then: .anyBlanks) && words.take("liquibase", then: .anyBlanks)
            && words.take("rollback", then: .anyBlanks) && words.rest.isEmpty
    }

    /// `*/` at the end.
    var endsComment: Bool {
        isPlain && ScriptText.trimmed(bytes).suffix(2).elementsEqual("*/".utf8)
    }

    /// It says something of the changeset, and is not part of its SQL.
    var isAttribute: Bool {
        if var words = commentAtStart {
            for name in ["comment", "validCheckSum"] where words.take(name) {
                _ = words.take(":")
                return words.rest.first == 0x20
            }
        }
        guard var words = comment else { return false }
        if words.take("rollback ") || words.take("preconditions") { return true }
        guard words.take("precondition-") else { return false }
        let name = words.rest.prefix {
            0x30...0x39 ~= $0 || 0x61...0x7A ~= $0 | 0x20 || $0 == UInt8(ascii: "-")
        }
        return !name.isEmpty && words.rest.dropFirst(name.count).first == 0x20
    }

    /// What follows the last `NAME:`, up to a blank.
    ///
    /// - Parameter isWord: nothing that belongs to a word may stand before the name.
    func value(of name: String, isWord: Bool) -> [UInt8]? {
        for start in bytes.indices.reversed() {
            var words = LiquibaseWords(rest: bytes[start...])
            guard words.take(name), words.take(":") else { continue }
            if isWord, start > bytes.startIndex, Self.isWordByte(bytes[start - 1]) { continue }
            return Array(words.rest.prefix { !isJavaBlank($0) })
        }
        return nil
    }

    /// Whether the last `NAME:` that a word follows says `true`; nil if there is none.
    func truth(of name: String) -> Bool? {
        for start in bytes.indices.reversed() {
            var words = LiquibaseWords(rest: bytes[start...])
            guard words.take(name), words.take(":") else { continue }
            let word = words.rest.prefix(while: Self.isWordByte)
            if !word.isEmpty { return String(decoding: word, as: UTF8.self).lowercased() == "true" }
        }
        return nil
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        0x30...0x39 ~= byte || 0x61...0x7A ~= byte | 0x20 || byte == UInt8(ascii: "_")
    }
}

/// The rest of a line, from which words are taken in capital or small letters.
struct LiquibaseWords {
    enum Following {
        case anything, blanks, anyBlanks
    }

    var rest: ArraySlice<UInt8>

    /// Takes the word, and the blanks that follow it; or nothing.
    mutating func take(_ word: String, then following: Following = .anything) -> Bool {
        let count = word.utf8.count
        let isThere =
            rest.count >= count
            && zip(rest, word.utf8).allSatisfy { Self.lower($0) == Self.lower($1) }
        guard isThere else { return false }
        let after = rest.dropFirst(count)
        if following == .blanks, !(after.first.map(isJavaBlank) ?? false) { return false }
        rest = following == .anything ? after : after.drop(while: isJavaBlank)
        return true
    }

    private static func lower(_ byte: UInt8) -> UInt8 {
        0x41...0x5A ~= byte ? byte | 0x20 : byte
    }
}
