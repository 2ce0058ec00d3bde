/// Which events are asked for. Every store answers it in its own SQL.
///
/// Values of one member are alternatives; members narrow each other. An empty list asks for
/// everything. Names are compared as bytes.
public struct EntryQuery: Sendable, Equatable {
    public enum TimeBasis: String, Sendable {
        /// When it happened; when it was recorded, for those that don't say.
        case happened
        case recorded
    }

    public var environments: [String] = []
    public var services: [String] = []
    public var tenants: [String] = []
    public var regions: [String] = []
    public var clusters: [String] = []
    public var databases: [String] = []
    /// Each the id or the name of a change.
    public var changes: [String] = []
    /// Each the id of a change, exactly.
    public var changeIDs: [String] = []
    /// Each the id or the name of a person or service.
    public var actors: [String] = []
    /// Empty asks for deployments.
    public var types: [EventType] = []
    public var statuses: [DeploymentStatus] = []
    public var operations: [DeploymentOperation] = []
    public var triggers: [TriggerKind] = []
    public var tickets: [String] = []
    /// Each `sha256:…`.
    public var digests: [String] = []
    /// Each the name of an object that the script touches, `orders` or `shop.orders`. Upper and
    /// lower case are the same in it.
    public var objects: [String] = []
    /// Text that stands in a change's id or name, a title, message, reason, error or command.
    public var text: String?
    /// Inclusive.
    public var since: Timestamp?
    /// Exclusive.
    public var until: Timestamp?
    public var timeBasis = TimeBasis.happened
    /// Only what comes after this row, in the order of the question.
    public var after: RowPosition?
    public var limit: Int?
    /// Oldest first instead of newest first.
    public var isReversed = false

    public init() {}

    /// Whether a target is among those that are asked for.
    public func names(_ target: Target) -> Bool {
        [
            (services, target.service), (environments, target.environment),
            (tenants, target.tenant), (regions, target.region), (clusters, target.cluster),
        ].allSatisfy { names, name in
            names.isEmpty
                || name.map { name in names.contains { $0.hasSameBytes(as: name) } } ?? false
        }
    }
}
