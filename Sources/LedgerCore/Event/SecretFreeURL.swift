/// A URL without what opens doors: user name and password, and parameters whose names say that
/// they hold a secret. Git's `user@host:path` keeps its user name, which is part of the address.
public enum SecretFreeURL {
    private static let secretWords = [
        "token", "secret", "passw", "pwd", "apikey", "api_key", "api-key", "access_key",
        "accesskey", "signature", "sig", "credential", "auth", "private", "session",
    ]

    public static func text(of url: String) -> String {
        guard let scheme = url.utf8.firstRange(of: "://") else { return url }
        let head = String(url[..<scheme.upperBound])
        var rest = url[scheme.upperBound...]
        let authorityEnd = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
        if let at = rest[..<authorityEnd].lastIndex(of: "@") { rest = rest[rest.index(after: at)...] }
        guard let question = rest.firstIndex(of: "?") else { return head + withoutSecrets(fragment: rest) }
        let path = rest[..<question]
        let afterQuestion = rest[rest.index(after: question)...]
        let hash = afterQuestion.firstIndex(of: "#") ?? afterQuestion.endIndex
        let query = withoutSecrets(afterQuestion[..<hash])
        return head + path + (query.isEmpty ? "" : "?" + query)
            + withoutSecrets(fragment: afterQuestion[hash...])
    }

    /// Whether a parameter or variable of this name holds a secret.
    public static func isSecret(name: some StringProtocol) -> Bool {
        let name = name.lowercased()
        return name == "key" || name == "pass" || secretWords.contains { name.contains($0) }
    }

    private static func withoutSecrets(_ query: Substring) -> String {
        query.split(separator: "&").filter { !isSecret(name: $0.prefix { $0 != "=" }) }
            .joined(separator: "&")
    }

    // A fragment such as #access_token=… is dropped whole when a parameter in it is secret.
    private static func withoutSecrets(fragment rest: Substring) -> String {
        guard let hash = rest.firstIndex(of: "#") else { return String(rest) }
        let fragment = rest[rest.index(after: hash)...]
        let isSecret = fragment.split(separator: "&").contains { pair in
            pair.contains("=") && Self.isSecret(name: pair.prefix { $0 != "=" })
        }
        return isSecret ? String(rest[..<hash]) : String(rest)
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
