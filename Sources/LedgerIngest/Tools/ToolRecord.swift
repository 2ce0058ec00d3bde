import LedgerCore

/// What a row of a tool's table says of one change.
public struct ToolRecord: Sendable, Equatable {
    public struct Person: Sendable, Equatable {
        public let id: String
        public let name: String?
    }

    /// Tells the row from all others of its table, and stays the same however the row is changed.
    public let key: String
    public let change: ChangeName
    public var operation = DeploymentOperation.apply
    public var status = DeploymentStatus.succeeded
    /// When it ended, as the table says; nil if the table has no such time.
    public var time: Timestamp?
    public var started: Timestamp?
    public var durationMilliseconds: Int64?
    public var statements: Int64?
    public var statementsDone: Int64?
    /// The checksum that the tool keeps.
    public var checksum: String?
    /// The database user that ran it.
    public var executedAs: String?
    /// Who ran it.
    public var actor: Person?
    /// Who wrote the script. Never taken for who ran it.
    public var author: Person?
    public var path: String?
    public var title: String?
    public var message: String?
    public var error: String?
    public var ticket: String?
    public var toolVersion: String?
    /// Ties the rows of one run.
    public var group: String?
    /// The SQL that ran, where no script is known: it was made by hand, as far as anybody knows.
    public var statement: String?
    /// From where it was run.
    public var host: String?
    /// The program that ran it, where that is not the tool.
    public var application: String?

    init(key: String, change: ChangeName) {
        self.key = key
        self.change = change
    }

}

/// What is known of how a row is to be read.
public struct ToolReading: Sendable {
    public let zone: ToolZone
    /// The table's name, as it was read.
    public let table: String

    public init(table: String, zone: ToolZone) {
        self.table = table
        self.zone = zone
    }

    /// The moment in a column; nil if there is none, or nobody knows its zone.
    ///
    /// - Throws: `invalidEvent` for what is no time in ISO form.
    func time(_ name: String, of row: ToolRow) throws(LedgerError) -> Timestamp? {
        guard row.text(name) != nil, let value = row.value(name) else { return nil }
        switch ToolTime.read(value, zone) {
        case .known(let time)?: return time
        case .withoutZone?: return nil
        case nil: throw row.wrong(name, "is no time like 2026-11-01 12:00:00")
        }
    }

    /// Whether a column has a time whose zone nobody knows.
    func lacksZone(_ name: String, of row: ToolRow) -> Bool {
        row.value(name).map { ToolTime.read($0, zone) == .withoutZone } ?? false
    }
}
