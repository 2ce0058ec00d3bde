import LedgerCore

extension SettingsFile {
    static let issuers = Section(
        name: "oidc",
        keys: [
            Key(
                name: "oidc.issuer",
                meaning: "whose identity tokens are taken; `--trust-oidc`, `LEDGER_TRUST_OIDC`"),
            Key(name: "oidc.audience", meaning: "whom they must be for; else `ledger`"),
            Key(
                name: "oidc.rules",
                meaning: "what they may do, the first that holds: `claims`, `role`, `services`, "
                    + "`environments`, `sources`"),
        ],
        read: { (node, reader) throws(LedgerError) in
            reader.settings.issuers = try IssuerSettings.read(node, reader.yaml)
        })
}
