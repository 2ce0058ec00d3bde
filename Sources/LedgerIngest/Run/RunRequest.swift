import LedgerCore

/// A deployment as `ledger run` is asked for it: the flags' values as they were given, none of them
/// checked. Nil means not given.
public struct RunRequest: Sendable {
    public var command: [String]

    public var service: String?
    public var environment: String?
    public var tenant: String?
    public var region: String?
    public var cluster: String?
    public var database: String?
    /// Where a migration tool's own table is, whatever its command says.
    public var toolDatabase: ToolDatabase?
    /// The databases of all targets that are meant, as far as they are known.
    public var targetDatabases: [TargetDatabase] = []

    /// An id or a name.
    public var change: String?
    /// The script, where the command line doesn't show it.
    public var file: String?
    public var tool: String?
    public var kind: String?
    public var isEmergency = false
    public var ticket: String?
    public var reason: String?
    public var title: String?

    /// `apply` unless given.
    public var operation: String?
    public var attempt: String?
    public var group: String?
    public var actor: String?
    public var executedAs: String?
    public var labels: [(name: String, value: String)] = []

    /// Who sends the events.
    public var source: String?
    public var triggerKind: String?
    /// The page of the pipeline's run.
    public var run: String?
    public var repository: String?
    public var commit: String?
    public var ref: String?

    /// The command starts only when the ledger has its beginning.
    public var requiresRecord = false
    /// Seconds for the ledger after the command's end; 5 unless given.
    public var recordTimeout: String?

    public init(command: [String]) {
        self.command = command
    }

    public var target: Target {
        Target(
            service: service, environment: environment, tenant: tenant, region: region,
            cluster: cluster)
    }
}

/// A target, and where its database is.
public struct TargetDatabase: Sendable {
    public let target: Target
    public let database: ToolDatabase

    public init(target: Target, database: ToolDatabase) {
        self.target = target
        self.database = database
    }
}

/// What surrounds a run: variables, user, machine, terminals.
public struct RunSurroundings: Sendable {
    public var variables: [String: String]
    /// The operating system's user; behind `sudo`, the one who called it.
    public var userName: String?
    public var hostName: String?
    /// Whether a person sits there: standard input or standard error is a terminal.
    public var isAtTerminal: Bool

    public init(
        variables: [String: String], userName: String? = nil, hostName: String? = nil,
        isAtTerminal: Bool = false
    ) {
        self.variables = variables
        self.userName = userName
        self.hostName = hostName
        self.isAtTerminal = isAtTerminal
    }
}

/// What a script's path, and its bytes as far as they are known, say of its change: the id that its
/// tool gives it, and its name; nil if the path is no migration of the tool's.
public typealias ChangeFromPath =
    @Sendable (_ path: String, _ content: [UInt8]?) -> (
        id: String, name: String, isRepeatable: Bool
    )?
