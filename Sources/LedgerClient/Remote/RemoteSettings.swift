import LedgerCore

// RemoteSettings.swift
//
//    LEDGER_TOKEN         the token; else the identity token of the CI job (IdentityTokenSource.swift),
//                         for LEDGER_OIDC_AUDIENCE, "ledger" if that is not set; without either
//                         only what is public can be read
//    LEDGER_INSECURE=1    lets the token go over http:// to another machine
//    LEDGER_CA_FILE       PEM: authorities to be trusted besides the system's

/// How a server is reached.
public struct RemoteSettings: Sendable {
    /// Without a slash at its end.
    public let url: String
    let token: String?
    let authorityFile: String?
    /// The variables from which a CI job's identity token comes.
    let jobVariables: [String: String]
    let audience: String
    public var limits = Limits()

    /// How long a server may take.
    public struct Limits: Sendable {
        public var connectMilliseconds: Int64 = 5000
        /// For a whole answer, and a second more for each 128 KiB that are sent.
        public var answerMilliseconds: Int64 = 30_000
        /// Between one piece of a long answer and the next.
        public var idleMilliseconds: Int64 = 60_000
        /// For a verification, which reads the whole ledger before it answers.
        public var verificationMilliseconds: Int64 = 3_600_000

        public init() {}
    }

    /// - Parameters:
    ///   - url: of `LedgerAddress.server`.
    ///   - variables: those of the process.
    /// - Throws: `usage` for a URL without a host, or a token that may not be sent there.
    public init(url: String, variables: [String: String]) throws(LedgerError) {
        func value(_ name: String) -> String? {
            variables[name].flatMap { $0.isEmpty ? nil : $0 }
        }
        self.url = url
        jobVariables = variables.filter { IdentityTokens.variables.contains($0.key) }
        audience = value("LEDGER_OIDC_AUDIENCE") ?? "ledger"
        authorityFile = value("LEDGER_CA_FILE")
        token = try value("LEDGER_TOKEN").map { (text) throws(LedgerError) in
            try Self.token(text)
        }
        guard let host = Self.host(of: url) else {
            throw LedgerError(
                .usage, "\(url) names no server", advice: "give it as https://ledger.example.com")
        }
        if token != nil || !jobVariables.isEmpty, url.hasPrefix("http://"), !Self.isLoopback(host),
            value("LEDGER_INSECURE") != "1"
        {
            throw LedgerError(
                .usage,
                "a token must not be sent to \(url): without TLS everybody on the way can read it",
                advice: "use https://, or set LEDGER_INSECURE=1 if the network is safe")
        }
    }

    // A file's last line break comes along easily. Anything else would break the header.
    private static func token(_ text: String) throws(LedgerError) -> String {
        let text = String(text.reversed().drop { $0.isNewline }.reversed())
        guard !text.isEmpty, text.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) else {
            throw LedgerError(
                .usage, "LEDGER_TOKEN is no token: it has blanks or unusual characters in it",
                advice: "a token is one word; ledger token create makes one")
        }
        return text
    }

    /// The host without its port and brackets; nil if there is none or the port is no number.
    static func host(of url: String) -> String? {
        guard let scheme = url.range(of: "://") else { return nil }
        let authority = url[scheme.upperBound...].prefix { $0 != "/" }
        var host = authority
        var port: Substring?
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            host = authority[authority.index(after: authority.startIndex)..<end]
            let rest = authority[authority.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { return nil }
            port = rest.isEmpty ? nil : rest.dropFirst()
        } else if let colon = authority.firstIndex(of: ":") {
            host = authority[..<colon]
            port = authority[authority.index(after: colon)...]
        }
        if let port, UInt16(port) ?? 0 == 0 { return nil }
        guard !host.isEmpty, url.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) else { return nil }
        return host.lowercased()
    }

    /// Whether what is sent there never leaves this machine.
    static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}

extension String {
    fileprivate func range(of text: String) -> Range<String.Index>? {
        var place = startIndex
        while place < endIndex {
            if self[place...].hasPrefix(text) {
                return place..<index(place, offsetBy: text.count)
            }
            place = index(after: place)
        }
        return nil
    }
}
