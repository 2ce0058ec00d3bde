import LedgerCore

/// Where a ledger is: a file of this machine, or a server.
public enum LedgerAddress: Sendable, Equatable {
    case file(String)
    /// The URL without a slash at its end.
    case server(String)

    /// As the spool keeps it: a file's whole path, or the URL.
    public var text: String {
        switch self {
        case .file(let path): path
        case .server(let url): url
        }
    }

    /// - Throws: `usage` for a URL that no server can have.
    public init(_ text: String) throws(LedgerError) {
        let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            self = .file(text)
            return
        }
        guard ["http", "https"].contains(parts[0]) else {
            throw LedgerError(
                .usage, "\(parts[0]) is not a way to a ledger",
                advice: "give the path of a file, or a URL that begins with https:// or http://")
        }
        if parts[1].contains("@") {
            throw LedgerError(
                .usage, "a ledger's URL must not hold a user name or password",
                advice: "give the token in LEDGER_TOKEN")
        }
        if parts[1].contains(where: { "?#\\".contains($0) }) {
            throw LedgerError(
                .usage, "a ledger's URL has no ? and no # in it",
                advice: "give it as https://ledger.example.com")
        }
        self = .server(String(text.reversed().drop { $0 == "/" }.reversed()))
    }
}
