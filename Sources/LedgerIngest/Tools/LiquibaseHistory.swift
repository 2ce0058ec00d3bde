import LedgerCore

/// Liquibase's `DATABASECHANGELOG` (docs.liquibase.com, "DATABASECHANGELOG table"). A rollback takes
/// the row away.
public enum LiquibaseHistory: ToolHistory {
    public static let tool = MigrationTool.liquibase
    public static let tables = ["DATABASECHANGELOG", "databasechangelog"]
    public static let columns = ["id", "author", "filename", "exectype", "orderexecuted"]
    public static let order = ["orderexecuted"]
    public static let removal = ToolRowRemoval.rollback
    public static let timeColumn: String? = "dateexecuted"
    public static let knowledge = ToolKnowledge(
        who: "nobody: AUTHOR wrote the changeset, and is kept as its author",
        when: "its end, without a zone",
        outcome: "executed, run again, marked or skipped; no failure",
        content: "a checksum of the parsed changeset", rollback: "only that the row is gone")

    public static let examples = [
        ToolExample(
            [
                "ID": "7", "AUTHOR": "ann", "FILENAME": "db/a.sql",
                "DATEEXECUTED": "2026-11-01 12:00:00", "ORDEREXECUTED": 3, "EXECTYPE": "EXECUTED",
                "MD5SUM": "9:c1ab6ed3ed079f56a6ba197fc4c73237", "DESCRIPTION": "sql",
                "COMMENTS": "adds email", "LIQUIBASE": "4.29.0", "DEPLOYMENT_ID": "1998765432",
            ],
            ToolRecord(
                key: "db/a.sql::7::ann",
                change: ChangeName(id: "db/a.sql::7::ann", name: "7", tool: .liquibase))
        ) {
            $0.time = Timestamp(rfc3339: "2026-11-01T12:00:00Z")
            $0.checksum = "9:c1ab6ed3ed079f56a6ba197fc4c73237"
            $0.author = ToolRecord.Person(id: "ann", name: nil)
            $0.path = "db/a.sql"
            $0.message = "adds email"
            $0.toolVersion = "4.29.0"
            $0.group = "1998765432"
        },
        ToolExample(
            [
                "id": "8", "author": "ann", "filename": "db/a.sql", "orderexecuted": "4",
                "exectype": "MARK_RAN",
            ],
            ToolRecord(
                key: "db/a.sql::8::ann",
                change: ChangeName(id: "db/a.sql::8::ann", name: "8", tool: .liquibase))
        ) {
            $0.operation = .mark
            $0.author = ToolRecord.Person(id: "ann", name: nil)
            $0.path = "db/a.sql"
        },
    ]

    public static func record(
        _ row: ToolRow, _ reading: ToolReading
    ) throws(LedgerError) -> ToolRecord? {
        let (id, author) = (try row.needed("id"), try row.needed("author"))
        let path = try row.needed("filename")
        let change = "\(path)::\(id)::\(author)"
        var record = ToolRecord(
            key: change, change: ChangeName(id: change, name: id, tool: .liquibase))
        switch try row.needed("exectype").uppercased() {
        case "EXECUTED", "RERAN": break
        case "MARK_RAN": record.operation = .mark
        case "SKIPPED": record.status = .skipped
        case "FAILED": record.status = .failed
        default: throw row.wrong("exectype", "is not known")
        }
        record.time = try reading.time("dateexecuted", of: row)
        record.checksum = row.text("md5sum")
        record.author = ToolRecord.Person(id: author, name: nil)
        record.path = path
        record.message = row.text("comments")
        record.toolVersion = row.text("liquibase")
        record.group = row.text("deployment_id")
        return record
    }
}
