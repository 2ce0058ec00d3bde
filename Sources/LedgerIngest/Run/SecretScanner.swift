import LedgerCore

/// Copies bytes of UTF-8 and leaves the secrets out; stops only at ASCII, so characters stay whole.
struct SecretScanner {
    private let bytes: [UInt8]
    private var place = 0
    private var output: [UInt8] = []

    init(_ text: String) {
        bytes = Array(text.utf8)
        output.reserveCapacity(bytes.count)
    }

    mutating func secretFree() -> String {
        while place < bytes.count {
            let start = place
            while place < bytes.count, isName(bytes[place]) { place += 1 }
            if place == start {
                output.append(bytes[place])
                place += 1
                continue
            }
            let word = String(decoding: bytes[start..<place], as: UTF8.self)
            if has("://", at: place) {
                copyURL(from: start)
            } else {
                output += bytes[start..<place]
                dropValue(after: word)
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// Drops what follows a name, if name and punctuation say that it is a secret.
    private mutating func dropValue(after word: String) {
        let lowered = word.lowercased()
        if lowered == "thin", has(":", at: place) { return dropOraclePassword() }
        if lowered == "authorization", has(":", at: place) { return dropLine(from: place + 1) }
        if lowered == "bearer", has(" ", at: place) { return dropWord(from: place + 1) }
        var sign = place
        // A name in quotes, as in JSON: "password": "…".
        if has("\"", at: sign) || has("'", at: sign) { sign += 1 }
        while sign < bytes.count, bytes[sign] == 0x20 { sign += 1 }
        let isIdentifiedBy = lowered == "by" && hasWritten("identified", before: 2)
        if isPragmaKey(lowered), has("=", at: sign) || has("(", at: sign) {
            sign += 1
            while sign < bytes.count, bytes[sign] == 0x20 { sign += 1 }
            return dropWord(from: sign)
        }
        let isNamed =
            has("=", at: sign) && SecretName.isSecret(word)
            || has(":", at: sign) && !has("://", at: sign) && SecretName.isPassword(word)
        if isNamed {
            sign += 1
            while sign < bytes.count, bytes[sign] == 0x20 { sign += 1 }
            dropWord(from: sign)
        } else if isIdentifiedBy || lowered == "password", sign > place,
            has("'", at: sign) || has("\"", at: sign)
        {
            dropWord(from: sign)
        }
    }

    /// SQLCipher's `PRAGMA key = '…'` and its kin.
    private func isPragmaKey(_ word: String) -> Bool {
        let name = word.split(separator: ".").last ?? ""
        let isKey = ["key", "rekey", "hexkey", "hexrekey", "textkey", "textrekey"].contains(name)
        return isKey && hasWritten("pragma", before: word.utf8.count)
    }

    /// Whether a word, and blanks after it, stand before the last bytes of what is written.
    private func hasWritten(_ word: String, before count: Int) -> Bool {
        let before = output.dropLast(count).reversed().drop { $0 <= 0x20 }
        let last = before.prefix(word.utf8.count).reversed()
        return String(decoding: Array(last), as: UTF8.self).lowercased() == word
    }

    /// Copies up to `start`, and drops the value there: quoted, or up to a separator.
    private mutating func dropWord(from start: Int) {
        output += bytes[place..<start]
        place = start
        guard place < bytes.count else { return }
        let quote = bytes[place]
        if quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") {
            skipQuoted(quote)
        } else {
            while place < bytes.count, !endsValue(bytes[place]) { place += 1 }
        }
        if place > start { output += Array(SecretFreeText.mask.utf8) }
    }

    private mutating func skipQuoted(_ quote: UInt8) {
        place += 1
        while place < bytes.count {
            let byte = bytes[place]
            place += 1
            if byte == UInt8(ascii: "\\") {
                place = min(place + 1, bytes.count)
            } else if byte == quote {
                // SQL writes a quote in a literal as two.
                if place < bytes.count, bytes[place] == quote { place += 1 } else { return }
            }
        }
    }

    private mutating func dropLine(from start: Int) {
        output += bytes[place..<start]
        place = start
        while place < bytes.count, bytes[place] != 0x0A, bytes[place] != UInt8(ascii: "'"),
            bytes[place] != UInt8(ascii: "\"")
        {
            place += 1
        }
        output += Array((" " + SecretFreeText.mask).utf8)
    }

    /// `thin:USER/PASSWORD@HOST` of Oracle's JDBC URLs.
    private mutating func dropOraclePassword() {
        let rest = bytes[place...].prefix { $0 > 0x20 }
        guard let slash = rest.firstIndex(of: UInt8(ascii: "/")),
            let at = rest.lastIndex(of: UInt8(ascii: "@")), slash < at
        else { return }
        output += bytes[place...slash] + Array(SecretFreeText.mask.utf8)
        place = at
    }

    private mutating func copyURL(from start: Int) {
        while place < bytes.count, !endsURL(bytes[place]) { place += 1 }
        // A colon, comma or stop at the end belongs to the sentence.
        while place > start, [0x3A, 0x2C, 0x2E].contains(bytes[place - 1]) { place -= 1 }
        let url = String(decoding: bytes[start..<place], as: UTF8.self)
        var inner = SecretScanner(url, isInsideURL: true)
        output += Array(SecretFreeURL.text(of: inner.secretFree()).utf8)
    }

    private init(_ text: String, isInsideURL: Bool) {
        self.init(text)
        // Past the scheme, so that this doesn't come back here.
        guard let scheme = text.range(ofText: "://") else { return }
        place = text[..<scheme.upperBound].utf8.count
        output = Array(bytes[..<place])
    }

    private func has(_ text: StaticString, at place: Int) -> Bool {
        let needle = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        return place < bytes.count && bytes[place...].starts(with: needle)
    }

    private func isName(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x80...0xFF, UInt8(ascii: "_"),
            UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "+"):
            true
        default: false
        }
    }

    private func endsValue(_ byte: UInt8) -> Bool {
        byte <= 0x20 || "&;,'\")}".utf8.contains(byte)
    }

    private func endsURL(_ byte: UInt8) -> Bool {
        byte <= 0x20 || "'\"<>`|(){}".utf8.contains(byte)
    }
}
