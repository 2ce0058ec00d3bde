/// Where a database is: `host/database` or `host:port/database`, as far as two can be compared.
///
/// Names of hosts are compared in lower case. What is local, a socket or a loopback address, is a
/// place on a machine that nobody names, and no address.
public struct DatabaseAddress: Sendable, Hashable {
    public let host: String
    public let port: String?
    public let database: String

    /// - Parameter text: as a target's address is declared.
    public init?(_ text: String) {
        guard let slash = text.firstIndex(of: "/") else { return nil }
        self.init(
            host: String(text[..<slash]), database: String(text[text.index(after: slash)...]))
    }

    /// - Parameter host: may have a port: `db1:5433`, `[2001:db8::1]:5433`.
    public init?(host: String, database: String) {
        var name = host[...]
        var port: String?
        let end = host.lastIndex(of: "]") ?? host.startIndex
        if let colon = host[end...].lastIndex(of: ":"),
            end != host.startIndex || host.firstIndex(of: ":") == colon
        {
            port = String(host[host.index(after: colon)...])
            name = host[..<colon]
        }
        name = name.drop { $0 == "[" }
        if name.last == "]" { name = name.dropLast() }
        let isLocal =
            name.isEmpty || name == "localhost" || name == "::1" || name.hasPrefix("127.")
        guard !isLocal, !database.isEmpty else { return nil }
        self.host = name.lowercased()
        self.port = port
        self.database = database
    }

    /// Without the port: an address that is declared so is that of any.
    public var withoutPort: String { "\(host)/\(database)" }

    public var text: String { port.map { "\(host):\($0)/\(database)" } ?? withoutPort }

    /// Whether a connection to `other` comes to this one.
    public func isReached(by other: DatabaseAddress) -> Bool {
        text.hasSameBytes(as: other.text)
            || port == nil && withoutPort.hasSameBytes(as: other.withoutPort)
    }
}
