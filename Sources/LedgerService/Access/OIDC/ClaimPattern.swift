import LedgerCore

/// What a claim must be: a text in which `*` stands for any run of characters, also none.
public struct ClaimPattern: Sendable, Equatable {
    public let claim: String
    public let pattern: String

    public init(claim: String, pattern: String) {
        self.claim = claim
        self.pattern = pattern
    }

    /// Whether it holds for whatever stands in the claim.
    var isAnything: Bool { pattern.utf8.allSatisfy { $0 == Self.star } }

    private static let star = UInt8(ascii: "*")

    /// Whether one of the claim's texts is so, from its first byte to its last.
    func matches(_ claims: IdentityClaims) -> Bool {
        claims[claim].contains { Self.matches(Array($0.utf8), Array(pattern.utf8)) }
    }

    // On a mismatch the last star takes one byte more; stars before it never need to.
    private static func matches(_ text: [UInt8], _ pattern: [UInt8]) -> Bool {
        var (place, next) = (0, 0)
        var star: (pattern: Int, text: Int)?
        while place < text.count {
            if next < pattern.count, pattern[next] == Self.star {
                star = (next, place)
                next += 1
            } else if next < pattern.count, pattern[next] == text[place] {
                next += 1
                place += 1
            } else if let last = star {
                star = (last.pattern, last.text + 1)
                next = last.pattern + 1
                place = last.text + 1
            } else {
                return false
            }
        }
        return pattern[next...].allSatisfy { $0 == Self.star }
    }
}
