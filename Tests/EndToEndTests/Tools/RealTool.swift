import Foundation
import LedgerCore
import TestSupport
import Testing

/// A migration tool that is installed, and how it is called in a folder of its own.
struct RealTool: Sendable, CustomStringConvertible {
    /// As `ledger import` calls it.
    let name: String
    /// Two statements of a change: what it does, and what undoes it.
    typealias Change = (id: String, up: String, down: String)

    /// Makes the folder ready.
    var prepare: @Sendable (Workshop) throws -> Void = { _ in }
    /// Writes the scripts of a change, after all that were written before.
    let write: @Sendable (Workshop, Change) throws -> Void
    let deploy: @Sendable (String) -> [String]
    let revertLast: @Sendable (String) -> [String]
    /// The changes that the tool itself says are there.
    let applied: @Sendable (Workshop) throws -> Set<String>
    /// What rewrites its history, by its own means where it has some.
    let rewrite: @Sendable (Workshop) throws -> Void
    /// What the ledger calls a change.
    var changeID: @Sendable (String) -> String = { $0 }
    /// Whether it says which change failed.
    var namesFailure = true

    var description: String { name }

    /// Where the tools are; nil if they are not asked for.
    static let folder = ProcessInfo.processInfo.environment["LEDGER_TEST_TOOLS"]

    static let all = [dbmate, alembic, yoyo, django, sqitch, liquibase]

    // MARK: Tools

    private static let dbmate = RealTool(
        name: "dbmate",
        write: { shop, change in
            try shop.file(
                "db/migrations/\(change.id).sql",
                "-- migrate:up\n\(change.up);\n-- migrate:down\n\(change.down);\n")
        },
        deploy: { ["dbmate", "--url", "sqlite:\($0)", "--no-dump-schema", "up"] },
        revertLast: { ["dbmate", "--url", "sqlite:\($0)", "--no-dump-schema", "down"] },
        applied: { shop in
            let text = try shop.tool(
                ["dbmate", "--url", "sqlite:\(shop.database)", "status"])
            return Set(
                text.split(separator: "\n").filter { $0.hasPrefix("[X]") }
                    .compactMap { $0.split(separator: " ").last?.split(separator: ".").first }
                    .map(String.init))
        },
        rewrite: { try $0.sql("DELETE FROM schema_migrations WHERE version = '20260101'") })

    private static let alembic = RealTool(
        name: "alembic",
        prepare: { shop in
            try shop.tool(["alembic", "init", "alembic"])
            try shop.edit("alembic.ini") {
                $0.replacing(/sqlalchemy\.url = .*/, with: "sqlalchemy.url = sqlite:///app.db")
            }
            try shop.edit("alembic/env.py") {
                $0.replacing(
                    "config = context.config",
                    with: """
                        import os
                        config = context.config
                        if os.environ.get("SHOP_URL"):
                            config.set_main_option("sqlalchemy.url", os.environ["SHOP_URL"])
                        """)
            }
        },
        write: { shop, change in
            let before = shop.change(before: change.id).map { "'\($0)'" } ?? "None"
            try shop.file(
                "alembic/versions/\(change.id)_x.py",
                """
                from alembic import op
                revision = '\(change.id)'
                down_revision = \(before)
                def upgrade(): op.execute("\(change.up)")
                def downgrade(): op.execute("\(change.down)")

                """)
        },
        deploy: { _ in ["alembic", "upgrade", "head"] },
        revertLast: { _ in ["alembic", "downgrade", "-1"] },
        applied: { shop in
            let text = try shop.tool(["alembic", "history", "-r", "base:current"])
            return Set(
                text.split(separator: "\n").compactMap { line in
                    line.range(of: "-> ").map {
                        String(line[$0.upperBound...].prefix { $0 != " " && $0 != "," })
                    }
                })
        },
        rewrite: { _ in })

