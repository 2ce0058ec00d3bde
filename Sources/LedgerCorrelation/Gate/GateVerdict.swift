/// What a gate says of one change.
public struct GateVerdict: Sendable, Equatable {
    public let service: String
    public let change: String
    public let name: String?
    public let environment: String
    public let tenant: String?
    /// Where it stands there now.
    public let state: ChangeState
    /// None lets it pass.
    public let reasons: [GateReason]
    /// Those that somebody has acknowledged: they don't count.
    public let acknowledged: [GateReason]

    public var isOpen: Bool { reasons.isEmpty }

    public init(
        service: String, change: String, name: String?, environment: String, tenant: String?,
        state: ChangeState, reasons: [GateReason], acknowledged: [GateReason] = []
    ) {
        self.service = service
        self.change = change
        self.name = name
        self.environment = environment
        self.tenant = tenant
        self.state = state
        self.reasons = reasons
        self.acknowledged = acknowledged
    }
}
