import LedgerCore

/// Whether those who wrote, approved and deployed a change were different people, as far as the
/// entries tell: unknown is never a pass.
public struct SeparationOfDuties: Sendable, Equatable {
    public enum Verdict: String, Sendable, CaseIterable {
        /// They are known, and different.
        case separate
        case same
        case unknown
        /// There is no approval.
        case unapproved = "not-approved"
    }

    /// Somebody else than those who wrote it has approved it.
    public let authorAndApprover: Verdict
    /// None of those who wrote it has deployed it.
    public let authorAndDeployer: Verdict

    /// - Parameters:
    ///   - facts: what was said of the change with the script that was deployed.
    ///   - deployers: the ids of all who deployed it; empty if one is not known.
    init(_ facts: ChangeFacts, deployers: [String]) {
        let authors = facts.authors
        if facts.approvals.isEmpty {
            authorAndApprover = .unapproved
        } else if facts.isApproved(besides: authors) {
            authorAndApprover = authors.isEmpty ? .unknown : .separate
        } else {
            let isKnown =
                !authors.contains(nil) && !facts.approvals.contains { $0.person("actor") == nil }
            authorAndApprover = isKnown ? .same : .unknown
        }
        let known = authors.compactMap(\.self)
        if deployers.contains(where: { known.contains($0) }) {
            authorAndDeployer = .same
        } else if deployers.isEmpty || authors.isEmpty || authors.contains(nil) {
            authorAndDeployer = .unknown
        } else {
            authorAndDeployer = .separate
        }
    }

    /// Of both, the one that an auditor has to look at.
    public var verdict: Verdict {
        let both = [authorAndApprover, authorAndDeployer]
        return [.same, .unapproved, .unknown].first(where: both.contains) ?? .separate
    }
}