    private static let yoyo = RealTool(
        name: "yoyo",
        write: { shop, change in
            try shop.file("m/\(change.id).sql", change.up)
            try shop.file("m/\(change.id).rollback.sql", change.down)
        },
        deploy: { ["yoyo", "apply", "--batch", "-d", "sqlite:///\($0)", "m"] },
        revertLast: {
            ["yoyo", "rollback", "--batch", "-m", "20260105", "-d", "sqlite:///\($0)", "m"]
        },
        applied: { shop in
            let text = try shop.tool(["yoyo", "list", "-d", "sqlite:///\(shop.database)", "m"])
            return Set(
                text.split(separator: "\n").compactMap { line in
                    let words = line.split(separator: " ")
                    return words.first == "A" && words.count > 1 ? String(words[1]) : nil
                })
        },
        rewrite: { try $0.sql("DELETE FROM _yoyo_log WHERE migration_id = '20260101'") },
        namesFailure: false)

    private static let django = RealTool(
        name: "django",
        prepare: { shop in
            try shop.tool(["django-admin", "startproject", "site1", "."])
            try shop.tool(["python", "manage.py", "startapp", "shop"])
            try shop.file("site1/urls.py", "urlpatterns = []\n")
            try shop.edit("site1/settings.py") {
                $0.replacing(/INSTALLED_APPS = \[[^\]]*\]/, with: "INSTALLED_APPS = ['shop']")
                    .replacing(
                        "BASE_DIR / 'db.sqlite3'",
                        with: "__import__('os').environ.get('SHOP_FILE', 'app.db')")
            }
        },
        write: { shop, change in
            let before = shop.change(before: change.id).map { "('shop', '\($0)')" } ?? ""
            try shop.file(
                "shop/migrations/\(change.id).py",
                """
                from django.db import migrations
                class Migration(migrations.Migration):
                    dependencies = [\(before)]
                    operations = [migrations.RunSQL("\(change.up)", "\(change.down)")]

                """)
        },
        deploy: { _ in ["python", "manage.py", "migrate"] },
        revertLast: { _ in ["python", "manage.py", "migrate", "shop", "20260104"] },
        applied: { shop in
            let text = try shop.tool(["python", "manage.py", "showmigrations", "shop"])
            return Set(
                text.split(separator: "\n").filter { $0.contains("[X]") }
                    .compactMap { $0.split(separator: " ").last }.map { "shop.\($0)" })
        },
        rewrite: { try $0.sql("DELETE FROM django_migrations WHERE name = '20260101'") },
        changeID: { "shop.\($0)" })

    private static let liquibase = RealTool(
        name: "liquibase",
        write: { shop, change in
            shop.scripts[change.id] = """
                --changeset ann:\(change.id)
                \(change.up);
                --rollback \(change.down);
                """
            let sets = shop.changes.compactMap { shop.scripts[$0] }
            try shop.file(
                "changelog.sql",
                "--liquibase formatted sql\n\n" + sets.joined(separator: "\n\n") + "\n")
        },
        deploy: {
            [
                "liquibase", "update", "--changelog-file=changelog.sql",
                "--url=jdbc:sqlite:\($0)",
            ]
        },
        revertLast: {
            [
                "liquibase", "rollback-count", "1", "--changelog-file=changelog.sql",
                "--url=jdbc:sqlite:\($0)",
            ]
        },
        applied: { shop in
            let text = try shop.tool([
                "liquibase", "status", "--verbose", "--changelog-file=changelog.sql",
                "--url=jdbc:sqlite:\(shop.database)",
            ])
            let pending = text.split(separator: "\n").map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            return Set(shop.changes.map(shop.tool.changeID)).subtracting(pending)
        },
        rewrite: { shop in
            try shop.tool(["liquibase", "clear-checksums", "--url=jdbc:sqlite:\(shop.database)"])
        },
        changeID: { "changelog.sql::\($0)::ann" })

    private static let sqitch = RealTool(
        name: "sqitch",
        prepare: { shop in
            try shop.tool([
                "sqitch", "init", "shop", "--engine", "sqlite", "--target", "db:sqlite:app.db",
            ])
        },
        write: { shop, change in
            if !shop.isRewritten { try shop.tool(["sqitch", "add", change.id, "-n", "note"]) }
            try shop.file("deploy/\(change.id).sql", change.up + ";")
            try shop.file("revert/\(change.id).sql", change.down + ";")
        },
        deploy: { ["sqitch", "deploy", "--mode", "change", "db:sqlite:\($0)"] },
        revertLast: { ["sqitch", "revert", "-y", "--to", "@HEAD^", "db:sqlite:\($0)"] },
        applied: { shop in
            let text = try shop.tool(
                ["sqitch", "status", "--show-changes", "db:sqlite:\(shop.database)"])
            return Set(
                text.split(separator: "\n").filter { $0.hasPrefix("#   ") && $0.contains(" - ") }
                    .compactMap { $0.dropFirst(4).split(separator: " ").first }.map(String.init))
        },
        rewrite: {
            try $0.sql("DELETE FROM events WHERE change = '20260101'", in: "sqitch.db")
        })
}

