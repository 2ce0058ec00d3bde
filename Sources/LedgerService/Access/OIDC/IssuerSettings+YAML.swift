import LedgerCore
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
    /// - Parameter path: the file's, for errors.
    /// - Throws: `usage` with the line of what can't be taken.
    public static func read(_ node: Node, path: String) throws(LedgerError) -> [IssuerSettings] {
        let reader = IssuerSettingsReader(path: path)
        var all: [IssuerSettings] = []
        for item in try reader.items(node, "oidc") {
            all.append(try reader.issuer(item))
            try reader.at(item) { () throws(LedgerError) in try check(all) }
        }
        return all
    }
}

private struct IssuerSettingsReader {
    let path: String

    func issuer(_ node: Node) throws(LedgerError) -> IssuerSettings {
        var issuer: String?
        var audience = IssuerSettings.defaultAudience
        var rules: [IdentityRule] = []
        for (key, value) in try members(node, "an issuer", ["issuer", "audience", "rules"]) {
            switch key {
            case "issuer": issuer = try text(value, key)
            case "audience": audience = try text(value, key)
            default: for item in try items(value, key) { rules.append(try rule(item)) }
            }
        }
        guard let issuer else { throw invalid("an issuer needs its URL: issuer", node) }
        return try at(node) { () throws(LedgerError) in
            try IssuerSettings(issuer: issuer, audience: audience, rules: rules)
        }
    }

    private func rule(_ node: Node) throws(LedgerError) -> IdentityRule {
        var claims: [ClaimPattern] = []
        var role: Role?
        var scope = WriteScope()
        let known = ["claims", "role", "services", "environments", "sources"]
        for (key, value) in try members(node, "a rule", known) {
            switch key {
            case "claims":
                for (name, pattern) in try members(value, key, nil) {
                    claims.append(
                        ClaimPattern(claim: name, pattern: try text(pattern, "the claim \(name)")))
                }
            case "role":
                let name = try text(value, key)
                role = try at(value) { () throws(LedgerError) in try IdentityRule.role(name) }
            case "services": scope.services = try texts(value, key)
            case "environments": scope.environments = try texts(value, key)
            default: scope.sources = try texts(value, key)
            }
        }
        guard let role else { throw invalid("a rule needs a role", node) }
        return try at(node) { () throws(LedgerError) in
            try IdentityRule(claims: claims, role: role, scope: scope)
        }
    }

    /// Runs `body`; its error tells the line.
    func at<Result>(
        _ node: Node, _ body: () throws(LedgerError) -> Result
    ) throws(LedgerError) -> Result {
        do throws(LedgerError) { return try body() } catch { throw error.prefixed(place(node)) }
    }

    func items(_ node: Node, _ place: String) throws(LedgerError) -> [Node] {
        guard case .sequence(let items) = node else {
            throw invalid("\(place) must be a list", node)
        }
        // Left out, it stands for everything; written down as empty, it may mean nothing.
        if items.isEmpty { throw invalid("\(place) is empty: leave it out", node) }
        return Array(items)
    }

    private func texts(_ node: Node, _ place: String) throws(LedgerError) -> [String] {
        var texts: [String] = []
        for item in try items(node, place) { texts.append(try text(item, place)) }
        return texts
    }

    private func members(
        _ node: Node, _ place: String, _ known: [String]?
    ) throws(LedgerError) -> [(String, Node)] {
        guard case .mapping(let mapping) = node else {
            throw invalid("\(place) must be a mapping of names to values", node)
        }
        var members: [(String, Node)] = []
        for (key, value) in mapping {
            let name = try text(key, "a key")
            if let known, !known.contains(name) {
                throw LedgerError(
                    .usage, "\(self.place(key)): \(place) has an unknown key \"\(name)\"",
                    advice: Suggestion.advice(for: name, among: known))
            }
            members.append((name, value))
        }
        return members
    }

    private func text(_ node: Node, _ place: String) throws(LedgerError) -> String {
        // A number, such as an owner's id, is taken as it is written.
        guard case .scalar(let scalar) = node, !scalar.string.isEmpty else {
            throw invalid("\(place) must be a text", node)
        }
        return scalar.string
    }

    private func invalid(_ what: String, _ node: Node) -> LedgerError {
        LedgerError(.usage, "\(place(node)): \(what)")
    }

    private func place(_ node: Node) -> String {
        path + (node.mark.map { ", line \($0.line)" } ?? "")
    }
}
