import LedgerCore
import LedgerSchema

/// `ledger_ddl_events`, in which a PostgreSQL database records the changes of its schema itself as
/// they commit, once the script of `ledger hook postgres` ran there.
///
/// What `ledger run` did is left out: the run recorded it.
public enum DDLEventHistory: ToolHistory {
    /// Makes the table and the event triggers that fill it.
    public static let script = LedgerSchema.postgresDDLEventsSQL

    public static let tool = MigrationTool.none
    public static let name = "ddl-events"
    public static let tables = ["ledger_ddl_events"]
    public static let columns = ["id", "event", "executed_at", "tag", "statement"]
    public static let order = ["id"]
    public static let removal = ToolRowRemoval.rewrite
    public static let timeColumn: String? = "executed_at"
    public static let knowledge = ToolKnowledge(
        who: "the database user, and from where", when: "to the microsecond",
        outcome: "what was committed; what failed or was rolled back has no row",
        content: "the statement", rollback: "another change")

    public static let examples = [
        ToolExample(
            [
                "id": 7, "event": "5f4dcc3b5aa765d61d8327deb882cf99",
                "executed_at": "2026-11-01T12:00:00.123456+00:00", "transaction_id": 735,
                "tag": "ALTER TABLE", "objects": "table public.x", "session_role": "ann",
                "application": "psql", "client": "10.0.0.7",
                "statement": "alter table x add b int",
            ],
            ToolRecord(key: "7", change: change("5f4dcc3b5aa765d61d8327deb882cf99"))
        ) {
            $0.time = Timestamp(rfc3339: "2026-11-01T12:00:00.123456Z")
            $0.executedAs = "ann"
            $0.title = "ALTER TABLE table public.x"
            $0.group = "transaction 735"
            $0.host = "10.0.0.7"
            $0.application = "psql"
            $0.statement = "alter table x add b int"
        },
        ToolExample(
            [
                "id": 8, "event": "0cc175b9c0f1b6a831c399e269772661",
                "executed_at": "2026-11-01 12:00:01+00", "tag": "DROP TABLE",
                "application": "ledger/01JDABCDEF", "statement": "drop table y",
            ], nil),
    ]

    public static func record(
        _ row: ToolRow, _ reading: ToolReading
    ) throws(LedgerError) -> ToolRecord? {
        let tag = try row.needed("tag")
        if let application = row.text("application"), application.hasPrefix("ledger/") {
            return nil
        }
        var record = ToolRecord(
            key: try row.needed("id"), change: change(try row.needed("event")))
        record.time = try reading.time("executed_at", of: row)
        record.executedAs = row.text("session_role")
        record.title = row.text("objects").map { "\(tag) \($0)" } ?? tag
        record.group = row.text("transaction_id").map { "transaction \($0)" }
        record.host = row.text("client")
        record.application = row.text("application")
        record.statement = row.text("statement") ?? tag
        return record
    }

    private static func change(_ event: String) -> ChangeName {
        ChangeName(id: "manual-" + event, name: "manual-" + event)
    }
}
