import Hummingbird
import HummingbirdCore
import LedgerCore
import LedgerOperations

extension URI {
    /// The parameters of the query, decoded.
    ///
    /// - Throws: `usage` for what is not percent-encoded UTF-8.
    func decodedParameters() throws(LedgerError) -> [Question.Parameter] {
        guard let query, !query.isEmpty else { return [] }
        var parameters: [Question.Parameter] = []
        for part in query.utf8.split(separator: UInt8(ascii: "&")) {
            let equals = part.firstIndex(of: UInt8(ascii: "="))
            let name = try Percent.decode(part[..<(equals ?? part.endIndex)], plusIsSpace: true)
            let value = try equals.map { (place) throws(LedgerError) in
                try Percent.decode(part[part.index(after: place)...], plusIsSpace: true)
            }
            parameters.append((name, value ?? ""))
        }
        return parameters
    }
}

/// Percent-encoding (RFC 3986 §2.1).
enum Percent {
    static func decode(
        _ bytes: some Collection<UInt8>, plusIsSpace: Bool = false
    ) throws(LedgerError) -> String {
        var decoded: [UInt8] = []
        var rest = Array(bytes)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%") {
                guard rest.count >= 2,
                    let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16),
                    rest.first != UInt8(ascii: "+")
                else { throw LedgerError(.usage, "the URL has a % that begins no two digits") }
                rest = rest.dropFirst(2)
                decoded.append(value)
            } else {
                decoded.append(plusIsSpace && byte == UInt8(ascii: "+") ? 0x20 : byte)
            }
        }
        guard let text = String(validating: decoded, as: UTF8.self) else {
            throw LedgerError(.usage, "the URL is not UTF-8")
        }
        if text.utf8.contains(0) { throw LedgerError(.usage, "the URL has a character NUL") }
        return text
    }
}
