import LedgerCore
import LedgerOperations

/// What is asked of a server.
struct ServerRequest: Sendable {
    enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
        case delete = "DELETE"
    }

    let method: Method
    /// Below the server's URL, encoded.
    let path: String
    var body: [UInt8]?
    var contentType = "application/json"
    /// The form in which an answer is taken; any other one is no ledger's.
    var accept = "application/json"
    /// To send it twice does no harm.
    var isRepeatable: Bool

    init(
        _ method: Method, _ segments: [String], _ parameters: [Question.Parameter] = [],
        body: [UInt8]? = nil
    ) {
        self.method = method
        self.body = body
        isRepeatable = method == .get
        var path = (["v1"] + segments).map { "/" + Self.encoded($0) }.joined()
        for (place, parameter) in parameters.enumerated() {
            path += place == 0 ? "?" : "&"
            path += "\(Self.encoded(parameter.name))=\(Self.encoded(parameter.value))"
        }
        self.path = path
    }

    /// To read.
    init(_ segments: [String], _ parameters: [Question.Parameter] = []) {
        self.init(.get, segments, parameters)
    }

    /// Percent-encoded (RFC 3986 §2.1): everything but letters, digits, - and _. A lone . or ..
    /// would be a step in a path.
    static func encoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: bytes.append(byte)
            default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
