import LedgerCore

/// How much of what was executed for a service in a month came with no merge.
public struct AdHocShare: Sendable {
    /// `2026-11`.
    public let month: String
    public let service: String
    /// What was executed: applied, failed or reverted; on each target once more.
    public let deploymentCount: Int
    /// Of these, those of changes that are in no merge.
    public let adHocCount: Int

    /// `12.5`; of a hundred.
    public var percent: String {
        let tenths = (adHocCount * 2000 + deploymentCount) / (2 * max(deploymentCount, 1))
        return "\(tenths / 10).\(tenths % 10)"
    }
}

/// Counts what was executed, and how much of it came with no merge.
public struct AdHocCount: Sendable {
    private struct Key: Hashable, Comparable {
        let month: String
        let service: ExactText

        static func < (left: Key, right: Key) -> Bool {
            (left.month, left.service) < (right.month, right.service)
        }
    }

    // By service, the ids of what was merged.
    private let merged: [ExactText: Set<ExactText>]
    private var counts: [Key: (all: Int, adHoc: Int)] = [:]

    /// - Parameter changes: all that are known, by service. Of one without merges everything counts
    ///   as ad hoc: that nobody told of merges is what the share is to show.
    public init(_ changes: [ServiceChange]) {
        var merged: [ExactText: Set<ExactText>] = [:]
        for change in changes where change.merge != nil {
            merged[ExactText(change.service), default: []]
                .formUnion((change.otherIDs + [change.id]).map(ExactText.init))
        }
        self.merged = merged
    }

    public mutating func add(_ row: RowOutline) {
        guard let service = row.target.service, let status = row.status,
            let state = RecordedState(row.operation, status),
            [.applied, .failed, .reverted].contains(state)
        else { return }
        let key = Key(month: String(row.at.utc.prefix(7)), service: ExactText(service))
        let isMerged =
            row.change.map { merged[key.service]?.contains(ExactText($0)) ?? false } ?? false
        counts[key, default: (0, 0)].all += 1
        if !isMerged { counts[key, default: (0, 0)].adHoc += 1 }
    }

    /// By month and service.
    public var rows: [AdHocShare] {
        counts.sorted { $0.key < $1.key }.map { key, count in
            AdHocShare(
                month: key.month, service: key.service.text, deploymentCount: count.all,
                adHocCount: count.adHoc)
        }
    }
}
