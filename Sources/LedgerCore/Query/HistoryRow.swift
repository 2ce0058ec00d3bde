import LedgerCrypto

/// One answer of a query: an event, or the events of one deployment as one.
public struct HistoryRow: Sendable {
    /// The entry that says how it ended; the only one, for most.
    public let index: Int64
    /// The entry that said that it started, if that was another one.
    public let firstIndex: Int64?
    public let hash: Digest
    public let recorded: Timestamp
    /// When it happened as the source says; when it was recorded, if `isTimeKnown` is false.
    public let at: Timestamp
    public let isTimeKnown: Bool
    /// The public members of its events, later over earlier, with corrections applied.
    public let members: JSONObject
    /// The private members that are still there, likewise.
    public var privateMembers: JSONObject
    public let principal: JSONObject
    /// The last correction that was applied.
    public let correctedBy: Int64?
    /// The strategy of the deployment itself, else the one planned for its change.
    public let strategy: String?
    /// The entry that names the archive in which the body is: members that only people read are not
    /// here then, and hardly any private ones.
    public let archivedBy: Int64?

    public init(
        index: Int64, firstIndex: Int64?, hash: Digest, recorded: Timestamp, at: Timestamp,
        isTimeKnown: Bool, members: JSONObject, privateMembers: JSONObject, principal: JSONObject,
        correctedBy: Int64?, strategy: String?, archivedBy: Int64? = nil
    ) {
        self.index = index
        self.firstIndex = firstIndex
        self.hash = hash
        self.recorded = recorded
        self.at = at
        self.isTimeKnown = isTimeKnown
        self.members = members
        self.privateMembers = privateMembers
        self.principal = principal
        self.correctedBy = correctedBy
        self.strategy = strategy
        self.archivedBy = archivedBy
    }

    public var type: EventType {
        members["type"]?.string.flatMap(EventType.init(rawValue:)) ?? .deployment
    }

    public var target: Target { Target(of: members) }

    public func string(_ path: String...) -> String? { members[path]?.string }
    public func integer(_ path: String...) -> Int64? { members[path]?.integer }

    public func time(_ path: String...) -> Timestamp? {
        members[path]?.string.flatMap(Timestamp.init(rfc3339:))
    }

    public func privateString(_ path: String...) -> String? { privateMembers[path]?.string }

    /// How the deployment stands; `started` means that no end was heard of.
    public var status: DeploymentStatus? {
        string("deployment", "status").flatMap(DeploymentStatus.init(rawValue:))
    }

    public var operation: DeploymentOperation {
        string("deployment", "operation").flatMap(DeploymentOperation.init(rawValue:)) ?? .apply
    }
}
