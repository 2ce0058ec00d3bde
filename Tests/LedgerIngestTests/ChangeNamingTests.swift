import LedgerCore
import LedgerIngest
import Testing

struct ChangeNamingTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let tool: MigrationTool?
        let path: String
        let id: String
        let name: String
        var role = ChangeName.Role.apply
        var isRepeatable = false

        init(
            _ tool: MigrationTool?, _ path: String, _ id: String, _ name: String,
            _ role: ChangeName.Role = .apply, repeatable: Bool = false
        ) {
            (self.tool, self.path, self.id, self.name) = (tool, path, id, name)
            (self.role, isRepeatable) = (role, repeatable)
        }

        var testDescription: String { "\(tool?.rawValue ?? "guessed") \(path)" }
    }

    static let cases = [
        Case(.flyway, "db/V42__add_index.sql", "42", "V42__add_index"),
        Case(.flyway, "V1_1__x.sql", "1.1", "V1_1__x"),
        Case(.flyway, "V2.5.1__x.java", "2.5.1", "V2.5.1__x"),
        Case(.flyway, "V7.sql", "7", "V7"),
        Case(.flyway, "U42__add_index.sql", "42", "V42__add_index", .revert),
        Case(.flyway, "R__add_view.sql", "R__add_view", "R__add_view", repeatable: true),
        Case(.flyway, "beforeMigrate.sql", "beforeMigrate", "beforeMigrate", .none),
        Case(.flyway, "V__x.sql", "V__x", "V__x", .none),
        Case(.atlas, "20260102030405_add.sql", "20260102030405", "20260102030405_add"),
        Case(.atlas, "3_add.sql", "3", "3_add"),
        Case(.golangMigrate, "000042_add.up.sql", "42", "000042_add"),
        Case(.golangMigrate, "000042_add.down.sql", "42", "000042_add", .revert),
        Case(.golangMigrate, "notes.sql", "notes", "notes", .none),
        Case(.dbmate, "20260102030405_add.sql", "20260102030405", "20260102030405_add"),
        Case(.dbmate, "001_add.sql", "001", "001_add"),
        Case(.goose, "00007_add.sql", "7", "00007_add"),
        Case(.rails, "db/migrate/20260102030405_add.rb", "20260102030405", "20260102030405_add"),
        Case(.rails, "db/schema.rb", "schema", "schema", .none),
        Case(.alembic, "versions/ab12cd_add_index.py", "ab12cd", "ab12cd_add_index"),
        Case(.sqitch, "deploy/add_index.sql", "add_index", "add_index"),
        Case(.sqitch, "db/revert/add_index.sql", "add_index", "add_index", .revert),
        Case(.sqitch, "verify/add_index.sql", "add_index", "add_index", .none),
        Case(.sqitch, "deploy/app/users.sql", "app/users", "app/users"),
        Case(.prisma, "prisma/migrations/2026_add/migration.sql", "2026_add", "2026_add"),
        Case(.prisma, "prisma/migrations/2026_add/down.sql", "2026_add", "2026_add", .revert),
        Case(.prisma, "prisma/seed.sql", "seed", "seed", .none),
        Case(.knex, "migrations/20260102_add.js", "20260102_add", "20260102_add"),
        Case(.yoyo, "0001.add.sql", "0001.add", "0001.add"),
        Case(.yoyo, "0001.add.rollback.sql", "0001.add", "0001.add", .revert),
        Case(.django, "shop/migrations/0001_initial.py", "shop.0001_initial", "shop.0001_initial"),
        Case(.django, "shop/migrations/__init__.py", "__init__", "__init__", .none),
        Case(.some(.none), "V42__add.sql", "V42__add", "V42__add"),
        Case(nil, "migrations/V42__add.sql", "42", "V42__add"),
        Case(nil, "V42.sql", "V42", "V42"),
        Case(nil, "U42__add.sql", "42", "V42__add", .revert),
        Case(nil, "R__view.sql", "R__view", "R__view", repeatable: true),
        Case(nil, "Version__x.sql", "Version__x", "Version__x"),
        Case(nil, "20260102030405_add.sql", "20260102030405", "20260102030405_add"),
        Case(nil, "20260102-add.sql", "20260102", "20260102-add"),
        Case(nil, "001_init.sql", "001_init", "001_init"),
        Case(nil, "migrations/001_init.sql", "001_init", "001_init"),
        Case(nil, "000001_init.up.sql", "1", "000001_init"),
        Case(nil, "000001_init.down.sql", "1", "000001_init", .revert),
        Case(nil, "hotfix.sql", "hotfix", "hotfix"),
        Case(nil, "hotfix", "hotfix", "hotfix"),
        Case(nil, ".hidden", ".hidden", ".hidden"),
        Case(nil, "add.index.sql", "add.index", "add.index"),
        Case(nil, "m/2026_add/migration.sql", "2026_add", "2026_add"),
        Case(nil, "migration.sql", "migration", "migration"),
        Case(
            nil, "m/20260102030405_add/down.sql", "20260102030405_add", "20260102030405_add",
            .revert),
        Case(nil, "m/2026_add/down.sql", "down", "down"),
        Case(nil, "größe_ändern.sql", "größe_ändern", "größe_ändern"),
    ]

    @Test(arguments: cases) func namesAScriptAsItsToolDoes(_ example: Case) throws {
        let names = try ChangeNaming(tool: example.tool).names(forPath: example.path)
        let name = try #require(names.first)
        #expect(names.count == 1)
        #expect(name.id == example.id)
        #expect(name.name == example.name)
        #expect(name.role == example.role)
        #expect(name.isRepeatable == example.isRepeatable)
    }

    @Test func readsAlembicsRevisionFromTheScript() throws {
        let naming = try ChangeNaming(tool: .alembic)
        #expect(naming.readsContent(ofPath: "versions/x.py"))
        let typed = Array("down_revision = 'aa'\nrevision: str = \"1f2e3d\"\n".utf8)
        let name = naming.names(forPath: "versions/2026_add.py", content: typed)
        #expect(name.map(\.id) == ["1f2e3d"])
        #expect(name.map(\.name) == ["2026_add"])
        let plain = Array("'''Add.\nrevision_note = 'no'\n'''\nrevision = '77'\n".utf8)
        #expect(naming.names(forPath: "a.py", content: plain).map(\.id) == ["77"])
        let other = naming.names(forPath: "env.py", content: Array("import os\n".utf8))
        #expect(other.map(\.role) == [.none])
    }

    static let changelog = """
        --liquibase formatted sql

        --changeset ann:1 labels:v1
        CREATE TABLE a (id int);
        --rollback DROP TABLE a;

        -- changeset bob:add-b runOnChange:true
        CREATE TABLE b (id int);

        """

    @Test(arguments: [MigrationTool.liquibase, nil])
    func findsEveryChangesetOfALiquibaseChangelog(_ tool: MigrationTool?) throws {
        let content = Array(Self.changelog.utf8)
        let path = "app/src/main/resources/db/a.sql"
        let names = try ChangeNaming(tool: tool).names(forPath: path, content: content)
        #expect(names.map(\.id) == ["db/a.sql::1::ann", "db/a.sql::add-b::bob"])
        #expect(names.map(\.name) == ["1", "add-b"])
        let second = try #require(names.last?.range)
        #expect(
            String(decoding: content[second], as: UTF8.self)
                == "-- changeset bob:add-b runOnChange:true\nCREATE TABLE b (id int);\n")
    }

    @Test func authorsAndIDsMayStandInQuotesOrHaveSpaces() throws {
        let text = """
            --liquibase formatted sql
            --changeset Ann Lee:1-a runOnChange:true
            SELECT 1;
            --changeset "Ann: X":"two words"
            SELECT 2;
            --changeset nobody
            """
        let names = try ChangeNaming().names(forPath: "z.sql", content: Array(text.utf8))
        #expect(names.map(\.id) == ["z.sql::1-a::Ann Lee", "z.sql::two words::Ann: X"])
    }

    @Test func takesALogicalFilePath() throws {
        for title in ["-- liquibase formatted sql", "\n  --Liquibase   FORMATTED\tsql"] {
            let text = "\(title) logicalFilePath:x/y.sql\n--changeset a:b\nSELECT 1;\n"
            let names = try ChangeNaming().names(forPath: "z.sql", content: Array(text.utf8))
            #expect(names.map(\.id) == ["x/y.sql::b::a"])
        }
    }

    @Test func namesByAPatternOfTheUsers() throws {
        let naming = try ChangeNaming(pattern: "rel-([0-9]+)/(?:[0-9]+)-([a-z]+)\\.sql$")
        let names = naming.names(forPath: "db/rel-7/12-index.sql")
        #expect(names == [ChangeName(id: "7", name: "index")])
        #expect(naming.names(forPath: "db/other.sql").isEmpty)
        let named = try ChangeNaming(pattern: "(?<name>[a-z]+)_(?<id>[0-9]+)")
        #expect(named.names(forPath: "add_12.sql") == [ChangeName(id: "12", name: "add")])
        let idOnly = try ChangeNaming(pattern: "^x/([0-9]+)")
        #expect(
            idOnly.names(forPath: "x/9-add.down.sql")
                == [ChangeName(id: "9", name: "9-add", role: .revert)])
    }

    @Test func refusesAPatternThatCannotNameAnything() {
        for pattern in ["([0-9]+", "[0-9]+"] {
            #expect(throws: LedgerError.self) { try ChangeNaming(pattern: pattern) }
        }
    }

    @Test func suggestsTheToolThatWasMeant() throws {
        #expect(try MigrationTool(named: "Flyway") == .flyway)
        #expect(try MigrationTool(named: "migrate") == .golangMigrate)
        let error = #expect(throws: LedgerError.self) { try MigrationTool(named: "flywya") }
        #expect(error?.advice == "did you mean flyway?")
    }
}
