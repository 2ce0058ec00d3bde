import LedgerCore

/// What a webhook becomes.
public enum HookOutcome: Sendable {
    /// Reviews and deployments, ready to be recorded.
    case events([Event])
    /// A merge, whose scripts only Git knows.
    case merge(HookMerge)
    /// Understood, and nothing that the ledger keeps: a push, a request closed without a merge.
    case ignored(String)
    /// Not understood, or of no known service: to be answered 202 and counted.
    case notUnderstood(String)
}
