import LedgerCore

/// A text in which `{claim}` stands for what a claim says, such as `{environment}`.
struct ClaimTemplate {
    private enum Piece {
        case text(String)
        case claim(String)
    }

    /// So many texts may one template become, where claims are lists.
    private static let limit = 1000
    private var pieces: [Piece] = []

    /// - Throws: `usage` for a brace without its other.
    init(_ text: String) throws(LedgerError) {
        var rest = text[...]
        while let open = rest.firstIndex(where: { $0 == "{" || $0 == "}" }) {
            let after = rest.index(after: open)
            guard rest[open] == "{", let close = rest[after...].firstIndex(of: "}"),
                close > after, !rest[after..<close].contains("{")
            else {
                throw LedgerError(
                    .usage, "\(text) has a brace that doesn't hold a claim's name",
                    advice: "write {environment} for what the claim environment says")
            }
            if open > rest.startIndex { pieces.append(.text(String(rest[..<open]))) }
            pieces.append(.claim(String(rest[after..<close])))
            rest = rest[rest.index(after: close)...]
        }
        if !rest.isEmpty { pieces.append(.text(String(rest))) }
    }

    /// One text for each text of a claim that is a list. Empty if a claim is absent.
    func texts(_ claims: IdentityClaims) -> [String] {
        var texts = [""]
        for piece in pieces {
            switch piece {
            case .text(let text): texts = texts.map { $0 + text }
            case .claim(let name):
                let values = claims[name]
                guard texts.count * values.count <= Self.limit else { return [] }
                texts = texts.flatMap { text in values.map { text + $0 } }
            }
        }
        return texts
    }
}
