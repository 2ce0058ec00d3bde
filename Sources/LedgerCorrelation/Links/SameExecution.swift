import LedgerCore

/// Finds the deployments that are one execution, told by two sources: a pipeline's step and a row of
/// the tool's own table.
public enum SameExecution {
    /// How far apart the two may be: clocks differ, and sources round.
    private static let slackMilliseconds: Int64 = 120_000
    /// Within this nobody doubts.
    private static let closeMilliseconds: Int64 = 10_000

    /// - Parameters:
    ///   - rows: deployments of one change, in any order.
    ///   - words: what was said of entries, in order.
    public static func links(
        among rows: [HistoryRow], service: String, change: String, words: [LinkWord]
    ) -> [Link] {
        let ended = rows.filter { row in
            row.type == .deployment && row.isTimeKnown
                && (row.status == .succeeded || row.status == .failed)
        }
        let byTarget = Dictionary(grouping: ended, by: \.target)
        let found = byTarget.values.flatMap { rows in
            pairs(rows.sorted { ($0.at, $0.index) < ($1.at, $1.index) })
        }
        func last(_ left: Int64, _ right: Int64) -> LinkWord? {
            words.last { $0.subject == .entries(min(left, right), max(left, right)) }
        }
        var links = found.map { pair in
            let word = last(pair.left.index, pair.right.index)
            let isAsserted = word?.isAsserted ?? false
            return Link(
                service: service, change: change, same: change,
                reason: isAsserted ? .asserted : .sameExecution,
                confidence: isAsserted
                    ? .certain : pair.gap <= closeMilliseconds ? .high : .medium,
                entries: [pair.left.index, pair.right.index].sorted(),
                retractedBy: word.flatMap { $0.isAsserted ? nil : $0.index })
        }
        let known = Set(rows.map(\.index))
        var said: Set<[Int64]> = Set(links.map(\.entries))
        for word in words.reversed() where word.isAsserted {
            guard case .entries(let left, let right) = word.subject,
                known.contains(left), known.contains(right),
                last(left, right) == word, said.insert([left, right]).inserted
            else { continue }
            links.append(
                Link(
                    service: service, change: change, same: change, reason: .asserted,
                    confidence: .certain, entries: [left, right], retractedBy: nil))
        }
        return links.sorted { $0.entries.lexicographicallyPrecedes($1.entries) }
    }

    private struct Pair {
        let left: HistoryRow
        let right: HistoryRow
        let gap: Int64
    }

    /// Each deployment is in one pair at most.
    private static func pairs(_ rows: [HistoryRow]) -> [Pair] {
        var pairs: [Pair] = []
        var taken: Set<Int64> = []
        for (place, left) in rows.enumerated() where !taken.contains(left.index) {
            for right in rows[(place + 1)...] where !taken.contains(right.index) {
                // What begins later has a start that is further off still.
                guard
                    right.at.milliseconds - left.at.milliseconds <= slackMilliseconds
                        || right.start <= left.at.milliseconds + slackMilliseconds
                else { break }
                guard isOne(left, right) else { continue }
                taken.insert(right.index)
                pairs.append(
                    Pair(
                        left: left, right: right,
                        gap: max(0, right.start - left.at.milliseconds)))
                break
            }
        }
        return pairs
    }

    private static func isOne(_ left: HistoryRow, _ right: HistoryRow) -> Bool {
        guard left.status == right.status, left.operation == right.operation,
            let source = left.string("source"), let other = right.string("source"),
            !source.hasSameBytes(as: other)
        else { return false }
        return !differ(left.string("change", "digest"), right.string("change", "digest"))
    }
}

extension HistoryRow {
    /// When it began, as far as that is known.
    fileprivate var start: Int64 {
        time("deployment", "started")?.milliseconds
            ?? at.milliseconds - (integer("deployment", "duration_ms") ?? 0)
    }
}
