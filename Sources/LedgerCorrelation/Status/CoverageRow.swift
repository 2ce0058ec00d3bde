import LedgerCore

/// How many of the changes that run in an environment can be undone.
public struct CoverageRow: Sendable, Equatable {
    public let service: String
    public let environment: String
    /// The changes that are there.
    public let changeCount: Int
    /// With a plan that was tested somewhere, or a revert that was done somewhere.
    public let testedCount: Int
    /// With a plan that was not tested, or can't be.
    public let untestedCount: Int
    /// Said to be irreversible.
    public let irreversibleCount: Int
    /// Of these, those of which nobody said why.
    public let unexplainedCount: Int
    /// The ids of those without a plan.
    public let unplanned: [String]

    public init(
        service: String, environment: String, changeCount: Int, testedCount: Int,
        untestedCount: Int, irreversibleCount: Int, unexplainedCount: Int, unplanned: [String]
    ) {
        self.service = service
        self.environment = environment
        self.changeCount = changeCount
        self.testedCount = testedCount
        self.untestedCount = untestedCount
        self.irreversibleCount = irreversibleCount
        self.unexplainedCount = unexplainedCount
        self.unplanned = unplanned
    }
}

extension CoverageRow {
    /// A row for each environment. Where targets have plans of their own, the worst one counts.
    ///
    /// - Parameter plans: by the places of the changes.
    public static func rows(of history: ServiceHistory, _ plans: [RollbackPlans]) -> [CoverageRow] {
        history.environments.indices.map { environment in
            let changes = history.changes.indices.filter {
                history.cell($0, environment).doneCount > 0
            }
            var tested = 0
            var untested = 0
            var irreversible = 0
            var unexplained = 0
            var unplanned: [String] = []
            for change in changes {
                let found = plans[change].places(change, environment, in: history).map(\.plan)
                if found.contains(nil) {
                    unplanned.append(history.changes[change].id)
                } else if found.contains(where: { $0?.strategy == .irreversible }) {
                    irreversible += 1
                    let isUnexplained = found.contains {
                        $0?.strategy == .irreversible && $0?.reason == nil
                    }
                    if isUnexplained { unexplained += 1 }
                } else if found.contains(where: { $0?.tests.isEmpty ?? true }) {
                    untested += 1
                } else {
                    tested += 1
                }
            }
            return CoverageRow(
                service: history.service, environment: history.environments[environment].name,
                changeCount: changes.count, testedCount: tested, untestedCount: untested,
                irreversibleCount: irreversible, unexplainedCount: unexplained,
                unplanned: unplanned)
        }
    }
}

extension ServiceHistory {
    /// Whether targets may have plans of their own, which the counts alone can't tell. A deployment
    /// that was not the last may say more of itself than is seen so: then the change counts as one
    /// without a plan.
    public func needsTargets(for plans: [RollbackPlans]) -> Bool {
        if hasTargets { return false }
        return changes.indices.contains { change in
            if !plans[change].places.isEmpty { return true }
            let everywhere = plans[change].everywhere
            guard everywhere?.isInferred ?? true else { return false }
            return environments.indices.contains { environment in
                let own = cell(change, environment).applied?.strategy
                return own != nil && own != everywhere?.strategy.rawValue
            }
        }
    }
}
