import LedgerCore

/// How a service, a tenant, a region, a cluster or a target stands in one environment.
public struct PlaceRow: Sendable, Equatable {
    public let environment: String
    public let grouping: StatusQuestion.Grouping
    /// The service, tenant, region or cluster, or the target; empty for targets that have none.
    public let place: String
    public let targetCount: Int
    /// Of which service the last change is.
    public let service: String?
    public let last: LastChange?
    public let behindCount: Int
    /// Since when the oldest of them should be there.
    public let behindSince: Timestamp?
    public let failedCount: Int

    public init(
        environment: String, grouping: StatusQuestion.Grouping, place: String, targetCount: Int,
        service: String?, last: LastChange?, behindCount: Int, behindSince: Timestamp?,
        failedCount: Int
    ) {
        self.environment = environment
        self.grouping = grouping
        self.place = place
        self.targetCount = targetCount
        self.service = service
        self.last = last
        self.behindCount = behindCount
        self.behindSince = behindSince
        self.failedCount = failedCount
    }
}

extension PlaceRow {
    private struct Sum {
        var targetCount = 0
        var last: (service: String, change: LastChange)?
        var behindCount = 0
        var behindSince: Int64?
        var failedCount = 0

        mutating func isBehind(since: Int64?) {
            behindCount += 1
            if let since { behindSince = min(behindSince ?? since, since) }
        }

        mutating func see(_ service: String, _ change: LastChange) {
            let isLater =
                last.map { ($0.change.at, $0.change.index) < (change.at, change.index) } ?? true
            if isLater { last = (service, change) }
        }
    }

    /// Sorted by name.
    static func rows(
        of histories: [ServiceHistory], in environment: String,
        by grouping: StatusQuestion.Grouping
    ) -> [PlaceRow] {
        var sums: [ExactText: Sum] = [:]
        for history in histories {
            guard let place = history.environment(named: environment) else { continue }
            if grouping == .service {
                sums[ExactText(history.service)] = sum(of: history, place)
            } else {
                add(history, place, by: grouping, to: &sums)
            }
        }
        return sums.sorted { $0.key < $1.key }.map { name, sum in
            PlaceRow(
                environment: environment, grouping: grouping, place: name.text,
                targetCount: sum.targetCount, service: sum.last?.service, last: sum.last?.change,
                behindCount: sum.behindCount,
                behindSince: sum.behindSince.map { Timestamp(milliseconds: $0) },
                failedCount: sum.failedCount)
        }
    }

    private static func sum(of history: ServiceHistory, _ environment: Int) -> Sum {
        var sum = Sum(targetCount: history.environments[environment].targetCount)
        for change in history.changes.indices {
            let states = history.states(change, environment)
            if (states[.failed] ?? 0) > 0 { sum.failedCount += 1 }
            if history.isBehind(change, environment, states) {
                sum.isBehind(since: history.neededSince(change, environment))
            }
            if let applied = history.cell(change, environment).applied {
                sum.see(history.service, history.last(change, applied.lastAt, applied.last))
            }
        }
        return sum
    }

    private static func add(
        _ history: ServiceHistory, _ environment: Int, by grouping: StatusQuestion.Grouping,
        to sums: inout [ExactText: Sum]
    ) {
        let targets = history.environments[environment].targets?.targets ?? []
        let groups = Dictionary(grouping: targets.indices) {
            ExactText(name(of: targets[$0], grouping))
        }
        for (group, members) in groups {
            var sum = sums[group] ?? Sum()
            sum.targetCount += members.count
            for change in history.changes.indices {
                let cell = history.cell(change, environment)
                let states = Set(members.map { history.state(change, environment, $0) })
                if states.contains(.failed) { sum.failedCount += 1 }
                if history.isNeeded(change, environment), states.contains(where: \.isLacking) {
                    sum.isBehind(since: history.neededSince(change, environment))
                }
                for last in members.compactMap({ cell.last[$0] }) where last.state == .applied {
                    sum.see(history.service, history.last(change, last.at, last.index))
                }
            }
            sums[group] = sum
        }
    }

    private static func name(
        of target: Target, _ grouping: StatusQuestion.Grouping
    ) -> String {
        switch grouping {
        case .service: target.service ?? ""
        case .tenant: target.tenant ?? ""
        case .region: target.region ?? ""
        case .cluster: target.cluster ?? ""
        case .target: target.text
        }
    }
}
