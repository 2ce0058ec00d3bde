import LedgerCore

// VersionTables.swift
//
// Tables with hardly more than the names of what ran.

/// Rails' `schema_migrations` (guides.rubyonrails.org, "Active Record Migrations"). A rollback takes
/// the row away.
public enum RailsHistory: ToolHistory {
    public static let tool = MigrationTool.rails
    public static let tables = ["schema_migrations"]
    public static let columns = ["version"]
    public static let order = ["version"]
    public static let removal = ToolRowRemoval.rollback
    public static let timeColumn: String? = nil
    public static let knowledge = ToolKnowledge(
        who: "nobody", when: "not at all", outcome: "that it succeeded", content: "nothing",
        rollback: "only that the row is gone")
    public static let examples = [
        ToolExample(
            ["version": "20260102030405"],
            ToolRecord(
                key: "20260102030405",
                change: ChangeName(id: "20260102030405", name: "20260102030405", tool: .rails)))
    ]

    public static func record(
        _ row: ToolRow, _ reading: ToolReading
    ) throws(LedgerError) -> ToolRecord? {
        try VersionRow.record(row, tool)
    }
}

/// dbmate's `schema_migrations` (github.com/amacneil/dbmate). A rollback takes the row away.
public enum DbmateHistory: ToolHistory {
    public static let tool = MigrationTool.dbmate
    public static let tables = RailsHistory.tables
    public static let columns = RailsHistory.columns
    public static let order = RailsHistory.order
    public static let removal = ToolRowRemoval.rollback
    public static let timeColumn: String? = nil
    public static let knowledge = RailsHistory.knowledge
    public static let examples = [
        ToolExample(
            ["version": "20260102"],
            ToolRecord(
                key: "20260102",
                change: ChangeName(id: "20260102", name: "20260102", tool: .dbmate)))
    ]

    public static func record(
        _ row: ToolRow, _ reading: ToolReading
    ) throws(LedgerError) -> ToolRecord? {
        try VersionRow.record(row, tool)
    }
}

/// golang-migrate's `schema_migrations`: one row, where the database stands
/// (github.com/golang-migrate/migrate).
public enum GolangMigrateHistory: ToolHistory {
    public static let tool = MigrationTool.golangMigrate
    public static let tables = ["schema_migrations"]
    public static let columns = ["version", "dirty"]
    public static let order = ["version"]
    public static let removal = ToolRowRemoval.moves
    public static let timeColumn: String? = nil
    public static let knowledge = ToolKnowledge(
        who: "nobody", when: "not at all", outcome: "where it stands now, and whether that failed",
        content: "nothing", rollback: "that it stands at an earlier change")
    public static let examples = [
        ToolExample(
            ["version": 42, "dirty": "t"],
            ToolRecord(
                key: "42", change: ChangeName(id: "42", name: "42", tool: .golangMigrate))
        ) { $0.status = .failed }
    ]

    public static func record(
        _ row: ToolRow, _ reading: ToolReading
    ) throws(LedgerError) -> ToolRecord? {
        guard let isDirty = try row.truth("dirty") else { throw row.missing("dirty") }
        // Before the first migration.
        if try row.integer("version") ?? 0 < 0 { return nil }
        var record = try VersionRow.record(row, tool)
        if isDirty { record.status = .failed }
        return record
    }
}

/// goose's `goose_db_version` (pressly.github.io/goose). A rollback takes the row away; versions
/// before 3 wrote another one with `is_applied` false.
public enum GooseHistory: ToolHistory {
    public static let tool = MigrationTool.goose
    public static let tables = ["goose_db_version"]
    public static let columns = ["id", "version_id", "is_applied", "tstamp"]
    public static let order = ["id"]
    public static let removal = ToolRowRemoval.rollback
    public static let timeColumn: String? = "tstamp"
    public static let knowledge = ToolKnowledge(
        who: "nobody", when: "its end, without a zone", outcome: "that it succeeded",
        content: "nothing", rollback: "only that the row is gone")
    public static let examples = [
        ToolExample(
            ["id": 2, "version_id": 42, "is_applied": 1, "tstamp": "2026-11-01 12:00:00"],
            ToolRecord(key: "2", change: ChangeName(id: "42", name: "42", tool: .goose))
        ) { $0.time = Timestamp(rfc3339: "2026-11-01T12:00:00Z") },
        ToolExample(
            ["id": 1, "version_id": 0, "is_applied": 1, "tstamp": "2026-11-01 12:00:00"], nil),
    ]

    public static func record(
        _ row: ToolRow, _ reading: ToolReading
    ) throws(LedgerError) -> ToolRecord? {
        let version = try row.needed("version_id")
        if version == "0" { return nil }
        var record = ToolRecord(
            key: try row.needed("id"), change: ChangeName(id: version, name: version, tool: .goose))
        guard let isApplied = try row.truth("is_applied") else { throw row.missing("is_applied") }
        if !isApplied { record.operation = .revert }
        record.time = try reading.time("tstamp", of: row)
        return record
    }
}

