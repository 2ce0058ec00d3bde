// ScriptDifference.swift
//
// As `diff -u` prints it, with three lines around what differs:
//
//    --- 9f2c41aa0b17 upstream
//    +++ 3a1bd20e9914 here
//    @@ -1,2 +1,2 @@
//     BEGIN;
//    -ALTER TABLE orders ADD a int;
//    +ALTER TABLE orders ADD a bigint;
//
// Lines are bytes: one that ends otherwise, or is written in other Unicode, differs.

/// How two scripts differ.
struct ScriptDifference {
    private enum Edit { case keep, remove, add }

    private struct Step {
        let edit: Edit
        let line: ArraySlice<UInt8>
        /// The places of the next lines before it.
        let old: Int
        let new: Int
    }

    /// So many lines of it are shown.
    static let lineLimit = 40
    private static let contextCount = 3
    private static let lineLength = 200
    /// Beyond so many lines between the first and the last that differ, all count as replaced.
    private static let searchLimit = 1000

    /// Where the first byte that differs stands in both, from 1.
    let byte: Int
    let line: Int
    let text: String

    /// Nil if they are the same.
    init?(_ old: [UInt8], _ new: [UInt8], names: (old: String, new: String)) {
        if old == new { return nil }
        let common = zip(old, new).prefix { $0 == $1 }.count
        byte = common + 1
        line = old[..<common].count { $0 == 0x0A } + 1
        var lines = ["--- \(names.old)", "+++ \(names.new)"]
        if old.contains(0) || new.contains(0) {
            lines.append("they are no text")
        } else {
            for hunk in Self.hunks(Self.steps(Self.lines(old), Self.lines(new))) {
                lines += Self.lines(of: hunk)
            }
        }
        let rest = lines.count - Self.lineLimit
        if rest > 0 { lines[Self.lineLimit...] = ["… \(rest) more lines"] }
        text = lines.joined(separator: "\n")
    }

    /// Each with its line break; the last may have none.
    private static func lines(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let end = rest.firstIndex(of: 0x0A).map { $0 + 1 } ?? rest.endIndex
            lines.append(rest[..<end])
            rest = rest[end...]
        }
        return lines
    }

    private static func steps(
        _ old: [ArraySlice<UInt8>], _ new: [ArraySlice<UInt8>]
    ) -> [Step] {
        let head = zip(old, new).prefix { $0 == $1 }.count
        let tail = zip(old[head...].reversed(), new[head...].reversed()).prefix { $0 == $1 }.count
        let (before, after) = (old[head..<old.count - tail], new[head..<new.count - tail])
        var removed = Set(before.indices)
        var added = Set(after.indices)
        if max(before.count, after.count) <= searchLimit {
            (removed, added) = ([], [])
            for change in Array(after).difference(from: Array(before)) {
                switch change {
                case .remove(let offset, _, _): removed.insert(head + offset)
                case .insert(let offset, _, _): added.insert(head + offset)
                }
            }
        }
        var steps: [Step] = []
        var (i, j) = (0, 0)
        while i < old.count || j < new.count {
            let edit: Edit = removed.contains(i) ? .remove : added.contains(j) ? .add : .keep
            steps.append(
                Step(edit: edit, line: edit == .add ? new[j] : old[i], old: i, new: j))
            if edit != .add { i += 1 }
            if edit != .remove { j += 1 }
        }
        return steps
    }

    /// What differs with what stands around it; what lies close together in one piece.
    private static func hunks(_ steps: [Step]) -> [ArraySlice<Step>] {
        var ranges: [Range<Int>] = []
        for place in steps.indices where steps[place].edit != .keep {
            let start = max(0, place - contextCount)
            let end = min(steps.count, place + contextCount + 1)
            if let last = ranges.last, last.upperBound >= start {
                ranges[ranges.count - 1] = last.lowerBound..<end
            } else {
                ranges.append(start..<end)
            }
        }
        return ranges.map { steps[$0] }
    }

    private static func lines(of hunk: ArraySlice<Step>) -> [String] {
        guard let first = hunk.first else { return [] }
        let oldCount = hunk.count { $0.edit != .add }
        let newCount = hunk.count { $0.edit != .remove }
        // Of an empty side the line before it is named.
        let old = first.old + (oldCount == 0 ? 0 : 1)
        let new = first.new + (newCount == 0 ? 0 : 1)
        var lines = ["@@ -\(old),\(oldCount) +\(new),\(newCount) @@"]
        for step in hunk {
            let isWhole = step.line.last == 0x0A
            let bytes = isWhole ? step.line.dropLast() : step.line
            let shown = String(decoding: bytes.prefix(lineLength), as: UTF8.self)
            let sign = step.edit == .keep ? " " : step.edit == .add ? "+" : "-"
            lines.append(sign + shown + (bytes.count > lineLength ? "…" : ""))
            if !isWhole { lines.append("\\ No newline at end of file") }
        }
        return lines
    }
}
