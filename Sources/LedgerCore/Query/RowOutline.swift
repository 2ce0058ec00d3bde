/// What a row is about, without what it says: enough to group rows by the thousand.
public struct RowOutline: Sendable {
    public let index: Int64
    public let at: Timestamp
    public let type: EventType
    public let target: Target
    /// The change's id.
    public let change: String?
    public let operation: DeploymentOperation
    public let status: DeploymentStatus?

    public init(
        index: Int64, at: Timestamp, type: EventType, target: Target, change: String?,
        operation: DeploymentOperation, status: DeploymentStatus?
    ) {
        self.index = index
        self.at = at
        self.type = type
        self.target = target
        self.change = change
        self.operation = operation
        self.status = status
    }

    public init(_ row: HistoryRow) {
        self.init(
            index: row.index, at: row.at, type: row.type, target: row.target,
            change: row.string("change", "id"), operation: row.operation, status: row.status)
    }
}

/// A row's outline, with who did it and how long it took.
public struct RowOutcome: Sendable {
    public let outline: RowOutline
    /// The name or id of the actor, as the source says.
    public let actor: String?
    public let durationMilliseconds: Int64?

    public init(outline: RowOutline, actor: String?, durationMilliseconds: Int64?) {
        self.outline = outline
        self.actor = actor
        self.durationMilliseconds = durationMilliseconds
    }
}
