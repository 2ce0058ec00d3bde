import LedgerCore

/// Where one change stands on one target.
public struct TargetState: Sendable {
    public let target: Target
    public let change: ServiceChange
    public let state: ChangeState
    /// The deployment that says so; nil if a baseline speaks for it, or nothing was heard.
    public let last: Deployment?

    /// What stands on the targets of a service that are asked for, by environment, target and then
    /// in the order of the changes; not what has nothing to do there.
    public static func rows(
        of history: ServiceHistory, where isAsked: (Target) -> Bool
    ) -> [TargetState] {
        var rows: [TargetState] = []
        for environment in history.environments.indices {
            let targets = history.environments[environment].targets?.targets ?? []
            for target in targets.indices where isAsked(targets[target]) {
                for change in history.changes.indices {
                    let state = history.state(change, environment, target)
                    if state == .absent { continue }
                    rows.append(
                        TargetState(
                            target: targets[target], change: history.changes[change],
                            state: state, last: history.cell(change, environment).last[target]))
                }
            }
        }
        return rows
    }
}
