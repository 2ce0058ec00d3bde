import LedgerCrypto

/// A URL without what opens doors: user name and password, and parameters whose names say that
/// they hold a secret. Git's `user@host:path` keeps its user name, which is part of the address.
///
/// It works on bytes: as a `Character`, an `@` with a combining mark after it is no `@`.
public enum SecretFreeURL {
    private static let secretWords = [
        "token", "secret", "passw", "pwd", "apikey", "api_key", "api-key", "access_key",
        "accesskey", "signature", "sig", "credential", "auth", "private", "session",
    ].map { Array($0.utf8) }

    private typealias Bytes = ArraySlice<UInt8>

    public static func text(of url: String) -> String {
        guard url.withBytes({ $0.contains { isOne(of: "@?#;", $0) } }) else { return url }
        guard let scheme = url.utf8.firstRange(of: "://") else { return url }
        let bytes = Array(url.utf8)
        let head = bytes[..<url.utf8.distance(from: url.startIndex, to: scheme.upperBound)]
        var rest = bytes[head.endIndex...]
        while let at = endOfUser(rest) { rest = rest[(at + 1)...] }
        let hash = rest.firstIndex(of: UInt8(ascii: "#")) ?? rest.endIndex
        let question = rest[..<hash].firstIndex(of: UInt8(ascii: "?")) ?? hash
        let query = withoutSecrets(rest[question..<hash].dropFirst())
        let result =
            head + withoutSecrets(path: rest[..<question])
            + (query.isEmpty ? [] : [UInt8(ascii: "?")] + query)
            + withoutSecrets(fragment: rest[hash...])
        return String(decoding: result, as: UTF8.self)
    }

    /// Free text whose URLs are without what opens doors: whoever writes a reason pastes what is at
    /// hand.
    public static func text(in text: String) -> String {
        guard text.withBytes(hasURL) else { return text }
        var output: [UInt8] = []
        for piece in text.utf8.split(omittingEmptySubsequences: false, whereSeparator: endsURL) {
            let word = String(Substring(piece))
            let end = word.utf8.lastIndex { !isOne(of: ".,:;", $0) }
            let url = end.map { word[...$0] } ?? word[...]
            output += Array(Self.text(of: String(url)).utf8) + Array(word[url.endIndex...].utf8)
            if piece.endIndex < text.endIndex { output.append(text.utf8[piece.endIndex]) }
        }
        return String(decoding: output, as: UTF8.self)
    }

    private static func hasURL(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var place = 2
        while place < bytes.count {
            // The last byte of :// may stand one or two bytes further on, or three.
            if bytes[place] != UInt8(ascii: "/") {
                place += bytes[place] == UInt8(ascii: ":") ? 2 : 3
            } else if bytes[place - 1] == UInt8(ascii: "/"), bytes[place - 2] == UInt8(ascii: ":") {
                return true
            } else {
                place += 1
            }
        }
        return false
    }

    private static func endsURL(_ byte: UInt8) -> Bool {
        byte <= 0x20 || isOne(of: "'\"<>`|(){}", byte)
    }

    /// The `@` after user and password.
    ///
    /// A password may hold `@`, `/` and `?`, though no URL may: then everything up to the last `@`
    /// belongs to it. `https://h:80/@scope/x` and `h/db?mail=a@b` have none.
    private static func endOfUser(_ rest: Bytes) -> Int? {
        let authority = rest.prefix { !isOne(of: "/?#;", $0) }
        let at = authority.lastIndex(of: UInt8(ascii: "@"))
        guard authority.contains(UInt8(ascii: ":")) else { return at }
        if at == nil, hasPortsOnly(authority) { return nil }
        let question = rest.firstIndex(of: UInt8(ascii: "?")) ?? rest.endIndex
        let equals = rest[question...].firstIndex(of: UInt8(ascii: "=")) ?? rest.endIndex
        return rest[..<equals].indices.dropFirst().last { place in
            rest[place] == UInt8(ascii: "@") && rest[place - 1] != UInt8(ascii: "/")
        } ?? at
    }

