import LedgerCore

/// What a rendering for eyes depends on beside its rows.
public struct Appearance: Sendable {
    /// Columns of the terminal; nil, where the output is none, cuts and wraps nothing.
    public let width: Int?
    public let isColoured: Bool
    public let local: LocalTime

    public init(width: Int?, isColoured: Bool, local: LocalTime) {
        self.width = width.map { max(20, $0) }
        self.isColoured = isColoured
        self.local = local
    }

    func painted(_ text: String, _ tone: Tone) -> String {
        guard isColoured, let code = tone.code else { return text }
        return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }
}

/// What a colour says.
enum Tone: Sendable {
    case plain, good, bad, doubtful, heading

    /// Select Graphic Rendition (ECMA-48 §8.3.117).
    var code: String? {
        switch self {
        case .plain: nil
        case .good: "32"
        case .bad: "31"
        case .doubtful: "33"
        case .heading: "1"
        }
    }
}
