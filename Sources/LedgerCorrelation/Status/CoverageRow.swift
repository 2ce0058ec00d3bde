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
    /// The ids of those without a plan.
    public let unplanned: [String]

    public init(
        service: String, environment: String, changeCount: Int, testedCount: Int,
        untestedCount: Int, irreversibleCount: Int, unplanned: [String]
    ) {
        self.service = service
        self.environment = environment
        self.changeCount = changeCount
        self.testedCount = testedCount
        self.untestedCount = untestedCount
        self.irreversibleCount = irreversibleCount
        self.unplanned = unplanned
    }
}

extension CoverageRow {
    /// A row for each environment.
    ///
    /// - Parameter facts: by the places of the changes.
    public static func rows(of history: ServiceHistory, _ facts: [ChangeFacts]) -> [CoverageRow] {
        history.environments.indices.map { environment in
            let changes = history.changes.indices.filter {
                history.cell($0, environment).doneCount > 0
            }
            var tested = 0
            var untested = 0
            var irreversible = 0
            var unplanned: [String] = []
            for change in changes {
                switch history.changes[change].strategy {
                case nil: unplanned.append(history.changes[change].id)
                case RollbackStrategy.irreversible.rawValue: irreversible += 1
                case .some where history.isRollbackTested(change, facts[change]): tested += 1
                case .some: untested += 1
                }
            }
            return CoverageRow(
                service: history.service, environment: history.environments[environment].name,
                changeCount: changes.count, testedCount: tested, untestedCount: untested,
                irreversibleCount: irreversible, unplanned: unplanned)
        }
    }
}

extension ServiceHistory {
    /// Whether a plan says that it was tested, or it was reverted somewhere.
    func isRollbackTested(_ change: Int, _ facts: ChangeFacts) -> Bool {
        let isSaid = (facts.plans + facts.merges).contains {
            !($0.members[["rollback", "tested_in"]]?.array ?? []).isEmpty
        }
        return isSaid
            || environments.indices.contains { (cell(change, $0).counts[.reverted] ?? 0) > 0 }
    }
}
