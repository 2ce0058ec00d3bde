/// A name from outside, short and without control characters, for an error.
public enum VisibleName {
    public static func of(_ text: String) -> String {
        let visible = text.unicodeScalars.prefix(60).map { scalar in
            scalar.value < 0x20 || 0x7F...0x9F ~= scalar.value ? "\u{FFFD}" : String(scalar)
        }
        return visible.joined() + (text.unicodeScalars.count > 60 ? "…" : "")
    }
}
