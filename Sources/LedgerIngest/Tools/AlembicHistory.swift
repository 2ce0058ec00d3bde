import LedgerCore

/// Alembic's `alembic_version`: the revisions at which a database stands, and nothing of how it came
/// there (alembic.sqlalchemy.org, "Working with Branches").
public enum AlembicHistory: ToolHistory {
    public static let tool = MigrationTool.alembic
    public static let tables = ["alembic_version"]
    public static let columns = ["version_num"]
    public static let order = ["version_num"]
    public static let removal = ToolRowRemoval.moves
    public static let timeColumn: String? = nil
    public static let knowledge = ToolKnowledge(
        who: "nobody", when: "not at all", outcome: "where it stands now", content: "nothing",
        rollback: "that it stands at an earlier change")

    public static let examples = [
        ToolExample(
            ["version_num": "ab12cd34ef56"],
            ToolRecord(
                key: "ab12cd34ef56",
                change: ChangeName(id: "ab12cd34ef56", name: "ab12cd34ef56", tool: .alembic)))
    ]

    public static func record(
        _ row: ToolRow, _ reading: ToolReading
    ) throws(LedgerError) -> ToolRecord? {
        let revision = try row.needed("version_num")
        return ToolRecord(
            key: revision, change: ChangeName(id: revision, name: revision, tool: .alembic))
    }
}
