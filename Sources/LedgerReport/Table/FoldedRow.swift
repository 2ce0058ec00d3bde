import LedgerCore

/// A row of the table for eyes: one answer, or those of many targets as one.
public struct FoldedRow: Sendable {
    /// The answer; of several, the first that the query gave: the newest, unless it is reversed.
    public let row: HistoryRow
    /// What the targets have come to, where there are several.
    public let fold: Fold?

    public init(row: HistoryRow, fold: Fold? = nil) {
        self.row = row
        self.fold = fold
    }

    public struct Fold: Sendable, Equatable {
        /// The targets that are known, if the question is about all that happened to them.
        public var targetCount: Int?
        /// The names of those that did not succeed, by how they stand.
        public var others: [DeploymentStatus: [String]] = [:]
        public var succeededCount = 0
        /// Targets that needed more than one attempt.
        public var retriedCount = 0
        public var durationsMilliseconds: ClosedRange<Int64>?
        /// Others than the row's who did it.
        public var otherActorCount = 0
    }
}

extension FoldedRow {
    /// `orders/prod/acme`, or `orders/prod/*`.
    var place: String {
        guard fold != nil else { return row.target.text }
        return Target(service: row.target.service, environment: row.target.environment).text + "/*"
    }

    /// `118/120, failed: globex`; `2 succeeded, failed: globex` where not all were asked for.
    var outcome: TextTable.Cell {
        guard let fold else { return row.outcome }
        var parts: [String] = []
        var tone = fold.others.isEmpty ? Tone.good : .doubtful
        if let count = fold.targetCount {
            parts.append("\(fold.succeededCount)/\(count)")
            if fold.succeededCount < count { tone = .doubtful }
        } else if fold.succeededCount > 0 {
            parts.append("\(fold.succeededCount) succeeded")
        }
        for status in [DeploymentStatus.failed, .started, .unknown, .skipped] {
            guard let names = fold.others[status] else { continue }
            parts.append("\(status.words): \(Words.list(names))")
            if status == .failed { tone = .bad }
        }
        if fold.retriedCount > 0 { parts.append("\(fold.retriedCount) retried") }
        return .init(row.operation.prefix + parts.joined(separator: ", "), tone)
    }

    /// `4.2 s`, or `0.2 s–14 min` of several.
    var duration: String? {
        guard let fold else { return row.durationMilliseconds.map(Words.duration(milliseconds:)) }
        guard let range = fold.durationsMilliseconds else { return nil }
        let shortest = Words.duration(milliseconds: range.lowerBound)
        let longest = Words.duration(milliseconds: range.upperBound)
        return shortest == longest ? shortest : "\(shortest)–\(longest)"
    }

    var who: String {
        guard let others = fold?.otherActorCount, others > 0 else { return row.who }
        return "\(row.who) +\(others)"
    }
}
