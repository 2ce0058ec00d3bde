import LedgerCore

/// Atlas's `atlas_schema_revisions` (atlasgo.io, "Revisions table"; its type is a set of bits:
/// 1 baseline, 2 executed, 4 resolved by hand). `migrate down` takes rows away.
public enum AtlasHistory: ToolHistory {
    public static let tool = MigrationTool.atlas
    public static let tables = ["atlas_schema_revisions"]
    public static let columns = ["version", "type", "applied", "total", "executed_at", "hash"]
    public static let order = ["executed_at", "version"]
    public static let removal = ToolRowRemoval.rollback
    public static let timeColumn: String? = "executed_at"
    public static let knowledge = ToolKnowledge(
        who: "nobody", when: "start and duration", outcome: "statements done, error and statement",
        content: "a hash of the file", rollback: "only that the row is gone")

    public static let examples = [
        ToolExample(
            [
                "version": "20260102", "description": "add_index", "type": 2, "applied": 3,
                "total": 3, "executed_at": "2026-11-01 12:00:00+00", "execution_time": 12_000_000,
                "error": "", "error_stmt": "", "hash": "h1abc=",
                "operator_version": "Atlas CLI v0.28",
            ],
            ToolRecord(
                key: "20260102",
                change: ChangeName(id: "20260102", name: "20260102_add_index", tool: .atlas))
        ) {
            $0.started = Timestamp(rfc3339: "2026-11-01T12:00:00Z")
            $0.time = Timestamp(rfc3339: "2026-11-01T12:00:00.012Z")
            $0.durationMilliseconds = 12
            $0.statements = 3
            $0.statementsDone = 3
            $0.checksum = "h1abc="
            $0.toolVersion = "Atlas CLI v0.28"
        },
        ToolExample(
            [
                "version": "20260103", "description": "", "type": "2", "applied": "1",
                "total": "2", "executed_at": "2026-11-01T12:00:00Z", "execution_time": "0",
                "error": "no such table: x", "error_stmt": "DROP TABLE x", "hash": "h1x=",
            ],
            ToolRecord(
                key: "20260103",
                change: ChangeName(id: "20260103", name: "20260103", tool: .atlas))
        ) {
            $0.status = .failed
            $0.started = Timestamp(rfc3339: "2026-11-01T12:00:00Z")
            $0.time = Timestamp(rfc3339: "2026-11-01T12:00:00Z")
            $0.durationMilliseconds = 0
            $0.statements = 2
            $0.statementsDone = 1
            $0.checksum = "h1x="
            $0.error = "no such table: x\nDROP TABLE x"
        },
        ToolExample(
            [
                "version": ".atlas_cloud_identifier", "type": 2, "applied": 0, "total": 0,
                "executed_at": "2026-11-01T12:00:00Z", "hash": "x",
            ], nil),
    ]

    public static func record(
        _ row: ToolRow, _ reading: ToolReading
    ) throws(LedgerError) -> ToolRecord? {
        let version = try row.needed("version")
        if version.hasPrefix(".") { return nil }
        let words = row.text("description")
        var record = ToolRecord(
            key: version,
            change: ChangeName(
                id: version, name: words.map { "\(version)_\($0)" } ?? version, tool: .atlas))
        let type = try row.integer("type") ?? 2
        guard 0...7 ~= type else { throw row.wrong("type", "is not known") }
        if type & 4 != 0 { record.operation = .mark }
        if type & 1 != 0 { record.operation = .baseline }
        (record.statements, record.statementsDone) = (
            try row.integer("total"), try row.integer("applied")
        )
        if record.operation != .apply { (record.statements, record.statementsDone) = (nil, nil) }
        let error = [row.text("error"), row.text("error_stmt")].compactMap(\.self)
        record.error = error.isEmpty ? nil : error.joined(separator: "\n")
        let isPart = (record.statementsDone ?? 0) < (record.statements ?? 0)
        if record.error != nil || isPart { record.status = .failed }
        record.started = try reading.time("executed_at", of: row)
        // Nanoseconds.
        record.durationMilliseconds = try row.integer("execution_time").map {
            max(0, $0) / 1_000_000
        }
        record.time = record.started.map {
            Timestamp(milliseconds: $0.milliseconds + (record.durationMilliseconds ?? 0))
        }
        record.checksum = row.text("hash")
        record.toolVersion = row.text("operator_version")
        return record
    }
}
