import LedgerCore

/// What can be recorded in a ledger, wherever it is.
public protocol Ledger: Sendable {
    /// Records the events, all or none, and returns once they are durable.
    ///
    /// Events get their defaults: `source` as given here, and a new `id`.
    func record(_ events: [Event], source: String) async throws(LedgerError) -> [Receipt]

    /// Records events as they come: all or, if `next` or the ledger refuses one, none. A server
    /// takes them in requests, each as a whole: what it took before a refusal stands, and the error
    /// says so. Memory does not grow with their number.
    ///
    /// - Parameters:
    ///   - next: gives the next events, at most some thousands, and nil at the end. Called on a
    ///     thread of its own, up to two batches ahead of the writing.
    ///   - recorded: told of each batch's receipts.
    func recordAll(
        source: String, next: @escaping @Sendable () throws(LedgerError) -> EventBatch?,
        recorded: ([Receipt]) -> Void
    ) async throws(LedgerError)

    /// Records each event that can be recorded; each has the line on which it stands.
    func recordEach(
        _ batch: EventBatch, source: String
    ) async throws(LedgerError) -> [Result<Receipt, LedgerError>]

    /// Creates a token. This is the one time that its secret is given.
    func createToken(
        _ request: TokenRequest
    ) async throws(LedgerError) -> (secret: String, id: String, receipt: Receipt)
    func revokeToken(_ id: String) async throws(LedgerError) -> Receipt

    /// Asks whether changes may go to an environment, and where the gate is closed, records that
    /// they go all the same; the answer has the receipts. If that can't be recorded, it throws.
    func gate(
        _ question: GateQuestion, overriding override: GateOverride
    ) async throws(LedgerError) -> GateAnswer

    /// Erases private members of entries, and records that.
    func redact(_ request: RedactionRequest) async throws(LedgerError) -> Redaction
    /// Erases a person from everything that can be erased.
    func forget(_ request: ForgetRequest) async throws(LedgerError) -> Redaction
    /// Stops erasing for a matter, or ends that.
    func hold(_ request: HoldRequest) async throws(LedgerError) -> Receipt

    /// Ends what the ledger was opened for. A file holds everything itself then.
    func close() async throws(LedgerError)
}

/// Events with the line that each stands on, as a file gives them.
public typealias EventBatch = [(line: Int, event: Event)]
