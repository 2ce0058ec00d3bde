import LedgerCore
import Testing

@testable import LedgerIngest

/// What a migration tool's command says of its database.
@Suite struct ToolCommandTests {
    private func command(
        _ line: String, _ files: [String: String] = [:], _ variables: [String: String] = [:]
    ) -> ToolCommand? {
        ToolCommand(
            line.split(separator: " ").map(String.init), environment: variables,
            read: { files[$0] })
    }

    @Test(arguments: [
        ("flyway -url=jdbc:sqlite:app.db migrate", MigrationTool.flyway, "app.db"),
        ("liquibase update --url=jdbc:sqlite:app.db", .liquibase, "app.db"),
        ("liquibase --url jdbc:sqlite:/var/app.db rollback-count 1", .liquibase, "/var/app.db"),
        ("atlas migrate apply --url sqlite://app.db", .atlas, "app.db"),
        ("sqitch deploy db:sqlite:app.db", .sqitch, "sqitch.db"),
        ("sqitch deploy -t db:sqlite:data/app.sqlite", .sqitch, "data/sqitch.sqlite"),
        ("dbmate --url sqlite:app.db up", .dbmate, "app.db"),
        ("dbmate -u sqlite:/var/app.db?mode=rwc rollback", .dbmate, "/var/app.db"),
        ("dbmate -u sqlite:///var/app.db up", .dbmate, "/var/app.db"),
        ("migrate -database sqlite3:///var/app.db up", .golangMigrate, "/var/app.db"),
        ("yoyo apply --batch -d sqlite:///app.db m", .yoyo, "app.db"),
        ("yoyo apply -d sqlite:////var/app.db m", .yoyo, "/var/app.db"),
        ("migrate -database sqlite3://app.db -path m up", .golangMigrate, "app.db"),
        ("goose -dir m sqlite3 ./app.db up", .goose, "./app.db"),
        ("sudo -u app env A=b flyway migrate -url=jdbc:sqlite:app.db", .flyway, "app.db"),
    ])
    func argumentsNameAFile(_ line: String, _ tool: MigrationTool, _ path: String) {
        let found = command(line)
        #expect(found?.history.tool == tool)
        #expect(found?.database == .sqlite(path))
    }

    @Test(arguments: [
        ("alembic upgrade head", ["alembic.ini": "[alembic]\nsqlalchemy.url = sqlite:///app.db\n"]),
        (
            "python -m alembic -c db/alembic.ini stamp head",
            ["db/alembic.ini": "sqlalchemy.url=sqlite:///app.db"]
        ),
        ("flyway migrate", ["flyway.conf": "# x\nflyway.url=jdbc:sqlite:app.db\n"]),
        (
            "flyway migrate",
            ["flyway.toml": "[environments.default]\nurl = \"jdbc:sqlite:app.db\"\n"]
        ),
        ("liquibase update", ["liquibase.properties": "url: jdbc:sqlite:app.db"]),
        ("dbmate up", [".env": "export DATABASE_URL='sqlite:app.db'"]),
        ("npx prisma migrate deploy", [".env": "DATABASE_URL=\"file:app.db\""]),
        ("yoyo apply", ["yoyo.ini": "[DEFAULT]\nsources = m\ndatabase = sqlite:///app.db\n"]),
    ])
    func filesNameIt(_ line: String, _ files: [String: String]) {
        #expect(command(line, files)?.database == .sqlite("app.db"))
    }