/// Django's `django_migrations` (docs.djangoproject.com, "Migrations"). Going back takes the row away.
public enum DjangoHistory: ToolHistory {
    public static let tool = MigrationTool.django
    public static let tables = ["django_migrations"]
    public static let columns = ["id", "app", "name", "applied"]
    public static let order = ["id"]
    public static let removal = ToolRowRemoval.rollback
    public static let timeColumn: String? = "applied"
    public static let knowledge = ToolKnowledge(
        who: "nobody", when: "its end", outcome: "that it succeeded, or was faked",
        content: "nothing", rollback: "only that the row is gone")
    public static let examples = [
        ToolExample(
            [
                "id": 1, "app": "shop", "name": "0001_initial",
                "applied": "2026-11-01 12:00:00.123456+00",
            ],
            ToolRecord(
                key: "1",
                change: ChangeName(
                    id: "shop.0001_initial", name: "shop.0001_initial", tool: .django))
        ) { $0.time = Timestamp(rfc3339: "2026-11-01T12:00:00.123Z") }
    ]

    public static func record(
        _ row: ToolRow, _ reading: ToolReading
    ) throws(LedgerError) -> ToolRecord? {
        let change = "\(try row.needed("app")).\(try row.needed("name"))"
        var record = ToolRecord(
            key: try row.needed("id"), change: ChangeName(id: change, name: change, tool: .django))
        record.time = try reading.time("applied", of: row)
        return record
    }
}

/// Knex's `knex_migrations` (knexjs.org, "Migrations"). A rollback takes the row away.
public enum KnexHistory: ToolHistory {
    public static let tool = MigrationTool.knex
    public static let tables = ["knex_migrations"]
    public static let columns = ["id", "name", "batch", "migration_time"]
    public static let order = ["id"]
    public static let removal = ToolRowRemoval.rollback
    public static let timeColumn: String? = "migration_time"
    public static let knowledge = ToolKnowledge(
        who: "nobody", when: "its end", outcome: "that it succeeded", content: "nothing",
        rollback: "only that the row is gone")
    public static let examples = [
        ToolExample(
            ["id": 1, "name": "20260102_add.js", "batch": 1, "migration_time": 1_762_000_000_000],
            ToolRecord(
                key: "1",
                change: ChangeName(id: "20260102_add", name: "20260102_add", tool: .knex))
        ) {
            $0.time = Timestamp(milliseconds: 1_762_000_000_000)
            $0.group = "batch 1"
            $0.path = "20260102_add.js"
        }
    ]

    public static func record(
        _ row: ToolRow, _ reading: ToolReading
    ) throws(LedgerError) -> ToolRecord? {
        let path = try row.needed("name")
        let stem = ScriptPath(path).stem
        var record = ToolRecord(
            key: try row.needed("id"), change: ChangeName(id: stem, name: stem, tool: .knex))
        record.time = try reading.time("migration_time", of: row)
        record.group = row.text("batch").map { "batch \($0)" }
        record.path = path
        return record
    }
}

/// yoyo's `_yoyo_log` (ollycope.com/software/yoyo): a true history, in UTC.
public enum YoyoHistory: ToolHistory {
    public static let tool = MigrationTool.yoyo
    public static let tables = ["_yoyo_log"]
    public static let columns = [
        "id", "migration_hash", "migration_id", "operation", "created_at_utc",
    ]
    public static let order = ["created_at_utc"]
    public static let removal = ToolRowRemoval.rewrite
    public static let timeColumn: String? = nil
    public static let knowledge = ToolKnowledge(
        who: "the user of the machine that ran it", when: "its end",
        outcome: "applied, rolled back or marked; no failure", content: "SHA-256 of the name",
        rollback: "rollbacks, as rows of their own")
    public static let examples = [
        ToolExample(
            [
                "id": "u1", "migration_hash": "aa", "migration_id": "0001.add",
                "operation": "rollback", "username": "ann", "hostname": "build1",
                "created_at_utc": "2026-11-01 12:00:00.5",
            ],
            ToolRecord(
                key: "u1", change: ChangeName(id: "0001.add", name: "0001.add", tool: .yoyo))
        ) {
            $0.operation = .revert
            $0.time = Timestamp(rfc3339: "2026-11-01T12:00:00.500Z")
            $0.actor = ToolRecord.Person(id: "ann", name: nil)
        }
    ]

    public static func record(
        _ row: ToolRow, _ reading: ToolReading
    ) throws(LedgerError) -> ToolRecord? {
        let name = try row.needed("migration_id")
        var record = ToolRecord(
            key: try row.needed("id"), change: ChangeName(id: name, name: name, tool: .yoyo))
        switch try row.needed("operation").lowercased() {
        case "apply": break
        case "rollback": record.operation = .revert
        case "mark": record.operation = .mark
        case "unmark": record.operation = .repair
        default: throw row.wrong("operation", "is not known")
        }
        let utc = ToolReading(table: reading.table, zone: .utc)
        record.time = try utc.time("created_at_utc", of: row)
        record.actor = row.text("username").map { ToolRecord.Person(id: $0, name: nil) }
        return record
    }
}

/// A row with a version alone.
private enum VersionRow {
    static func record(_ row: ToolRow, _ tool: MigrationTool) throws(LedgerError) -> ToolRecord {
        let version = try row.needed("version")
        return ToolRecord(
            key: version, change: ChangeName(id: version, name: version, tool: tool))
    }
}
