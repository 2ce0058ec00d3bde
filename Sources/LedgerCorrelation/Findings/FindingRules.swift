import LedgerCore

/// All rules, in the order of their reference.
public enum FindingRules {
    public static let all: [any FindingRule.Type] = [
        PendingTooLong.self, TenantMissed.self, OutOfOrder.self, EnvironmentSkipped.self,
        EditedBetweenEnvironments.self, FailedNotResolved.self, NotFinished.self, AdHoc.self,
        SlowInProd.self, Conflicting.self, AmbiguousTarget.self, TargetMismatch.self,
        SilentTarget.self, HistoryGap.self, HistoryRewritten.self, ClockSkew.self,
        RecordedLate.self, NoReview.self,
        SelfApproved.self, ApprovedAfterDeployment.self, EmergencyNotReviewed.self,
        LintMissing.self, LintFailed.self, Unticketed.self, NoRollbackPlan.self,
        RollbackNotTested.self, IrreversibleWithoutApproval.self, RestorePointExpired.self,
        Halfway.self,
    ]

    /// What the rules find, the most severe first.
    public static func findings(in scope: RuleScope) throws(LedgerError) -> [Finding] {
        var found: [Finding] = []
        for type in all where !scope.policy[type.rule].isOff {
            found += try type.findings(in: scope)
        }
        if let start = scope.policy.effectiveFrom {
            found.removeAll { finding in finding.since.map { $0 < start } ?? false }
        }
        return found
    }
}
