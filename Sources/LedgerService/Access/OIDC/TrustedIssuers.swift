import LedgerCore
import LedgerCrypto
import LedgerOperations
import Logging

/// Takes the identity tokens of the issuers that the service was told to trust.
struct TrustedIssuers: IdentityVerifier {
    private struct Trusted {
        let settings: IssuerSettings
        let keys: IssuerKeys
    }

    private let issuers: [Trusted]
    private let clock: Clock

    /// - Parameter uptime: a clock that nobody sets, for the age of keys.
    init(
        _ settings: [IssuerSettings], clock: Clock = .system,
        uptime: @escaping @Sendable () -> ContinuousClock.Instant = { .now }, logger: Logger
    ) {
        issuers = settings.map {
            Trusted(
                settings: $0,
                keys: IssuerKeys(
                    IssuerDocuments(issuer: $0.issuer), uptime: uptime, logger: logger))
        }
        self.clock = clock
    }

    func access(with text: String) async throws(LedgerError) -> Access {
        let token = try IdentityToken(text)
        // The algorithms are those of keys; this is for a clear word.
        if token.algorithm.lowercased() == "none" || token.algorithm.hasPrefix("HS") {
            throw IdentityToken.invalid("\(VisibleName.of(token.algorithm)) is no signature")
        }
        let claims = token.claims
        let found = issuers.first { $0.settings.issuer.hasSameBytes(as: claims.issuer) }
        guard let found else {
            throw LedgerError(
                .notAuthenticated,
                "the issuer \(VisibleName.of(claims.issuer)) is not trusted here")
        }
        // What is over needs no key, and must not have any read.
        try claims.check(
            audience: found.settings.audience, now: Double(clock.now()) / 1000)
        let keys = try await found.keys.candidates(for: token)
        if keys.isEmpty {
            throw IdentityToken.invalid(
                "its issuer has no key \(VisibleName.of(token.keyID ?? "")) for "
                    + VisibleName.of(token.algorithm))
        }
        guard keys.contains(where: { $0.hasSigned(token) }) else {
            throw IdentityToken.invalid("its signature is not by its issuer")
        }
        return try Self.access(for: claims, found.settings)
    }

    private static func access(
        for claims: IdentityClaims, _ settings: IssuerSettings
    ) throws(LedgerError) -> Access {
        for rule in settings.rules {
            guard let scope = rule.scope(for: claims) else { continue }
            return Access(
                principal: Principal(identity: claims), role: rule.role, scope: scope)
        }
        throw LedgerError(
            .notAllowed, "no rule gives this identity a role: \(shown(claims))",
            advice: "whoever runs the ledger can add a rule for it")
    }

    // The names of all claims; the values only of those that are no secret to who sends them, and
    // that a wrong rule is mostly about.
    private static func shown(_ claims: IdentityClaims) -> String {
        let telling = ["repository", "project_path", "ref", "environment"]
        let names = claims.names.prefix(60).map { name in
            guard telling.contains(name), let text = claims[name].first else {
                return VisibleName.of(name)
            }
            return "\(VisibleName.of(name)) (\(VisibleName.of(text)))"
        }
        return "its token says " + names.joined(separator: ", ")
    }
}

extension Principal {
    /// Whom an issuer vouched for.
    ///
    /// The id is SHA-256, in hexadecimal digits, of `["<iss>","<sub>"]` in canonical form.
    init(identity claims: IdentityClaims) {
        let pair = JSON.array([.string(claims.issuer), .string(claims.subject)])
        self.init(
            kind: .oidc, id: SHA256.hash(CanonicalJSON.bytes(pair)).hex,
            name: Self.name(of: claims))
    }

    private static let wellKnown = [
        "https://token.actions.githubusercontent.com": "github", "https://gitlab.com": "gitlab",
    ]

    /// `github:shop/orders@refs/heads/main (kim)`: the issuer, what runs, and who caused it.
    private static func name(of claims: IdentityClaims) -> String {
        let issuer =
            wellKnown[claims.issuer] ?? EndpointURL(claims.issuer)?.host ?? claims.issuer
        var name = issuer + ":"
        let project = claims["repository"].first ?? claims["project_path"].first
        if let project, let ref = claims["ref"].first {
            name += "\(project)@\(ref)"
        } else {
            name += claims.subject
        }
        let people = ["actor", "user_login", "preferred_username", "email"]
        if let actor = people.lazy.compactMap({ claims[$0].first }).first { name += " (\(actor))" }
        return String(
            String.UnicodeScalarView(
                name.unicodeScalars.prefix(300).map {
                    $0.value < 0x20 || 0x7F...0x9F ~= $0.value ? "\u{FFFD}" : $0
                }))
    }
}
