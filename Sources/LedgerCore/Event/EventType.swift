/// What kind of fact an event states.
public enum EventType: String, Sendable, CaseIterable {
    case deployment, merge, review
    case rollbackPlan = "rollback_plan"
    case correction, acknowledgement, note, incident, target, path, correlation, policy, freeze
    case snapshot
    // The ledger's own: it alone records them, since `verify` takes their word.
    case token, export, redaction, archive, restore, override, hold

    public static let own: Set<EventType> = [
        .token, .export, .redaction, .archive, .restore, .override, .hold,
    ]

    /// What anyone with the right to write may record.
    public static let recordable = allCases.filter { !own.contains($0) }
}

/// How a change can be undone.
public enum RollbackStrategy: String, Sendable, CaseIterable {
    /// There is a script that undoes it.
    case reversible
    /// A backup or snapshot from before it is kept.
    case restorePoint = "restore_point"
    /// It is mended by another change.
    case forwardFix = "forward_fix"
    /// Old and new live side by side until the old is dropped (parallel change).
    case expandContract = "expand_contract"
    case irreversible
}

public enum DeploymentStatus: String, Sendable, CaseIterable {
    case started, succeeded, failed, skipped, unknown
}

public enum DeploymentOperation: String, Sendable, CaseIterable {
    case apply, revert, baseline, mark, repair
}

public enum TriggerKind: String, Sendable, CaseIterable {
    case cli, git, manual, webhook, `import`
}
