/// Swift source cut into code, strings and comments: enough to look for a word in one of them and
/// not in another. Interpolations count as part of their string; strings within them stand alone.
struct SwiftTokens: Sendable {
    typealias Piece = (line: Int, text: String)

    /// One piece for each line; a string is `""` here, and a comment nothing.
    private(set) var code: [Piece] = []
    private(set) var strings: [Piece] = []

    private let bytes: [UInt8]
    private var place = 0
    private var line = 1

    private static let newline = UInt8(ascii: "\n")

    init(_ source: String) {
        bytes = Array(source.utf8)
        var text: [UInt8] = []
        var start = 1
        while place < bytes.count {
            if starts(with: "//") {
                while place < bytes.count, bytes[place] != Self.newline { place += 1 }
            } else if starts(with: "/*") {
                skipBlockComment()
            } else if let string = literal() {
                strings.append(string)
                text += Array("\"\"".utf8)
            } else if advance() == Self.newline {
                code.append((start, String(decoding: text, as: UTF8.self)))
                text = []
                start = line
            } else {
                text.append(bytes[place - 1])
            }
        }
        code.append((start, String(decoding: text, as: UTF8.self)))
    }

    private func starts(with text: StaticString) -> Bool {
        starts(with: text.withUTF8Buffer { Array($0) })
    }

    private func starts(with text: [UInt8]) -> Bool {
        bytes[place...].starts(with: text)
    }

    private mutating func advance() -> UInt8 {
        defer { place += 1 }
        if bytes[place] == Self.newline { line += 1 }
        return bytes[place]
    }

    private mutating func skipBlockComment() {
        var depth = 0
        repeat {
            if starts(with: "/*") {
                depth += 1
                place += 2
            } else if starts(with: "*/") {
                depth -= 1
                place += 2
            } else {
                _ = advance()
            }
        } while depth > 0 && place < bytes.count
    }

    /// A string literal that begins here: plain, of several lines, or raw.
    private mutating func literal() -> Piece? {
        guard bytes[place] == UInt8(ascii: "#") || bytes[place] == UInt8(ascii: "\"") else {
            return nil
        }
        let hashes = Array(bytes[place...].prefix { $0 == UInt8(ascii: "#") })
        let triple = hashes + Array("\"\"\"".utf8)
        let quote = Array((starts(with: triple) ? "\"\"\"" : "\"").utf8)
        guard starts(with: hashes + quote) else { return nil }
        let start = line
        place += hashes.count + quote.count
        let end = quote + hashes
        let escape = [UInt8(ascii: "\\")] + hashes
        var text: [UInt8] = []
        while place < bytes.count, !starts(with: end) {
            if starts(with: escape + [UInt8(ascii: "(")]) {
                place += escape.count + 1
                text += interpolation()
            } else if starts(with: escape) {
                place += escape.count
                if place < bytes.count { text.append(advance()) }
            } else {
                text.append(advance())
            }
        }
        place += end.count
        return (start, String(decoding: text, as: UTF8.self))
    }

    private mutating func interpolation() -> [UInt8] {
        var depth = 1
        var text: [UInt8] = []
        while place < bytes.count, depth > 0 {
            if let string = literal() {
                strings.append(string)
                continue
            }
            let byte = advance()
            if byte == UInt8(ascii: "(") { depth += 1 }
            if byte == UInt8(ascii: ")") { depth -= 1 }
            if depth > 0 { text.append(byte) }
        }
        return text
    }
}
