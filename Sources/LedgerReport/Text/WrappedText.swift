/// Long text in lines that fit, with control characters visible.
enum WrappedText {
    /// Breaks at spaces, and within a word only if it is longer than a line. Without a width only
    /// the text's own line breaks count.
    static func lines(_ text: String, width: Int?) -> [String] {
        VisibleText.lines(text).flatMap { line in
            width.map { wrap(Substring(line), max(1, $0)) } ?? [line]
        }
    }

    private static func wrap(_ line: Substring, _ width: Int) -> [String] {
        var rest = line
        var lines: [String] = []
        while !rest.isEmpty {
            let fitting = DisplayWidth.prefix(rest, within: width)
            let next = rest[fitting.endIndex...]
            if next.isEmpty { break }
            let space = next.first == " " ? fitting.endIndex : fitting.lastIndex(of: " ")
            if let space, rest[..<space].contains(where: { $0 != " " }) {
                lines.append(String(rest[..<space]))
                rest = rest[space...].drop { $0 == " " }
            } else {
                lines.append(String(fitting))
                rest = next
            }
        }
        if lines.isEmpty || !rest.isEmpty { lines.append(String(rest)) }
        return lines
    }
}
