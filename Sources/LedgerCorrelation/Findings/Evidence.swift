import LedgerCore
import LedgerSQL

/// What rules ask of a ledger beside a service's history: for a few entries, never for all.
public protocol Evidence {
    /// The row of a deployment, whole, as far as whoever asks may see it.
    func row(at index: Int64) throws(LedgerError) -> HistoryRow?

    /// The bytes of a script, by `sha256:…`; nil if they were not kept, or whoever asks may not see
    /// them.
    func script(_ digest: String) throws(LedgerError) -> [UInt8]?

    /// What scripts touch, by their digests; of scripts that were not kept nothing is known.
    func touchedObjects(by digests: Set<String>) throws(LedgerError) -> [String: [TouchedObject]]

    /// Entries whose time since a moment is further than this from when they were recorded, the
    /// newest first.
    func untimely(
        _ kind: Untimely.Kind, service: String, environment: String?, beyond: Duration,
        since: Timestamp?
    ) throws(LedgerError) -> [Untimely]

    /// Deployments before which others are missing, by their own number.
    func loneAttempts(service: String, environment: String) throws(LedgerError) -> [LoneAttempt]

    /// Deployments of a service that connected to the database of another environment's target.
    func strayConnections(of service: String) throws(LedgerError) -> [StrayConnection]

    /// Rows of tools' own tables that were rewritten, oldest first.
    func rewrites(of service: String) throws(LedgerError) -> [HistoryRewrite]
}

/// A deployment that says where it ran, and connected to a target that is declared elsewhere.
public struct StrayConnection: Sendable {
    public let index: Int64
    public let at: Int64
    public let environment: String
    /// Where its database belongs.
    public let owner: Target

    public init(index: Int64, at: Int64, environment: String, owner: Target) {
        self.index = index
        self.at = at
        self.environment = environment
        self.owner = owner
    }
}
