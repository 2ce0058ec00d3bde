/// Why a change should not go to an environment now.
public struct GateReason: Sendable, Equatable {
    /// That of the rule which would find it afterwards; or `freeze`, `test-failed`.
    public let code: String
    public let detail: String
    public let advice: String
    /// The entries that show it.
    public let entries: [Int64]

    public init(code: String, detail: String, advice: String, entries: [Int64]) {
        self.code = code
        self.detail = detail
        self.advice = advice
        self.entries = entries
    }
}
