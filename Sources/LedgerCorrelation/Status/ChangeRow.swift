import LedgerCore

/// Where one change stands in one environment.
public struct ChangeRow: Sendable, Equatable {
    public let service: String
    public let change: String
    public let name: String?
    /// The ids that it has besides, as links say.
    public let otherIDs: [String]
    public let environment: String
    /// The place on the service's path, from 0; nil for one that is not on it.
    public let step: Int?
    public let isPathDeclared: Bool
    public let areTargetsDeclared: Bool
    /// The worst of its targets'.
    public let state: ChangeState
    /// Targets on which its content is.
    public let doneCount: Int
    public let targetCount: Int
    /// The names of the targets by their state, those where it is applied left out.
    public let others: [ChangeState: [String]]
    /// When it was applied here last.
    public let at: Timestamp?
    /// The deployment by which it was.
    public let index: Int64?
    public let mergedAt: Timestamp?

    public init(
        service: String, change: String, name: String?, otherIDs: [String], environment: String,
        step: Int?,
        isPathDeclared: Bool, areTargetsDeclared: Bool, state: ChangeState, doneCount: Int,
        targetCount: Int, others: [ChangeState: [String]], at: Timestamp?, index: Int64?,
        mergedAt: Timestamp?
    ) {
        self.service = service
        self.change = change
        self.name = name
        self.otherIDs = otherIDs
        self.environment = environment
        self.step = step
        self.isPathDeclared = isPathDeclared
        self.areTargetsDeclared = areTargetsDeclared
        self.state = state
        self.doneCount = doneCount
        self.targetCount = targetCount
        self.others = others
        self.at = at
        self.index = index
        self.mergedAt = mergedAt
    }
}

extension ChangeRow {
    /// Change by change, in their order; the environments in that of the path.
    static func rows(of history: ServiceHistory) -> [ChangeRow] {
        history.changes.indices.flatMap { change in
            history.environments.indices.map { row(of: history, change, $0) }
        }
    }

    private static func row(
        of history: ServiceHistory, _ change: Int, _ environment: Int
    ) -> ChangeRow {
        let place = history.environments[environment]
        let applied = history.cell(change, environment).applied
        var others: [ChangeState: [String]] = [:]
        for (number, target) in (place.targets?.targets ?? []).enumerated() {
            let state = history.state(change, environment, number)
            if state == .applied { continue }
            others[state, default: []].append(target.ownName)
        }
        return ChangeRow(
            service: history.service, change: history.changes[change].id,
            name: history.changes[change].name, otherIDs: history.changes[change].otherIDs,
            environment: place.name,
            step: history.path.place(of: place.name), isPathDeclared: history.path.isDeclared,
            areTargetsDeclared: place.targets?.isDeclared ?? false,
            state: history.state(change, environment),
            doneCount: history.standing(change, environment).targets.count(where: \.isDone),
            targetCount: place.targetCount,
            others: others, at: applied.map { Timestamp(milliseconds: $0.lastAt) },
            index: applied?.last,
            mergedAt: history.changes[change].merge.map { Timestamp(milliseconds: $0.firstAt) })
    }
}
