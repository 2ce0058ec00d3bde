import LedgerCore

/// Flyway's `flyway_schema_history`, before version 5 `schema_version`
/// (documentation.red-gate.com/fd, "Flyway schema history table").
public enum FlywayHistory: ToolHistory {
    public static let tool = MigrationTool.flyway
    public static let tables = ["flyway_schema_history", "schema_version"]
    public static let columns = ["installed_rank", "version", "type", "script", "success"]
    public static let order = ["installed_rank"]
    public static let removal = ToolRowRemoval.rewrite
    public static let timeColumn: String? = "installed_on"
    public static let knowledge = ToolKnowledge(
        who: "the database user", when: "its end, without a zone in most databases",
        outcome:
            "success or failure; PostgreSQL and SQL Server keep no row of what failed and was undone",
        content: "CRC-32 of the script", rollback: "undo migrations, as rows of their own")

    public static let examples = [
        ToolExample(
            [
                "installed_rank": 2, "version": "42", "description": "add index", "type": "SQL",
                "script": "V42__add_index.sql", "checksum": -1_039_259_818,
                "installed_by": "orders", "installed_on": "2026-11-01 12:00:00.123",
                "execution_time": 37, "success": 1,
            ],
            ToolRecord(
                key: "2", change: ChangeName(id: "42", name: "V42__add_index", tool: .flyway))
        ) {
            $0.time = Timestamp(rfc3339: "2026-11-01T12:00:00.123Z")
            $0.durationMilliseconds = 37
            $0.checksum = "-1039259818"
            $0.executedAs = "orders"
            $0.path = "V42__add_index.sql"
        },
        ToolExample(
            [
                "installed_rank": "3", "description": "add view", "type": "SQL",
                "script": "R__add_view.sql", "checksum": "7", "installed_by": "orders",
                "installed_on": "2026-11-01T12:00:01+01:00", "execution_time": "5", "success": "f",
            ],
            ToolRecord(
                key: "3",
                change: ChangeName(
                    id: "R__add_view", name: "R__add_view", isRepeatable: true, tool: .flyway))
        ) {
            $0.status = .failed
            $0.time = Timestamp(rfc3339: "2026-11-01T11:00:01Z")
            $0.durationMilliseconds = 5
            $0.checksum = "7"
            $0.executedAs = "orders"
            $0.path = "R__add_view.sql"
        },
        ToolExample(
            [
                "installed_rank": 4, "version": "42", "description": "add index",
                "type": "UNDO_SQL", "script": "U42__add_index.sql", "success": "true",
            ],
            ToolRecord(
                key: "4", change: ChangeName(id: "42", name: "V42__add_index", tool: .flyway))
        ) {
            $0.operation = .revert
            $0.path = "U42__add_index.sql"
        },
        ToolExample(
            [
                "installed_rank": 1, "version": "1", "description": "<< Flyway Baseline >>",
                "type": "BASELINE", "script": "<< Flyway Baseline >>", "success": 1,
            ],
            ToolRecord(key: "1", change: ChangeName(id: "1", name: "1", tool: .flyway))
        ) { $0.operation = .baseline },
        ToolExample(
            [
                "installed_rank": 0, "description": "<< Flyway Schema Creation >>",
                "type": "SCHEMA", "script": "\"shop\"", "success": 1,
            ], nil),
    ]

    public static func record(
        _ row: ToolRow, _ reading: ToolReading
    ) throws(LedgerError) -> ToolRecord? {
        let type = try row.needed("type").uppercased()
        if type == "SCHEMA" { return nil }
        let script = try row.needed("script")
        var record = ToolRecord(
            key: try row.needed("installed_rank"), change: try change(row, script, type))
        if type.hasPrefix("UNDO") { record.operation = .revert }
        if type == "BASELINE" { record.operation = .baseline }
        // What `flyway repair` writes for a script that is gone.
        if type == "DELETE" { record.operation = .repair }
        guard let success = try row.truth("success") else { throw row.missing("success") }
        record.status = success ? .succeeded : .failed
        record.time = try reading.time("installed_on", of: row)
        record.durationMilliseconds = try row.integer("execution_time").flatMap {
            $0 < 0 ? nil : $0
        }
        record.checksum = row.text("checksum")
        record.executedAs = row.text("installed_by")
        if type != "BASELINE", !script.hasPrefix("<<") { record.path = script }
        return record
    }

    private static func change(
        _ row: ToolRow, _ script: String, _ type: String
    ) throws(LedgerError) -> ChangeName {
        let naming = try ChangeNaming(tool: .flyway)
        let named = naming.names(forPath: script).first { $0.role != .none }
        guard let version = row.text("version") else {
            if let named {
                return ChangeName(
                    id: named.id, name: named.name, isRepeatable: named.isRepeatable, tool: .flyway)
            }
            return ChangeName(id: script, name: script, isRepeatable: true, tool: .flyway)
        }
        if let named, named.id == version {
            return ChangeName(id: version, name: named.name, tool: .flyway)
        }
        // A Java class, or a script that was named anew.
        let words = row.text("description") ?? ""
        let isOwn = type == "BASELINE" || words.isEmpty || words.hasPrefix("<<")
        let name =
            isOwn ? version : "V\(version)__" + words.map { $0 == " " ? "_" : String($0) }.joined()
        return ChangeName(id: version, name: name, tool: .flyway)
    }
}
