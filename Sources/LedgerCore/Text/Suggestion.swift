/// "Did you mean": the closest of some known words.
public enum Suggestion {
    /// The candidate with the fewest edits from `word`, if those are few enough to be a slip.
    public static func closest(to word: String, among candidates: some Sequence<String>) -> String?
    {
        let limit = max(1, min(3, word.utf8.count / 3))
        var best: (word: String, distance: Int)?
        // Words whose lengths differ by more than the limit are not measured: a word may be long.
        for candidate in candidates
        where !candidate.hasSameBytes(as: word)
            && abs(candidate.utf8.count - word.utf8.count) <= limit
        {
            let distance = editDistance(word.lowercased(), candidate.lowercased())
            if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.word
    }

    /// The sentence "did you mean NAME?", or the known words when they are few.
    public static func advice(for word: String, among candidates: [String]) -> String? {
        if let closest = closest(to: word, among: candidates) { return "did you mean \(closest)?" }
        if candidates.isEmpty { return nil }
        let shown = candidates.prefix(12).joined(separator: ", ")
        return candidates.count > 12 ? "known are \(shown) …" : "known are \(shown)"
    }

    /// Levenshtein distance with swaps of neighbours counted as one edit.
    static func editDistance(_ left: String, _ right: String) -> Int {
        let left = Array(left.utf8)
        let right = Array(right.utf8)
        if left.isEmpty || right.isEmpty { return max(left.count, right.count) }
        var beforeLast = [Int](repeating: 0, count: right.count + 1)
        var last = Array(0...right.count)
        for row in 1...left.count {
            var current = [row] + [Int](repeating: 0, count: right.count)
            for column in 1...right.count {
                let cost = left[row - 1] == right[column - 1] ? 0 : 1
                current[column] = min(
                    last[column] + 1, current[column - 1] + 1, last[column - 1] + cost)
                if row > 1, column > 1, left[row - 1] == right[column - 2],
                    left[row - 2] == right[column - 1]
                {
                    current[column] = min(current[column], beforeLast[column - 2] + 1)
                }
            }
            (beforeLast, last) = (last, current)
        }
        return last[right.count]
    }
}
