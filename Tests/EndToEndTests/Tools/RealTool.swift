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
    /// Writes into its settings that it works on a database of PostgreSQL, password and all.
    let connect: @Sendable (Workshop, PostgresLogin) throws -> Void
    /// Writes the scripts of a change, after all that were written before.
    let write: @Sendable (Workshop, Change) throws -> Void
    /// The command for a file of SQLite, or for the database that its settings name.
    let deploy: @Sendable (String?) -> [String]
    /// Likewise; takes back the last change, up to the one before it.
    let revert: @Sendable (_ file: String?, _ last: String, _ before: String) -> [String]
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
        connect: { shop, login in
            try shop.file(".env", "DATABASE_URL=\(login.url("postgres"))?sslmode=disable\n")
        },
        write: { shop, change in
            try shop.file(
                "db/migrations/\(change.id).sql",
                "-- migrate:up\n\(change.up);\n-- migrate:down\n\(change.down);\n")
        },
        deploy: { dbmate($0, "up") },
        revert: { file, _, _ in dbmate(file, "down") },
        applied: { shop in
            let text = try shop.tool(dbmate(shop.place, "status"))
            return Set(
                text.split(separator: "\n").filter { $0.hasPrefix("[X]") }
                    .compactMap { $0.split(separator: " ").last?.split(separator: ".").first }
                    .map(String.init))
        },
        rewrite: { try $0.sql("DELETE FROM schema_migrations WHERE version = '20260101'") })

    private static func dbmate(_ file: String?, _ verb: String) -> [String] {
        ["dbmate"] + (file.map { ["--url", "sqlite:\($0)"] } ?? []) + ["--no-dump-schema", verb]
    }

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
        connect: { shop, login in
            try shop.edit("alembic.ini") {
                $0.replacing(
                    "sqlite:///app.db",
                    with: login.url("postgresql+psycopg2").replacing("%", with: "%%"))
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
        revert: { _, _, _ in ["alembic", "downgrade", "-1"] },
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
        connect: { shop, login in
            let url = login.url("postgresql").replacing("%", with: "%%")
            try shop.file("yoyo.ini", "[DEFAULT]\nsources = m\ndatabase = \(url)\n")
        },
        write: { shop, change in
            try shop.file("m/\(change.id).sql", change.up)
            try shop.file("m/\(change.id).rollback.sql", change.down)
        },
        deploy: { ["yoyo", "apply", "--batch"] + yoyo($0) },
        revert: { file, last, _ in ["yoyo", "rollback", "--batch", "-m", last] + yoyo(file) },
        applied: { shop in
            let text = try shop.tool(["yoyo", "list"] + yoyo(shop.place))
            return Set(
                text.split(separator: "\n").compactMap { line in
                    let words = line.split(separator: " ")
                    return words.first == "A" && words.count > 1 ? String(words[1]) : nil
                })
        },
        rewrite: { try $0.sql("DELETE FROM _yoyo_log WHERE migration_id = '20260101'") },
        namesFailure: false)

    private static func yoyo(_ file: String?) -> [String] {
        file.map { ["-d", "sqlite:///\($0)", "m"] } ?? []
    }

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
        connect: { shop, login in
            try shop.edit("site1/settings.py") {
                $0 + """

                    DATABASES = {'default': {
                        'ENGINE': 'django.db.backends.postgresql', 'NAME': '\(login.database)',
                        'USER': '\(login.user)', 'PASSWORD': '\(login.password)',
                        'HOST': '127.0.0.1', 'PORT': '\(login.port)'}}

                    """
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
        revert: { _, _, before in ["python", "manage.py", "migrate", "shop", before] },
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
        connect: { shop, login in
            try shop.file(
                "liquibase.properties",
                """
                url: jdbc:postgresql://127.0.0.1:\(login.port)/\(login.database)
                username: \(login.user)
                password: \(login.password)

                """)
        },
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
        deploy: { liquibase(["update"], $0) },
        revert: { file, _, _ in liquibase(["rollback-count", "1"], file) },
        applied: { shop in
            let text = try shop.tool(liquibase(["status", "--verbose"], shop.place))
            let pending = text.split(separator: "\n").map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            return Set(shop.changes.map(shop.tool.changeID)).subtracting(pending)
        },
        rewrite: { shop in
            try shop.tool(["liquibase", "clear-checksums", "--url=jdbc:sqlite:\(shop.database)"])
        },
        changeID: { "changelog.sql::\($0)::ann" })

    private static func liquibase(_ words: [String], _ file: String?) -> [String] {
        ["liquibase"] + words + ["--changelog-file=changelog.sql"]
            + (file.map { ["--url=jdbc:sqlite:\($0)"] } ?? [])
    }

    private static let sqitch = RealTool(
        name: "sqitch",
        prepare: { shop in
            try shop.tool([
                "sqitch", "init", "shop", "--engine", "sqlite", "--target", "db:sqlite:app.db",
            ])
        },
        connect: { shop, login in
            let settings = """
                [core]
                \tengine = pg
                [engine "pg"]
                \ttarget = \(login.url("db:pg"))

                """
            try shop.file("sqitch.conf", settings)
        },
        write: { shop, change in
            if !shop.isRewritten { try shop.tool(["sqitch", "add", change.id, "-n", "note"]) }
            try shop.file("deploy/\(change.id).sql", change.up + ";")
            try shop.file("revert/\(change.id).sql", change.down + ";")
        },
        deploy: { sqitch(["deploy", "--mode", "change"], $0) },
        revert: { file, _, _ in sqitch(["revert", "-y", "--to", "@HEAD^"], file) },
        applied: { shop in
            let text = try shop.tool(sqitch(["status", "--show-changes"], shop.place))
            return Set(
                text.split(separator: "\n").filter { $0.hasPrefix("#   ") && $0.contains(" - ") }
                    .compactMap { $0.dropFirst(4).split(separator: " ").first }.map(String.init))
        },
        rewrite: {
            try $0.sql("DELETE FROM events WHERE change = '20260101'", in: "sqitch.db")
        })

    private static func sqitch(_ words: [String], _ file: String?) -> [String] {
        ["sqitch"] + words + (file.map { ["db:sqlite:\($0)"] } ?? [])
    }
}
