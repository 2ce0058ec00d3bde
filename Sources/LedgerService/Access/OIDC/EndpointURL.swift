/// A URL that an issuer's documents may be read from: by https, or from this machine.
///
/// Whoever can change what is read there can sign tokens. So http is for loopback alone.
struct EndpointURL: Sendable {
    let text: String
    /// With its port, if one is given.
    let host: String
    let isSecure: Bool

    init?(_ text: String) {
        let schemes = ["https://", "http://"]
        guard let scheme = schemes.first(where: { text.utf8.starts(with: $0.utf8) }),
            text.utf8.allSatisfy({ 0x21...0x7E ~= $0 && $0 != UInt8(ascii: "\\") }),
            !text.utf8.contains(UInt8(ascii: "#"))
        else { return nil }
        let rest = text.utf8.dropFirst(scheme.utf8.count)
        let authority = rest.prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
        // A name before an @ is easily taken for the host.
        guard !authority.isEmpty, !authority.contains(UInt8(ascii: "@")) else { return nil }
        self.text = text
        host = String(decoding: authority, as: UTF8.self)
        isSecure = scheme == schemes[0]
        guard isSecure || Self.isLoopback(host) else { return nil }
    }

    private static func isLoopback(_ host: String) -> Bool {
        if host == "[::1]" || host.hasPrefix("[::1]:") { return true }
        let name = host.prefix { $0 != ":" }
        if name == "localhost" { return true }
        let numbers = name.split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 4 && numbers[0] == "127"
            && numbers.allSatisfy { UInt8($0) != nil && !$0.hasPrefix("+") }
    }
}
