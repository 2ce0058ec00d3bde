import LedgerCore

/// Sqitch's table `events`, in the schema or database `sqitch` (sqitch.org, sqitchtutorial): a true
/// history, in which `--log-only` looks like a deployment.
public enum SqitchHistory: ToolHistory {
    public static let tool = MigrationTool.sqitch
    public static let tables = ["events", "sqitch.events"]
    public static let columns = ["event", "change_id", "change", "project", "committed_at"]
    public static let order = ["committed_at"]
    public static let removal = ToolRowRemoval.rewrite
    public static let timeColumn: String? = "committed_at"
    public static let knowledge = ToolKnowledge(
        who: "committer, by name and e-mail", when: "its end",
        outcome: "deployed, failed or reverted; --log-only can't be told apart",
        content: "the change's id in its plan", rollback: "reverts, as rows of their own")

    public static let examples = [
        ToolExample(
            [
                "event": "deploy", "change_id": "ab12", "change": "add_index", "project": "shop",
                "note": "Adds an index", "committed_at": "2026-11-01 12:00:00+00",
                "committer_name": "Ann", "committer_email": "ann@example.com",
                "planned_at": "2026-10-01 12:00:00+00", "planner_name": "Bob",
                "planner_email": "bob@example.com",
            ],
            ToolRecord(
                key: "ab12 deploy 2026-11-01 12:00:00+00",
                change: ChangeName(id: "add_index", name: "add_index", tool: .sqitch))
        ) {
            $0.time = Timestamp(rfc3339: "2026-11-01T12:00:00Z")
            $0.checksum = "ab12"
            $0.actor = ToolRecord.Person(id: "ann@example.com", name: "Ann")
            $0.author = ToolRecord.Person(id: "bob@example.com", name: "Bob")
            $0.message = "Adds an index"
        },
        ToolExample(
            [
                "event": "fail", "change_id": "cd34", "change": "drop_all", "project": "shop",
                "committed_at": "2026-11-01T12:00:01Z",
            ],
            ToolRecord(
                key: "cd34 fail 2026-11-01T12:00:01Z",
                change: ChangeName(id: "drop_all", name: "drop_all", tool: .sqitch))
        ) {
            $0.status = .failed
            $0.time = Timestamp(rfc3339: "2026-11-01T12:00:01Z")
            $0.checksum = "cd34"
        },
    ]

    public static func record(
        _ row: ToolRow, _ reading: ToolReading
    ) throws(LedgerError) -> ToolRecord? {
        let (id, event) = (try row.needed("change_id"), try row.needed("event").lowercased())
        let name = try row.needed("change")
        var record = ToolRecord(
            key: "\(id) \(event) \(try row.needed("committed_at"))",
            change: ChangeName(id: name, name: name, tool: .sqitch))
        switch event {
        case "deploy": break
        case "revert": record.operation = .revert
        case "fail": record.status = .failed
        case "merge": record.operation = .mark
        default: throw row.wrong("event", "is not known")
        }
        record.time = try reading.time("committed_at", of: row)
        record.checksum = id
        record.actor = person(row, "committer")
        record.author = person(row, "planner")
        record.message = row.text("note")
        return record
    }

    private static func person(_ row: ToolRow, _ role: String) -> ToolRecord.Person? {
        let name = row.text("\(role)_name")
        return (row.text("\(role)_email") ?? name).map { ToolRecord.Person(id: $0, name: name) }
    }
}