    /// Whether every colon has a port after it, as in `h:1,i:2`, or stands in an IPv6 address.
    private static func hasPortsOnly(_ authority: Bytes) -> Bool {
        authority.contains(UInt8(ascii: "]"))
            || authority.split(separator: UInt8(ascii: ",")).allSatisfy { host in
                host.drop { $0 != UInt8(ascii: ":") }.dropFirst().allSatisfy { 0x30...0x39 ~= $0 }
            }
    }

    /// Whether a parameter or variable of this name holds a secret.
    public static func isSecret(name: some StringProtocol) -> Bool {
        isSecret(Array(name.utf8))
    }

    private static func isSecret(_ name: [UInt8]) -> Bool {
        let name = name.map { 0x41...0x5A ~= $0 ? $0 + 0x20 : $0 }
        if name.elementsEqual("key".utf8) || name.elementsEqual("pass".utf8) { return true }
        return secretWords.contains { word in
            name.indices.contains { name[$0...].starts(with: word) }
        }
    }

    private static func isSecret(parameter: Bytes) -> Bool {
        isSecret(percentDecoded(parameter.prefix { $0 != UInt8(ascii: "=") }))
    }

    // Parameters are separated by &, and by ; as in old forms.
    private static func withoutSecrets(_ query: Bytes) -> [UInt8] {
        var kept: [UInt8] = []
        var start = query.startIndex
        while start < query.endIndex {
            let end = query[start...].firstIndex { isOne(of: "&;", $0) } ?? query.endIndex
            let parameter = query[start..<end]
            if !parameter.isEmpty, !isSecret(parameter: parameter) {
                if !kept.isEmpty { kept.append(query[start - 1]) }
                kept += parameter
            }
            start = end + 1
        }
        return kept
    }

    // Parts of a path may have parameters of their own, as in jdbc:sqlserver://host;password=….
    private static func withoutSecrets(path: Bytes) -> [UInt8] {
        guard path.contains(UInt8(ascii: ";")) else { return Array(path) }
        let parts = path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let kept = parts.map { part in
            let pieces = part.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
            let others = pieces.dropFirst().filter { !isSecret(parameter: $0) }
            return ([pieces[0]] + others).joined(separator: [UInt8(ascii: ";")])
        }
        return Array(kept.joined(separator: [UInt8(ascii: "/")]))
    }

    // A fragment such as #access_token=… is dropped whole when a parameter in it is secret.
    private static func withoutSecrets(fragment: Bytes) -> [UInt8] {
        let isSecret = fragment.dropFirst().split { isOne(of: "&;?", $0) }.contains { pair in
            pair.contains(UInt8(ascii: "=")) && Self.isSecret(parameter: pair)
        }
        return isSecret ? [] : Array(fragment)
    }

    private static func percentDecoded(_ text: Bytes) -> [UInt8] {
        var decoded: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2).map { 0x41...0x46 ~= $0 ? $0 + 0x20 : $0 }
            if byte == UInt8(ascii: "%"), digits.count == 2,
                let high = Hexadecimal.value(of: digits[0]),
                let low = Hexadecimal.value(of: digits[1])
            {
                decoded.append(high << 4 | low)
                rest = rest.dropFirst(2)
            } else {
                decoded.append(byte)
            }
        }
        return decoded
    }

    private static func isOne(of characters: StaticString, _ byte: UInt8) -> Bool {
        UnsafeBufferPointer(start: characters.utf8Start, count: characters.utf8CodeUnitCount)
            .contains(byte)
    }
}

extension String.UTF8View {
    func firstRange(of needle: StaticString) -> Range<String.Index>? {
        let bytes = UnsafeBufferPointer(start: needle.utf8Start, count: needle.utf8CodeUnitCount)
        var start = startIndex
        while let place = self[start...].firstIndex(of: bytes[0]) {
            if self[place...].starts(with: bytes) {
                return place..<index(place, offsetBy: bytes.count)
            }
            start = index(after: place)
        }
        return nil
    }
}
