import LedgerCore

/// Where one change stands on one target.
public struct TargetRow: Sendable, Equatable {
    public let target: Target
    public let change: String
    public let name: String?
    public let state: ChangeState
    /// When the last deployment of it was here.
    public let at: Timestamp?
    public let index: Int64?
    /// `sha256:…` of the script of that deployment.
    public let digest: String?

    public init(
        target: Target, change: String, name: String?, state: ChangeState, at: Timestamp?,
        index: Int64?, digest: String?
    ) {
        self.target = target
        self.change = change
        self.name = name
        self.state = state
        self.at = at
        self.index = index
        self.digest = digest
    }
}

extension TargetRow {
    /// Change by change, without those that are not there and need not be.
    static func rows(of history: ServiceHistory) -> [TargetRow] {
        history.changes.indices.flatMap { change in
            history.environments.indices.flatMap { environment in
                rows(of: history, change, environment).filter { $0.state != .absent }
            }
        }
    }

    /// One for each target of an environment.
    static func rows(
        of history: ServiceHistory, _ change: Int, _ environment: Int
    ) -> [TargetRow] {
        let cell = history.cell(change, environment)
        let targets = history.environments[environment].targets?.targets ?? []
        return targets.enumerated().map { number, target in
            let last = cell.last[number]
            return TargetRow(
                target: target, change: history.changes[change].id,
                name: history.changes[change].name,
                state: history.state(change, environment, number),
                at: last.map { Timestamp(milliseconds: $0.at) }, index: last?.index,
                digest: last?.digest)
        }
    }
}
