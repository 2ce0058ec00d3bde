import LedgerCore

/// Prisma's `_prisma_migrations` (prisma.io, "About migration histories").
public enum PrismaHistory: ToolHistory {
    public static let tool = MigrationTool.prisma
    public static let tables = ["_prisma_migrations"]
    public static let columns = ["id", "checksum", "migration_name", "finished_at", "started_at"]
    public static let order = ["started_at"]
    public static let removal = ToolRowRemoval.rewrite
    public static let timeColumn: String? = "started_at"
    public static let knowledge = ToolKnowledge(
        who: "nobody", when: "start and end", outcome: "success, failure with its error, marked",
        content: "SHA-256 of the script", rollback: "that a failed one was marked as rolled back")

    public static let examples = [
        ToolExample(
            [
                "id": "6b0c", "checksum": "aa11", "finished_at": 1_762_000_000_123,
                "migration_name": "20260102_add", "started_at": 1_762_000_000_000,
                "applied_steps_count": 1,
            ],
            ToolRecord(
                key: "6b0c",
                change: ChangeName(id: "20260102_add", name: "20260102_add", tool: .prisma))
        ) {
            $0.started = Timestamp(milliseconds: 1_762_000_000_000)
            $0.time = Timestamp(milliseconds: 1_762_000_000_123)
            $0.durationMilliseconds = 123
            $0.checksum = "aa11"
        },
        ToolExample(
            [
                "id": "6b0d", "checksum": "aa12", "migration_name": "20260103_drop",
                "logs": "no such table", "started_at": "2026-11-01T12:00:00Z",
                "applied_steps_count": 0,
            ],
            ToolRecord(
                key: "6b0d",
                change: ChangeName(id: "20260103_drop", name: "20260103_drop", tool: .prisma))
        ) {
            $0.status = .failed
            $0.started = Timestamp(rfc3339: "2026-11-01T12:00:00Z")
            $0.checksum = "aa12"
            $0.error = "no such table"
        },
    ]

    public static func record(
        _ row: ToolRow, _ reading: ToolReading
    ) throws(LedgerError) -> ToolRecord? {
        let name = try row.needed("migration_name")
        var record = ToolRecord(
            key: try row.needed("id"), change: ChangeName(id: name, name: name, tool: .prisma))
        record.started = try reading.time("started_at", of: row)
        record.time = try reading.time("finished_at", of: row)
        record.checksum = row.text("checksum")
        record.error = row.text("logs")
        if let started = record.started, let ended = record.time, started <= ended {
            record.durationMilliseconds = ended.milliseconds - started.milliseconds
        }
        if row.text("rolled_back_at") != nil {
            record.status = .failed
            record.time = try reading.time("rolled_back_at", of: row)
            record.durationMilliseconds = nil
        } else if row.text("finished_at") == nil {
            // It runs, or its process was killed.
            record.status = record.error == nil ? .unknown : .failed
        } else if try row.integer("applied_steps_count") == 0 {
            record.operation = .mark
        }
        return record
    }
}
