import LedgerCore

/// The deployment by which a change came somewhere last.
public struct LastChange: Sendable, Equatable {
    public let change: String
    public let name: String?
    public let at: Timestamp
    public let index: Int64

    public init(change: String, name: String?, at: Timestamp, index: Int64) {
        self.change = change
        self.name = name
        self.at = at
        self.index = index
    }
}

/// Where one service stands in one environment.
public struct BoardRow: Sendable, Equatable {
    public let service: String
    public let environment: String
    /// The place on the service's path, from 0; nil for one that is not on it.
    public let step: Int?
    /// False if nobody has declared the path.
    public let isPathDeclared: Bool
    public let targetCount: Int
    /// The worst of its changes; `pending` or `missing` if it is behind, else `applied`; `absent`
    /// if nothing was ever there.
    public let state: ChangeState
    public let last: LastChange?
    /// The changes that should be on all targets and aren't.
    public let behindCount: Int
    /// The changes whose last attempt failed on some target.
    public let failedCount: Int

    public init(
        service: String, environment: String, step: Int?, isPathDeclared: Bool, targetCount: Int,
        state: ChangeState, last: LastChange?, behindCount: Int, failedCount: Int
    ) {
        self.service = service
        self.environment = environment
        self.step = step
        self.isPathDeclared = isPathDeclared
        self.targetCount = targetCount
        self.state = state
        self.last = last
        self.behindCount = behindCount
        self.failedCount = failedCount
    }
}

extension BoardRow {
    static func rows(of history: ServiceHistory) -> [BoardRow] {
        history.environments.indices.map { row(of: history, environment: $0) }
    }

    private static func row(of history: ServiceHistory, environment: Int) -> BoardRow {
        let place = history.environments[environment]
        var last: (change: Int, applied: Progress.Applied)?
        var worst: ChangeState?
        var behindCount = 0
        var failedCount = 0
        for change in history.changes.indices {
            if let applied = history.cell(change, environment).applied,
                last.map({ ($0.applied.lastAt, $0.applied.last) < (applied.lastAt, applied.last) })
                    ?? true
            {
                last = (change, applied)
            }
            let states = history.states(change, environment)
            if (states[.failed] ?? 0) > 0 { failedCount += 1 }
            if history.isBehind(change, environment, states) { behindCount += 1 }
            for state in states.keys where state.isWorthSaying {
                if worst.map({ state.rank < $0.rank }) ?? true { worst = state }
            }
        }
        return BoardRow(
            service: history.service, environment: place.name,
            step: history.path.place(of: place.name), isPathDeclared: history.path.isDeclared,
            targetCount: place.targetCount, state: worst ?? (last == nil ? .absent : .applied),
            last: last.map { history.last($0.change, $0.applied.lastAt, $0.applied.last) },
            behindCount: behindCount, failedCount: failedCount)
    }
}

extension ChangeState {
    /// Whether a whole environment is called by it.
    var isWorthSaying: Bool {
        switch self {
        case .failed, .unfinished, .unknown, .edited, .missing, .pending: true
        case .applied, .reverted, .skipped, .baseline, .absent: false
        }
    }
}

extension ServiceHistory {
    func last(_ change: Int, _ at: Int64, _ index: Int64) -> LastChange {
        LastChange(
            change: changes[change].id, name: changes[change].name,
            at: Timestamp(milliseconds: at), index: index)
    }
}
