import LedgerCore

/// A migration tool's own history: the table that it keeps in each database, row by row.
///
/// Each tool is one file, with rows as examples.
public protocol ToolHistory: Sendable {
    static var tool: MigrationTool { get }
    /// What it is called: the tool's name, where a tool keeps it.
    static var name: String { get }
    /// The names that its table has, without a schema.
    static var tables: [String] { get }
    /// Columns without which it is another table, or one of a version that is not known.
    static var columns: [String] { get }
    /// In which order rows are read, so that they stand in the ledger as they happened.
    static var order: [String] { get }
    /// What it means that a row is not there any more.
    static var removal: ToolRowRemoval { get }
    /// The column of the time at which a change was executed; nil if the table has none.
    static var timeColumn: String? { get }
    static var knowledge: ToolKnowledge { get }
    static var examples: [ToolExample] { get }

    /// What a row says; nil for one that the tool keeps for itself.
    ///
    /// - Throws: `invalidEvent` with the row and column of what can't be right.
    static func record(_ row: ToolRow, _ reading: ToolReading) throws(LedgerError) -> ToolRecord?
}

extension ToolHistory {
    public static var name: String { tool.rawValue }
}

/// What it means that a row of a tool's table is not there any more.
public enum ToolRowRemoval: Sendable {
    /// Somebody took it away: the tool never does.
    case rewrite
    /// The tool does so when it rolls a change back.
    case rollback
    /// Rows say where a database stands now, and nothing of how it came there.
    case moves
}

/// What a tool's table can and can't tell; for people.
public struct ToolKnowledge: Sendable {
    public let who: String
    public let when: String
    public let outcome: String
    public let content: String
    public let rollback: String
}

/// A row as the tool writes it, and what it says.
public struct ToolExample: Sendable {
    public let row: ToolRow
    public let record: ToolRecord?

    /// - Parameter columns: `name: value`; those that are NULL are left out.
    init(
        _ columns: KeyValuePairs<String, ToolRow.Value>, _ record: ToolRecord?,
        _ fill: (inout ToolRecord) -> Void = { _ in }
    ) {
        row = ToolRow(columns.map { ($0.key, $0.value) }, number: 1)
        var record = record
        if var filled = record {
            fill(&filled)
            record = filled
        }
        self.record = record
    }
}

extension ToolRow.Value: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
    public init(stringLiteral value: String) { self = .text(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
}

/// All tools whose tables can be read.
public enum ToolHistories {
    public static let all: [any ToolHistory.Type] = [
        FlywayHistory.self, LiquibaseHistory.self, AlembicHistory.self, AtlasHistory.self,
        SqitchHistory.self, PrismaHistory.self, RailsHistory.self, GolangMigrateHistory.self,
        DbmateHistory.self, DjangoHistory.self, GooseHistory.self, KnexHistory.self,
        YoyoHistory.self, DDLEventHistory.self,
    ]
}
