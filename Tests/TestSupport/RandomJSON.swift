import LedgerCore

/// Values and bytes made at random, near the borders of what the formats allow.
public struct RandomJSON {
    public var generator: SeededGenerator

    public init(generator: SeededGenerator) {
        self.generator = generator
    }

    private static let scalars: [Unicode.Scalar] = [
        "a", "b", "A", "0", "/", "\"", "\\", "\n", "\t", "\u{1}", "\u{8}", "\u{c}", "\u{1f}", " ",
        "\u{7f}", "\u{80}", "é", "\u{301}", "€", "\u{d7ff}", "\u{e000}", "\u{fb33}", "\u{ffff}",
        "😂", "\u{10ffff}",
    ]

    public mutating func text(maximum: Int = 6) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 0...maximum, using: &generator) {
            text.unicodeScalars.append(Self.scalars.randomElement(using: &generator) ?? "a")
        }
        return text
    }

    public mutating func value(depth: Int = 4) -> JSON {
        switch Int.random(in: depth > 0 ? 0...6 : 2...6, using: &generator) {
        case 0:
            var object = JSONObject()
            for _ in 0..<Int.random(in: 0...5, using: &generator) {
                let name = text(maximum: 3)
                if !name.isEmpty { object[name] = value(depth: depth - 1) }
            }
            return .object(object)
        case 1:
            return .array(
                (0..<Int.random(in: 0...4, using: &generator)).map { _ in value(depth: depth - 1) })
        case 2: return .bool(.random(using: &generator))
        case 3:
            let bounds = JSON.integerBounds
            return .integer(
                [0, -1, 10, bounds.lowerBound, bounds.upperBound].randomElement(using: &generator)
                    ?? 0)
        case 4: return .integer(.random(in: -1000...1000, using: &generator))
        default: return .string(text())
        }
    }

    /// The bytes with a few of them replaced, taken out, doubled or put in.
    public mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
        let spices =
            Array("{}[],:\"\\u0019dDeE.+-/ntf \n".utf8) + [0, 0x7F, 0x80, 0xC3, 0xED, 0xF0, 0xFF]
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...3, using: &generator) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &generator)
            let spice = spices.randomElement(using: &generator) ?? 0
            switch Int.random(in: 0...4, using: &generator) {
            case 0: bytes[place] = spice
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(spice, at: place)
            case 3:
                let end = min(bytes.count, place + .random(in: 1...12, using: &generator))
                let target = Int.random(in: 0...bytes.count, using: &generator)
                bytes.insert(contentsOf: Array(bytes[place..<end]), at: target)
            default: bytes[place] ^= 1 << UInt8.random(in: 0...7, using: &generator)
            }
        }
        return bytes
    }
}
