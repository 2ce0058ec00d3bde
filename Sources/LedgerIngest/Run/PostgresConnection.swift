/// What a `dbname` argument of libpq says: a plain name, `key=value` pairs, or a URI
/// (PostgreSQL manual, "Connection Strings").
public struct PostgresConnection {
    public var database: String?
    public var host: String?
    public var port: String?
    var user: String?
    var service: String?

    init() {}

    public init(_ text: String) {
        if text.hasPrefix("postgresql://") || text.hasPrefix("postgres://") {
            read(uri: text)
        } else if text.contains("=") {
            for (key, value) in Self.pairs(text) { set(key, value) }
        } else if !text.isEmpty {
            database = text
        }
    }

    private mutating func set(_ key: String, _ value: String) {
        if value.isEmpty { return }
        switch key {
        case "dbname": database = value
        case "host", "hostaddr": host = host ?? value
        case "port": port = value
        case "user": user = value
        case "service": service = value
        default: break
        }
    }

    private mutating func read(uri: String) {
        guard let scheme = uri.range(ofText: "://") else { return }
        var rest = uri[scheme.upperBound...]
        if let question = rest.firstIndex(of: "?") {
            for pair in rest[rest.index(after: question)...].split(separator: "&") {
                let parts = pair.split(separator: "=", maxSplits: 1)
                if parts.count == 2 { set(String(parts[0]), parts[1].percentDecoded) }
            }
            rest = rest[..<question]
        }
        let slash = rest.firstIndex(of: "/")
        if let slash { set("dbname", rest[rest.index(after: slash)...].percentDecoded) }
        var authority = rest[..<(slash ?? rest.endIndex)]
        if let at = authority.lastIndex(of: "@") {
            set("user", authority[..<at].prefix { $0 != ":" }.percentDecoded)
            authority = authority[authority.index(after: at)...]
        }
        // An IPv6 address stands in brackets, and several hosts are separated by commas.
        let hostEnd = authority.lastIndex(of: "]") ?? authority.startIndex
        if let colon = authority[hostEnd...].lastIndex(of: ":") {
            set("port", String(authority[authority.index(after: colon)...]))
            authority = authority[..<colon]
        }
        set("host", authority.percentDecoded)
    }

    /// `key = value` pairs; a value may stand in single quotes, and `\` takes the next character
    /// as it is.
    private static func pairs(_ text: String) -> [(String, String)] {
        var pairs: [(String, String)] = []
        var rest = text[...]
        while true {
            rest = rest.drop(while: \.isWhitespace)
            guard let equals = rest.firstIndex(of: "=") else { return pairs }
            let key = rest[..<equals].filter { !$0.isWhitespace }
            rest = rest[rest.index(after: equals)...].drop(while: \.isWhitespace)
            let isQuoted = rest.first == "'"
            if isQuoted { rest = rest.dropFirst() }
            var value = ""
            while let character = rest.popFirst() {
                if character == "\\" {
                    if let next = rest.popFirst() { value.append(next) }
                } else if isQuoted ? character == "'" : character.isWhitespace {
                    break
                } else {
                    value.append(character)
                }
            }
            pairs.append((key, value))
        }
    }
}

extension StringProtocol {
    /// With `%41` as `A`; as it is if that is no UTF-8.
    var percentDecoded: String {
        var bytes: [UInt8] = []
        var rest = Array(utf8)[...]
        while let byte = rest.popFirst() {
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            if byte == UInt8(ascii: "%"), digits.utf8.count == 2,
                let value = UInt8(digits, radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self) ?? String(self)
    }

    func range(ofText text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) {
                return start..<index(start, offsetBy: text.count)
            }
            start = index(after: start)
        }
        return nil
    }
}
