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
        let authorityEnd = rest.firstIndex { isOne(of: "/?#", $0) } ?? rest.endIndex
        if let at = rest[..<authorityEnd].lastIndex(of: UInt8(ascii: "@")) {
            rest = rest[(at + 1)...]
        }
        let hash = rest.firstIndex(of: UInt8(ascii: "#")) ?? rest.endIndex
        let question = rest[..<hash].firstIndex(of: UInt8(ascii: "?")) ?? hash
        let query = withoutSecrets(rest[question..<hash].dropFirst())
        let result =
            head + withoutSecrets(path: rest[..<question])
            + (query.isEmpty ? [] : [UInt8(ascii: "?")] + query)
            + withoutSecrets(fragment: rest[hash...])
        return String(decoding: result, as: UTF8.self)
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
