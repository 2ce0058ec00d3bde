import LedgerCore

/// What a command line shows of the deployment that it makes.
public struct RecognizedCommand: Sendable, Equatable {
    /// Where a script that the command runs comes from.
    public enum Script: Sendable, Equatable {
        case file(String)
        case inline(String)
        case standardInput
    }

    /// What exit status 0 is worth.
    public enum ZeroExit: Sendable, Equatable {
        case meansSuccess
        /// Statements may have failed, for the reason that the advice names.
        case leavesDoubt(advice: String)
        /// As `leavesDoubt`, unless every script sets psql's `ON_ERROR_STOP` at its top.
        case dependsOnScripts(advice: String)
    }

    /// The tool, if it is one that we know.
    public var tool: String?
    public var host: String?
    public var port: String?
    public var database: String?
    /// The file that is the database, as the command names it.
    public var databaseFile: String?
    /// The database user.
    public var executedAs: String?
    /// In the order in which they run.
    public var scripts: [Script] = []
    public var zeroExit = ZeroExit.meansSuccess
    /// Either all scripts take effect or none does.
    public var isSingleTransaction = false

    public init(tool: String? = nil) {
        self.tool = tool
    }

    /// - Parameters:
    ///   - environment: the variables with which the command starts.
    ///   - userName: the operating system's user.
    public init(command: [String], environment: [String: String], userName: String?) {
        let prefix = CommandPrefix(command)
        guard let program = prefix.command.first?.baseName else {
            self.init()
            return
        }
        let arguments = prefix.command.dropFirst()
        switch program {
        case "psql":
            let variables = environment.merging(prefix.assignments) { $1 }
            self = PsqlCommand.recognize(
                arguments, variables: variables, userName: prefix.user ?? userName)
        case "sqlite3": self = Sqlite3Command.recognize(arguments)
        case "mysql", "mariadb": self = MysqlCommand.recognize(arguments)
        case let shell where ShellCommand.programs.contains(shell):
            self = ShellCommand.recognize(arguments)
        default: self.init(tool: Self.migrationTools.contains(program) ? program : nil)
        }
    }

    /// Tools whose own name is enough to say what made the change.
    private static let migrationTools: Set = [
        "flyway", "liquibase", "atlas", "migrate", "dbmate", "goose", "alembic", "sqitch", "prisma",
        "knex", "yoyo", "sqlcmd", "sqlplus",
    ]

    /// The host that it connects to, with the port if it names one: `db1:5433`.
    var address: String? {
        guard let host, !host.isEmpty, !host.hasPrefix("/") else { return nil }
        // An IPv6 address has colons of its own.
        let name = host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host
        return port.map { "\(name):\($0)" } ?? name
    }

    /// Takes over what is known of the database of a migration tool.
    mutating func connect(_ tool: ToolCommand) {
        self.tool = tool.history.tool.rawValue
        if let database = tool.database { connect(to: database) }
    }

    mutating func connect(to place: ToolDatabase) {
        switch place {
        case .sqlite(let path): database = path.baseName
        case .postgres(let url, _):
            let connection = PostgresConnection(url)
            (host, port, database) = (connection.host, connection.port, connection.database)
            executedAs = connection.user
        }
    }

    /// Whether the command reads a script from its standard input.
    public var readsStandardInput: Bool { scripts.contains(.standardInput) }
}

/// A command line and what must be recognised in it.
struct CommandExample: Sendable {
    let command: [String]
    let expected: RecognizedCommand

    init(_ command: [String], _ change: (inout RecognizedCommand) -> Void) {
        self.command = command
        var expected = RecognizedCommand()
        change(&expected)
        self.expected = expected
    }
}
