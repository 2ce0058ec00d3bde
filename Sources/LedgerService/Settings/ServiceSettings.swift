import LedgerCore

/// What `ledger serve` was told.
public struct ServiceSettings: Sendable {
    /// The ledger's file.
    public var ledger: String
    public var host = "127.0.0.1"
    /// 0 lets the system choose.
    public var port = 8437
    /// PEM files; both or none.
    public var certificate: String?
    public var key: String?
    /// Whoever reaches the service may read what a reader may.
    public var isReadingPublic = false
    /// Whose identity tokens are taken besides the ledger's own tokens.
    public var issuers: [IssuerSettings] = []
    public var limits = ServiceLimits()
    /// The webhooks that are taken.
    public var hooks: [HookSettings] = []
    /// Variables that hold secrets: no command that the service starts sees them.
    public var secretVariables: [String] = []

    public init(ledger: String) {
        self.ledger = ledger
    }

    /// Reads `HOST:PORT`, `[::1]:8437`, `:8437` or `HOST`.
    ///
    /// - Throws: `usage` for anything else.
    public mutating func setListen(_ text: String) throws(LedgerError) {
        let wrong = LedgerError(
            .usage, "\(text) is no address to listen on",
            advice: "write HOST:PORT, such as 127.0.0.1:8437 or 0.0.0.0:8437")
        var host = text[...]
        if let colon = text.lastIndex(of: ":"), text[colon...].firstIndex(of: "]") == nil {
            guard let port = UInt16(text[text.index(after: colon)...]) else { throw wrong }
            self.port = Int(port)
            host = text[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        if host.contains("[") || host.contains("]") || host.contains("/") { throw wrong }
        if !host.isEmpty { self.host = String(host) }
    }
}
