/// What a statement does to an object of the database.
public struct TouchedObject: Sendable, Hashable {
    public enum Action: String, Sendable, CaseIterable {
        case create, alter, drop, rename, insert, update, delete, merge, truncate, grant, revoke
    }

    public enum Kind: String, Sendable, CaseIterable {
        case table, view, index, sequence, function, procedure, trigger, policy, rule, type, domain
        case schema, database, role, `extension`, publication, subscription, server, synonym
        case event, statistics, tablespace
    }

    public let action: Action
    public let kind: Kind
    /// What stands before the name: a schema, in MySQL a database.
    public let schema: String?
    /// Without quotes; in lower case unless it was quoted.
    public let name: String

    public init(_ action: Action, _ kind: Kind, schema: String? = nil, name: String) {
        self.action = action
        self.kind = kind
        self.schema = schema
        self.name = name
    }

    /// `schema.name`, or the name alone.
    public var qualifiedName: String {
        schema.map { "\($0).\(name)" } ?? name
    }
}
