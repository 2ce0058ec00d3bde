import LedgerCore

/// Gives a role to those whose tokens say certain things.
public struct IdentityRule: Sendable, Equatable {
    /// All of them must hold.
    public let claims: [ClaimPattern]
    public let role: Role
    /// Where a writer may write. `{claim}` in it stands for what the token says.
    public let scope: WriteScope

    /// - Throws: `usage` for a rule that would hold for everybody, and for a wrong `{…}`.
    public init(claims: [ClaimPattern], role: Role, scope: WriteScope) throws(LedgerError) {
        if claims.allSatisfy(\.isAnything) {
            throw LedgerError(
                .usage, "a rule would give the role \(role) to everybody who has a token",
                advice: "say whose are meant, such as repository: shop/orders; or, if the issuer "
                    + "knows nobody else than those, iss: and the issuer")
        }
        for text in scope.services + scope.environments + scope.sources {
            _ = try ClaimTemplate(text)
        }
        self.claims = claims
        self.role = role
        self.scope = scope
    }

    /// Reads `ROLE[:SERVICE,…[:ENVIRONMENT,…]] CLAIM=PATTERN …`.
    ///
    /// - Throws: `usage` for anything else.
    public init(_ text: String) throws(LedgerError) {
        let words = text.split { $0 == " " || $0 == "\t" }
        let wrong = LedgerError(
            .usage, "\(text) is no rule",
            advice: "write ROLE:SERVICE:ENVIRONMENT CLAIM=VALUE …, such as \(Self.example)")
        guard let first = words.first else { throw wrong }
        let parts = first.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 3 else { throw wrong }
        let role = try Self.role(String(parts[0]))
        var lists: [[String]] = []
        for part in parts.dropFirst() {
            let names = part.split(separator: ",", omittingEmptySubsequences: false)
            // An empty list would stand for everywhere.
            if names.contains("") { throw wrong }
            lists.append(names.map(String.init))
        }
        var claims: [ClaimPattern] = []
        for word in words.dropFirst() {
            let sides = word.split(separator: "=", maxSplits: 1)
            guard sides.count == 2 else { throw wrong }
            claims.append(ClaimPattern(claim: String(sides[0]), pattern: String(sides[1])))
        }
        let scope = WriteScope(
            services: lists.first ?? [], environments: lists.count > 1 ? lists[1] : [])
        try self.init(claims: claims, role: role, scope: scope)
    }

    static let example = "'writer:orders repository=shop/orders ref=refs/heads/main'"

    static func role(_ name: String) throws(LedgerError) -> Role {
        guard let role = Role(rawValue: name) else {
            throw LedgerError(
                .usage, "there is no role \(name)",
                advice: Suggestion.advice(for: name, among: Role.allCases.map(\.rawValue)))
        }
        return role
    }

    /// Where those of a token may write; nil if the rule isn't for them, or names a claim that the
    /// token lacks: an empty list would stand for everywhere.
    func scope(for token: IdentityClaims) -> WriteScope? {
        guard claims.allSatisfy({ $0.matches(token) }),
            let services = Self.texts(scope.services, token),
            let environments = Self.texts(scope.environments, token),
            let sources = Self.texts(scope.sources, token)
        else { return nil }
        return WriteScope(services: services, environments: environments, sources: sources)
    }

    private static func texts(_ templates: [String], _ token: IdentityClaims) -> [String]? {
        var all: [String] = []
        for template in templates {
            guard let texts = try? ClaimTemplate(template).texts(token), !texts.isEmpty else {
                return nil
            }
            all += texts
        }
        return all
    }
}
