import LedgerCore

/// An issuer of identity tokens that `ledger serve` trusts, and what its tokens may do.
public struct IssuerSettings: Sendable, Equatable {
    public static let defaultAudience = "ledger"

    /// As its tokens name it in `iss`: its URL.
    public let issuer: String
    /// What `aud` of its tokens must hold.
    public let audience: String
    /// The first that holds counts.
    public let rules: [IdentityRule]

    /// - Throws: `usage` for what is no issuer's URL, and without rules: anybody can get a token
    ///   from a public issuer.
    public init(
        issuer: String, audience: String = defaultAudience, rules: [IdentityRule]
    ) throws(LedgerError) {
        guard EndpointURL(issuer) != nil, !issuer.contains("?") else {
            throw LedgerError(
                .usage, "\(issuer) is no issuer of identity tokens",
                advice: "give its URL, such as https://token.actions.githubusercontent.com or "
                    + "https://gitlab.com; it must be https, http on this machine only")
        }
        if audience.isEmpty { throw LedgerError(.usage, "the audience of \(issuer) is empty") }
        if rules.isEmpty {
            throw LedgerError(
                .usage, "no rule says what those with a token of \(issuer) may do",
                advice: "many can get one, so say whose are meant: --oidc-allow "
                    + "\(IdentityRule.example), or rules in the settings file")
        }
        self.issuer = issuer
        self.audience = audience
        self.rules = rules
    }

    /// - Throws: `usage` if an issuer stands there twice.
    public static func check(_ all: [IssuerSettings]) throws(LedgerError) {
        for (index, settings) in all.enumerated()
        where all[..<index].contains(where: { $0.issuer.hasSameBytes(as: settings.issuer) }) {
            throw LedgerError(
                .usage, "the issuer \(settings.issuer) stands there twice",
                advice: "put its rules together: the first that holds counts")
        }
    }
}
