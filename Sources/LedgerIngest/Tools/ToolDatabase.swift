import LedgerCore

/// A database that can be read for a tool's table.
public enum ToolDatabase: Sendable, Equatable {
    /// A file, as the tool names it.
    case sqlite(String)
    /// As psql's `-d` takes it, without a password.
    case postgres(String, password: String?)

    /// From what tools call a database: `sqlite:///app.db`, `jdbc:postgresql://db1/orders?user=app`,
    /// `db:pg://app@db1/orders`, `postgresql+psycopg2://…`. Nil for others than these two.
    ///
    /// - Parameter isRooted: `///app.db` is a path from the root, as in any other URL; SQLAlchemy, and
    ///   who follows it, mean one from the working folder.
    public init?(
        _ text: String, user: String? = nil, password: String? = nil, isRooted: Bool = false
    ) {
        var rest = text[...]
        for prefix in ["jdbc:", "db:"] where rest.hasPrefix(prefix) {
            rest = rest.dropFirst(prefix.count)
        }
        guard let colon = rest.firstIndex(of: ":") else { return nil }
        let scheme = rest[..<colon].prefix { $0 != "+" }.lowercased()
        rest = rest[rest.index(after: colon)...]
        switch scheme {
        case "sqlite", "sqlite3", "file":
            self = .sqlite(Self.file(rest, isRooted: isRooted))
        case "postgres", "postgresql", "pg", "pgx", "pgx5", "psycopg", "cockroach":
            let name = rest.hasPrefix("//") ? "postgresql:\(rest)" : "postgresql:///\(rest)"
            self = Self.postgres(url: name, user: user, password: password)
        default: return nil
        }
    }

    /// Whether it is one database of one server, or one file, whoever connects and in which schema.
    public func isSame(as other: ToolDatabase) -> Bool {
        switch (self, other) {
        case (.sqlite(let file), .sqlite(let otherFile)): return file == otherFile
        case (.postgres(let url, _), .postgres(let otherURL, _)):
            let (one, another) = (PostgresConnection(url), PostgresConnection(otherURL))
            return one.host == another.host && one.database == another.database
                && one.port ?? "5432" == another.port ?? "5432"
        default: return false
        }
    }

    // A host that is not there stands between `//` and a path; parameters follow a question mark.
    private static func file(_ text: Substring, isRooted: Bool) -> String {
        var path = text.prefix { $0 != "?" }
        if path.hasPrefix("///") {
            path = path.dropFirst(isRooted ? 2 : 3)
        } else if path.hasPrefix("//") {
            path = path.dropFirst(2)
        }
        return path.percentDecoded
    }

    /// With the password apart: what stands among a command's arguments everybody sees.
    private static func postgres(url: String, user: String?, password: String?) -> ToolDatabase {
        var (url, password) = (url, password)
        // `//USER:PASSWORD@`.
        let start = url.utf8.index(url.startIndex, offsetBy: "postgresql://".utf8.count)
        let authority = url[start...].prefix { $0 != "/" && $0 != "?" }
        if let at = authority.lastIndex(of: "@") {
            let login = authority[..<at]
            if let colon = login.firstIndex(of: ":") {
                password = login[login.index(after: colon)...].percentDecoded
                url.removeSubrange(colon..<at)
            }
        } else if let user {
            url.insert(contentsOf: user.percentEncoded + "@", at: start)
        }
        if let question = url.firstIndex(of: "?") {
            let parameters = url[url.index(after: question)...].split(separator: "&")
            let kept = parameters.filter { parameter in
                guard parameter.hasPrefix("password=") else {
                    return Self.parameters.contains(String(parameter.prefix { $0 != "=" }))
                }
                password = parameter.dropFirst("password=".count).percentDecoded
                return false
            }
            url = url[..<question] + (kept.isEmpty ? "" : "?" + kept.joined(separator: "&"))
        }
        return .postgres(url, password: password)
    }

    // Those of libpq; drivers have others, at which psql would stop.
    private static let parameters: Set = [
        "user", "host", "port", "dbname", "sslmode", "sslrootcert", "sslcert", "sslkey",
        "options", "service", "connect_timeout", "target_session_attrs",
    ]
}

extension String {
    /// As part of a URL.
    fileprivate var percentEncoded: String {
        var text = ""
        for byte in utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default: text += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
        return text
    }
}
