/// Text from outside, made fit for a terminal: what would steer it, break a line, turn the
/// direction of writing or hide shows as a sign of its own.
///
/// Control characters become their pictures (ESC is ␛, a line break ␊), others `<U+202E>`. The
/// joiners stay where emoji and some scripts need them: after a character beyond ASCII.
public enum VisibleText {
    public static func line(_ text: String) -> String {
        if isPlain(text) { return text }
        var visible = String.UnicodeScalarView()
        var isAfterASCII = true
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control where scalar.isASCII:
                visible.append(picture(of: scalar))
            case .format where !isAfterASCII && (0x200C...0x200D ~= scalar.value):
                visible.append(scalar)
            case .control, .format, .lineSeparator, .paragraphSeparator:
                visible.append(contentsOf: codePoint(of: scalar).unicodeScalars)
            default:
                visible.append(scalar)
            }
            isAfterASCII = scalar.isASCII
        }
        return String(visible)
    }

    /// Its lines, with tabs as spaces.
    public static func lines(_ text: String) -> [String] {
        var lines = [String.UnicodeScalarView()]
        var isAfterReturn = false
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n":
                if isAfterReturn { lines[lines.count - 1].removeLast() }
                lines.append(.init())
            case "\t": lines[lines.count - 1].append(contentsOf: "    ".unicodeScalars)
            default: lines[lines.count - 1].append(scalar)
            }
            isAfterReturn = scalar == "\r"
        }
        if lines.count > 1, lines[lines.count - 1].isEmpty { lines.removeLast() }
        return lines.map { line(String($0)) }
    }

    static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { 0x20...0x7E ~= $0 }
    }

    private static func picture(of control: Unicode.Scalar) -> Unicode.Scalar {
        Unicode.Scalar(control.value == 0x7F ? 0x2421 : 0x2400 + control.value) ?? "\u{FFFD}"
    }

    private static func codePoint(of scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return "<U+" + String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits + ">"
    }
}
