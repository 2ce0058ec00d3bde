import Foundation

/// Compares what a command printed with what the README says that it prints.
enum Printed {
    // In this order.
    private static let alike: [(pattern: String, words: String)] = [
        ("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<id>"),
        (#"\b[0-9a-f]{8,64}\b"#, "<hash>"),
        (
            #"\b\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|( ?[+-]\d\d(:\d\d)?)\b)?"#,
            "<time>"
        ),
        (#"\b\d+(\.\d)? (ms|s|min|h|d)\b( \d+ (s|min|h)\b)?"#, "<long>"),
        ("<long>–<long>", "<long>"),
        (#"\b\d+(\.\d)? (kB|MB|bytes)\b"#, "<size>"),
        // Columns are as wide as what stands in them.
        ("  +", "  "),
        (" +$", ""),
    ]

    private static let expressions = alike.compactMap { pair in
        (try? NSRegularExpression(pattern: pair.pattern)).map { ($0, pair.words) }
    }

    static func normal(_ line: String) -> String {
        expressions.reduce(line) { line, pair in
            pair.0.stringByReplacingMatches(
                in: line, range: NSRange(line.startIndex..., in: line), withTemplate: pair.1)
        }
    }

    static func matches(_ printed: [String], _ expected: [String]) -> Bool {
        guard let first = expected.first else { return printed.isEmpty }
        let rest = Array(expected.dropFirst())
        if first == "…" {
            return (0...printed.count).contains { matches(Array(printed.dropFirst($0)), rest) }
        }
        guard let line = printed.first, lineMatches(normal(line), normal(first)) else {
            return false
        }
        return matches(Array(printed.dropFirst()), rest)
    }

    private static func lineMatches(_ line: String, _ expected: String) -> Bool {
        let parts = expected.components(separatedBy: "…")
        guard parts.count > 1, let first = parts.first, let last = parts.last else {
            return line == expected
        }
        guard line.hasPrefix(first) else { return false }
        var rest = line.dropFirst(first.count)
        for part in parts.dropFirst().dropLast() {
            guard let found = rest.range(of: part) else { return false }
            rest = rest[found.upperBound...]
        }
        return rest.hasSuffix(last)
    }
}
