/// One thing that was looked at in the ledger itself.
public struct LedgerCheck: Sendable {
    public let name: String
    /// Nil for what is only told.
    public let isRight: Bool?
    public let detail: String

    public init(_ name: String, isRight: Bool? = nil, _ detail: String) {
        self.name = name
        self.isRight = isRight
        self.detail = detail
    }
}