    @Test(arguments: [
        ("dbmate --url sqlite:app.db up", ToolDatabase.sqlite("app.db")),
        ("set -e; ls; alembic upgrade head && echo done", .sqlite("ini.db")),
        // What the shell makes of it is not seen.
        ("for t in a b; do dbmate --url sqlite:$t.db up; done", nil),
        ("cd db && alembic upgrade head", nil),
    ])
    func aShellIsLookedInto(_ text: String, _ database: ToolDatabase?) throws {
        let found = try #require(
            ToolCommand(
                ["sudo", "bash", "-c", text], environment: [:],
                read: { $0 == "alembic.ini" ? "sqlalchemy.url = sqlite:///ini.db" : nil }))
        #expect(found.database == database)
        #expect(
            ToolCommand(["sh", "-c", "echo dbmate up"], environment: [:], read: { _ in nil }) == nil
        )
    }

    @Test(arguments: [
        ("postgres://a:x@h/db", "postgresql://b@h:5432/db?options=-csearch_path%3Dacme", true),
        ("postgres://h/db", "postgres://h/other", false),
        ("postgres://h/db", "postgres://h:5433/db", false), ("sqlite:a.db", "sqlite:a.db", true),
        ("sqlite:a.db", "sqlite:b.db", false), ("sqlite:db", "postgres:///db", false),
    ])
    func oneDatabaseHasManyNames(_ one: String, _ other: String, _ isSame: Bool) throws {
        let databases = try [one, other].map { try #require(ToolDatabase($0)) }
        #expect(databases[0].isSame(as: databases[1]) == isSame)
    }

    @Test func sqitchFindsItsTargets() {
        let settings = """
            [core]
            \tengine = pg
            [engine "pg"]
            \ttarget = live
            [target "live"]
            \turi = db:pg://app@db1:5433/orders
            [target "local"]
            \turi = db:sqlite:app.db
            """
        let files = ["sqitch.conf": settings]
        #expect(
            command("sqitch deploy", files)?.database
                == .postgres("postgresql://app@db1:5433/orders", password: nil))
        #expect(command("sqitch deploy", files)?.tables == ["sqitch.events"])
        #expect(command("sqitch revert local -y", files)?.database == .sqlite("sqitch.db"))
    }

    @Test func passwordsStandApart() {
        let urls = [
            "postgres://app:s%40crt@db1/orders?sslmode=disable",
            "jdbc:postgresql://db1/orders?user=app&password=s%40crt&sslmode=disable&ssl=true",
            "postgresql+psycopg2://app:s%40crt@db1/orders?sslmode=disable",
        ]
        for text in urls {
            guard case .postgres(let url, let password)? = ToolDatabase(text) else {
                Issue.record("\(text) is no PostgreSQL")
                continue
            }
            #expect(password == "s@crt")
            #expect(!url.contains("crt"), "\(url)")
            #expect(url.hasSuffix("sslmode=disable"))
        }
        #expect(
            ToolDatabase("jdbc:postgresql://db1/orders", user: "a@b", password: "x")
                == .postgres("postgresql://a%40b@db1/orders", password: "x"))
    }

    /// In what Python's `configparser` reads, a percent sign is written twice.
    @Test func passwordsInPythonsSettingsAreRead() {
        let url = "postgresql+psycopg2://app:s%%40crt@db1/orders"
        for (line, file, key) in [
            ("alembic upgrade head", "alembic.ini", "sqlalchemy.url"),
            ("yoyo apply", "yoyo.ini", "database"),
        ] {
            #expect(
                command(line, [file: "\(key) = \(url)\n"])?.database
                    == .postgres("postgresql://app@db1/orders", password: "s@crt"))
        }
    }

    @Test(arguments: [
        "flyway info", "liquibase status", "alembic history", "sqitch log", "dbmate status",
        "psql -f V1__a.sql", "atlas schema inspect", "ls", "manage.py runserver", "prisma generate",
    ])
    func whatChangesNothingIsNone(_ line: String) {
        #expect(command(line) == nil)
    }

    @Test func databasesThatCannotBeReadAreNone() {
        #expect(ToolDatabase("jdbc:mysql://db1/orders") == nil)
        #expect(ToolDatabase("oracle") == nil)
        #expect(command("flyway migrate -url=jdbc:mysql://db1/orders") != nil)
        #expect(command("flyway migrate -url=jdbc:mysql://db1/orders")?.database == nil)
    }

    @Test(arguments: [
        (MigrationTool.alembic, "INFO  [alembic] Running upgrade r1 -> r2, words", "r2", false),
        (.alembic, "Running upgrade  -> r1, first", "r1", false),
        (.alembic, "Running downgrade r2 -> r1, words", "r2", true),
        (.sqitch, "  + add_index .. ok", "add_index", false),
        (.sqitch, "  - add_index .. not ok", "add_index", true),
        (.dbmate, "Applying: 20260101_a.sql", "20260101_a.sql", false),
        (.django, "  Applying shop.0001_initial... OK", "shop.0001_initial", false),
        (.rails, "== 20260101 AddX: migrating ======", "20260101", false),
        (.flyway, "Migrating schema \"main\" to version \"42 - add index\"", "42", false),
        (.liquibase, "Running Changeset: db/a.sql::7::ann", "db/a.sql::7::ann", false),
        (.liquibase, "Rolling Back Changeset: db/a.sql::7::ann", "db/a.sql::7::ann", true),
        (.prisma, "Applying migration `20260102_add`", "20260102_add", false),
        (.goose, "OK   00001_create_a.sql (1.02ms)", "00001_create_a.sql", false),
        (.golangMigrate, "1/u create_a (12.3ms)", "1", false),
        (.golangMigrate, "2/d create_b (12.3ms)", "2", true),
    ])
    func outputNamesWhatBegins(
        _ tool: MigrationTool, _ line: String, _ name: String, _ isReverted: Bool
    ) {
        let begun = ToolOutput.begun(tool, "x\n\(line)\n")
        #expect(begun.map(\.name) == [name])
        #expect(begun.map(\.isReverted) == [isReverted])
    }
}
