import ArgumentParser
import LedgerCore
import LedgerService

/// Which issuers' identity tokens `ledger serve` takes, and what for.
struct IssuerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Take the identity tokens of this issuer, such as GitHub Actions or GitLab. "
                + "[$LEDGER_TRUST_OIDC]",
            valueName: "url"))
    var trustOidc: [String] = []

    @Option(
        help: ArgumentHelp(
            "Whom they must be for; ledger if left out. [$LEDGER_OIDC_AUDIENCE]",
            valueName: "audience"))
    var oidcAudience: String?

    @Option(
        help: ArgumentHelp(
            "Who may do what: ROLE:SERVICE,…:ENVIRONMENT,… CLAIM=VALUE …; may be given more than "
                + "once, and the first that holds counts. * in a value is any run of characters, "
                + "{environment} what that claim says. [$LEDGER_OIDC_ALLOW, one a line]",
            valueName: "rule"))
    var oidcAllow: [String] = []

    /// - Throws: `usage` for rules without an issuer, and the other way round.
    func issuers() throws(LedgerError) -> [IssuerSettings] {
        let issuers = try Self.list(trustOidc, "--trust-oidc", "LEDGER_TRUST_OIDC")
        let audience = try Setting.value(oidcAudience, "--oidc-audience", "LEDGER_OIDC_AUDIENCE")
        let texts = try Self.list(oidcAllow, "--oidc-allow", "LEDGER_OIDC_ALLOW")
        if issuers.isEmpty, !texts.isEmpty {
            throw LedgerError(
                .usage, "--oidc-allow needs an issuer",
                advice: "say whose tokens are meant: --trust-oidc URL")
        }
        if issuers.count > 1, !texts.isEmpty {
            throw LedgerError(
                .usage, "--oidc-allow with more than one issuer doesn't say whose tokens it means",
                advice: "write each issuer with its rules into the settings file")
        }
        var rules: [IdentityRule] = []
        for text in texts { rules.append(try IdentityRule(text)) }
        var all: [IssuerSettings] = []
        for issuer in issuers {
            all.append(
                try IssuerSettings(
                    issuer: issuer, audience: audience ?? IssuerSettings.defaultAudience,
                    rules: rules))
        }
        try IssuerSettings.check(all)
        return all
    }

    private static func list(
        _ flags: [String], _ name: String, _ variable: String
    ) throws(LedgerError) -> [String] {
        for flag in flags { _ = try Setting.value(flag, name) }
        if !flags.isEmpty { return flags }
        let text = try Setting.value(nil, name, variable) ?? ""
        let lines = text.split(separator: "\n").map(String.init)
        return lines.filter { !$0.allSatisfy(\.isWhitespace) }
    }
}
