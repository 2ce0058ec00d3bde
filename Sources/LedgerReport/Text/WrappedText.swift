/// Long text in lines that fit, with control characters visible.
enum WrappedText {
    /// Breaks at spaces, and within a word only if it is longer than a line and `breaksWords`: a
    /// hash in one piece can be copied. Without a width only the text's own line breaks count.
    static func lines(_ text: String, width: Int?, breaksWords: Bool = true) -> [String] {
        VisibleText.lines(text).flatMap { line in
            width.map { wrap(Substring(line), max(1, $0), breaksWords) } ?? [line]
        }
    }

    private static func wrap(_ line: Substring, _ width: Int, _ breaksWords: Bool) -> [String] {
        var rest = line
        var lines: [String] = []
        while !rest.isEmpty {
            let fitting = DisplayWidth.prefix(rest, within: width)
            let next = rest[fitting.endIndex...]
            if next.isEmpty { break }
            var space = next.first == " " ? fitting.endIndex : fitting.lastIndex(of: " ")
            if let found = space, rest[..<found].allSatisfy({ $0 == " " }) { space = nil }
            if space == nil, !breaksWords { space = next.firstIndex(of: " ") ?? next.endIndex }
            if let space {
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
