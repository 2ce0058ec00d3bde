import LedgerCore

/// Takes in the webhooks of a forge: whether they are genuine, which delivery they are, and what
/// they become.
public struct Hook: Sendable {
    public let kind: HookKind

    public init(_ kind: HookKind) {
        self.kind = kind
    }

    /// Checks the signature or token of a request over its bytes as they came.
    ///
    /// - Parameter now: for GitLab's signed hooks, which are refused when they are more than five
    ///   minutes away from it.
    /// - Returns: the place of the secret that fits, from 0.
    /// - Throws: `LedgerError` `notAllowed`; it tells the header, and neither it nor a secret.
    public static func authenticate(
        _ request: HookRequest, _ secrets: HookSecrets, now: Timestamp
    ) throws(LedgerError) -> Int {
        try HookSignature(request: request, secrets: secrets).check(now: now)
    }

    /// What names the delivery, the same when the forge sends it again; nil if it says none. At
    /// most 200 bytes.
    public func deliveryID(of request: HookRequest) -> String? {
        kind.adapter.deliveryID(of: request).flatMap { GitText.line($0, limit: 200) }
    }

    /// What a request becomes.
    ///
    /// - Throws: `LedgerError` `invalidEvent` for a body that is no JSON.
    public func outcome(
        of request: HookRequest, _ context: HookContext
    ) throws(LedgerError) -> HookOutcome {
        let fact = kind.adapter.fact(of: try request.json(), in: request)
        let events = try HookEvents(kind: kind, request: request, context: context)
        do throws(LedgerError) {
            return try events.outcome(of: fact)
        } catch {
            // Genuine, well formed, and yet nothing that the ledger takes.
            return .notUnderstood(error.message)
        }
    }
}