/// A folder in which a tool works, with a ledger beside it.
final class Workshop {
    let ledger: BuiltLedger
    let tool: RealTool
    let database = "app.db"
    /// The ids of the changes that have scripts.
    private(set) var changes: [String] = []
    private(set) var isRewritten = false
    /// For tools that keep several in one file.
    var scripts: [String: String] = [:]

    init(_ tool: RealTool) throws {
        self.tool = tool
        ledger = try BuiltLedger()
        try tool.prepare(self)
    }

    var variables: [String: String] {
        let tools = RealTool.folder ?? ""
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return [
            "PATH": "\(tools)/bin:\(path)", "SQITCH_FULLNAME": "Ann",
            "SQITCH_EMAIL": "ann@example.com", "LANG": "C.UTF-8",
        ]
    }

    /// Where the tool's own table is.
    var tableFile: String { tool.name == "sqitch" ? "sqitch.db" : database }

    func write(_ id: String, up: String, down: String) throws {
        isRewritten = changes.contains(id)
        if !isRewritten { changes.append(id) }
        try tool.write(self, (id, up, down))
    }

    func change(before id: String) -> String? {
        changes.firstIndex(of: id).flatMap { $0 > 0 ? changes[$0 - 1] : nil }
    }

    func file(_ path: String, _ text: String) throws {
        let url = URL(fileURLWithPath: "\(ledger.folder.path)/\(path)")
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    func edit(_ path: String, _ change: (String) -> String) throws {
        let text = try String(contentsOfFile: "\(ledger.folder.path)/\(path)", encoding: .utf8)
        try file(path, change(text))
    }

    /// Runs a command of the tool without the ledger.
    @discardableResult
    func tool(_ command: [String]) throws -> String {
        let result = try Shell.execute(
            command[0], Array(command.dropFirst()),
            environment: ledger.variables.merging(variables) { $1 }, folder: ledger.folder.path)
        #expect(result.status == 0, "\(command): \(result.standardError)")
        return result.standardOutput
    }

    func sql(_ text: String, in file: String? = nil) throws {
        let result = try Shell.execute(
            "sqlite3", ["-bail", "\(ledger.folder.path)/\(file ?? database)", text])
        #expect(result.status == 0, "\(result.standardError)")
    }

    /// Runs a command of the tool through `ledger run`.
    func run(_ command: [String], tenant: String? = nil, in file: String? = nil) throws
        -> Shell.Result
    {
        let file = file ?? database
        var variables = variables
        // These two compute in Python where their database is.
        if ["alembic", "django"].contains(tool.name) {
            variables["LEDGER_DATABASE_URL"] = "sqlite:///\(file)"
            variables["SHOP_URL"] = "sqlite:///\(file)"
            variables["SHOP_FILE"] = file
        }
        return try ledger.run(
            ["run", "--service", "shop", "--env", "dev"] + (tenant.map { ["--tenant", $0] } ?? [])
                + ["--"] + command,
            environment: variables)
    }

    func take() throws -> Shell.Result {
        try ledger.run(
            "import", tool.name, "--service", "shop", "--env", "dev", "--database-file", tableFile)
    }

    /// The newest deployment of each change, by the change's id.
    func newest(tenant: String? = nil) throws -> [String: JSONObject] {
        var newest: [String: JSONObject] = [:]
        for row in try ledger.rows("--service", "shop", "--tenants", "--limit", "1000", "--reverse")
        where row["tenant"]?.string == tenant {
            if let change = row["change"]?.string { newest[change] = row }
        }
        return newest
    }

    /// The changes that the ledger says are there.
    func applied() throws -> Set<String> {
        Set(
            try newest().filter { _, row in
                row["operation"]?.string != "revert" && row["status"]?.string == "succeeded"
            }.keys)
    }
}
