import LedgerCore
import LedgerOperations
import Yams

extension IssuerSettings {
    /// Reads the section `oidc` of the settings file:
    ///
    /// ```yaml
    /// oidc:
    ///   - issuer: https://token.actions.githubusercontent.com
    ///     audience: ledger                  # what `aud` must hold; ledger if left out
    ///     rules:                            # the first that holds counts
    ///       - claims: {repository: shop/orders, ref: refs/heads/*}
    ///         role: writer
    ///         services: [orders]            # everywhere if left out
    ///         environments: ["{environment}"]   # what the claim says; absent, the rule is not for it
    ///         sources: ["github:"]          # beginnings
    /// ```
    ///
    /// - Throws: `usage` with the line of what can't be taken.
    public static func read(
        _ node: Node, _ yaml: YAMLReader
    ) throws(LedgerError) -> [IssuerSettings] {
        let reader = IssuerSettingsReader(yaml: yaml)
        var all: [IssuerSettings] = []
        for item in try reader.items(node, "oidc") {
            all.append(try reader.issuer(item))
            try yaml.placing(item) { () throws(LedgerError) in try check(all) }
        }
        return all
    }
}

private struct IssuerSettingsReader {
    let yaml: YAMLReader

    func issuer(_ node: Node) throws(LedgerError) -> IssuerSettings {
        var issuer: String?
        var audience = IssuerSettings.defaultAudience
        var rules: [IdentityRule] = []
        for (key, value) in try yaml.members(node, "an issuer", ["issuer", "audience", "rules"]) {
            switch key {
            case "issuer": issuer = try text(value, key)
            case "audience": audience = try text(value, key)
            default: for item in try items(value, key) { rules.append(try rule(item)) }
            }
        }
        guard let issuer else { throw yaml.invalid("an issuer needs its URL: issuer", node) }
        return try yaml.placing(node) { () throws(LedgerError) in
            try IssuerSettings(issuer: issuer, audience: audience, rules: rules)
        }
    }

    private func rule(_ node: Node) throws(LedgerError) -> IdentityRule {
        var claims: [ClaimPattern] = []
        var role: Role?
        var scope = WriteScope()
        let known = ["claims", "role", "services", "environments", "sources"]
        for (key, value) in try yaml.members(node, "a rule", known) {
            switch key {
            case "claims":
                for (name, pattern) in try yaml.members(value, key, nil) {
                    claims.append(
                        ClaimPattern(claim: name, pattern: try text(pattern, "the claim \(name)")))
                }
            case "role":
                let name = try text(value, key)
                role = try yaml.placing(value) { () throws(LedgerError) in
                    try IdentityRule.role(name)
                }
            case "services": scope.services = try texts(value, key)
            case "environments": scope.environments = try texts(value, key)
            default: scope.sources = try texts(value, key)
            }
        }
        guard let role else { throw yaml.invalid("a rule needs a role", node) }
        return try yaml.placing(node) { () throws(LedgerError) in
            try IdentityRule(claims: claims, role: role, scope: scope)
        }
    }

    /// Left out, a list stands for everything; written down as empty, it may mean nothing.
    func items(_ node: Node, _ place: String) throws(LedgerError) -> [Node] {
        let items = try yaml.items(node, place)
        if items.isEmpty { throw yaml.invalid("\(place) is empty: leave it out", node) }
        return items
    }

    private func texts(_ node: Node, _ place: String) throws(LedgerError) -> [String] {
        var texts: [String] = []
        for item in try items(node, place) { texts.append(try text(item, place)) }
        return texts
    }

    // A number, such as an owner's id, is taken as it is written.
    private func text(_ node: Node, _ place: String) throws(LedgerError) -> String {
        guard case .scalar(let scalar) = node, !scalar.string.isEmpty else {
            throw yaml.invalid("\(place) must be a text", node)
        }
        return scalar.string
    }
}
