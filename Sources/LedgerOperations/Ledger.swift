import LedgerCore

/// What can be asked of a ledger, wherever it is.
public protocol Ledger: Sendable {
    /// Records the events, all or none, and returns once they are durable.
    ///
    /// Events get their defaults: `source` as given here, and a new `id`.
    func record(_ events: [Event], source: String) async throws(LedgerError) -> [Receipt]
}
