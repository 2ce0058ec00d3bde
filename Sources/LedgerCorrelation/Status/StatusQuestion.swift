import LedgerCore

/// What `ledger status` is asked.
public struct StatusQuestion: Sendable, Equatable {
    /// What a row of an environment's view stands for.
    public enum Grouping: String, Sendable, CaseIterable {
        case service, tenant, region, cluster, target
    }

    /// Empty asks for the board of all.
    public var services: [String] = []
    /// One row for each service, tenant, region or cluster of this environment.
    public var environment: String?
    public var grouping: Grouping?
    /// Each target for itself.
    public var isUnfolded = false

    public init() {}

    /// Whether the targets have to be looked at one by one.
    public var needsTargets: Bool {
        !services.isEmpty || isUnfolded || (grouping ?? .service) != .service
    }
}

/// What it answers.
public enum Status: Sendable {
    case board([BoardRow])
    case changes([ChangeRow])
    case targets([TargetRow])
    case places([PlaceRow])
}

extension Status {
    public init(_ question: StatusQuestion, of histories: [ServiceHistory]) {
        if let environment = question.environment {
            let grouping = question.grouping ?? (question.services.isEmpty ? .service : .target)
            self = .places(PlaceRow.rows(of: histories, in: environment, by: grouping))
        } else if question.isUnfolded {
            self = .targets(histories.flatMap(TargetRow.rows))
        } else if !question.services.isEmpty {
            self = .changes(histories.flatMap(ChangeRow.rows))
        } else {
            self = .board(histories.flatMap(BoardRow.rows))
        }
    }
}
