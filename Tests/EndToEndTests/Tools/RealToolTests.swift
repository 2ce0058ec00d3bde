import Foundation
import LedgerCore
import TestSupport
import Testing

/// The tools themselves under `ledger run`, and what their tables say to `ledger import`.
///
/// `make test-tools` installs them and runs this.
@Suite(.enabled(if: RealTool.folder != nil, "make test-tools installs the tools"))
struct RealToolTests {
    private static let days = ["20260101", "20260102", "20260103", "20260104", "20260105"]

    private static func id(_ number: Int, _ tool: RealTool) -> String {
        tool.changeID(days[number])
    }

    private static func write(
        _ shop: Workshop, _ number: Int, table: Int? = nil
    ) throws {
        let table = "t\(table ?? number)"
        try shop.write(
            days[number], up: "CREATE TABLE \(table) (x INT)", down: "DROP TABLE \(table)")
    }

    @Test(arguments: RealTool.all)
    func whatItDoesIsRecordedChangeByChange(_ tool: RealTool) throws {
        let shop = try Workshop(tool)
        let ids = (0..<5).map { Self.id($0, tool) }
        for number in 0..<3 { try Self.write(shop, number) }
        let first = try shop.run(tool.deploy(shop.database))
        #expect(first.status == 0, "\(first)")
        #expect(try shop.applied() == Set(ids[..<3]))
        #expect(try shop.applied() == tool.applied(shop))
        for (change, row) in try shop.newest() where ids.contains(change) {
            #expect(row["digest"] != nil, "\(change)")
            #expect(row["tool"]?.string == tool.name)
            #expect(row["group"] != nil)
        }
        // What was recorded as it ran is not recorded once more.
        try shop.take().expect(0, "0 recorded")

        // One fails, and the next is not reached.
        try Self.write(shop, 3, table: 1)
        try Self.write(shop, 4)
        let failed = try shop.run(tool.deploy(shop.database))
        #expect(failed.status != 0)
        let outcome = try shop.newest()
        #expect(outcome[ids[3]]?["status"]?.string == (tool.namesFailure ? "failed" : "unknown"))
        #expect(outcome[ids[3]]?["error"]?.string?.contains("already exists") == true)
        #expect(outcome[ids[4]]?["status"]?.string == "skipped")
        #expect(try shop.applied() == tool.applied(shop))

        // Mended, it goes on; the last is taken back; edited, it comes once more.
        try Self.write(shop, 3)
        #expect(try shop.run(tool.deploy(shop.database)).status == 0)
        #expect(try shop.applied() == Set(ids))
        #expect(try shop.run(tool.revert(shop.database, Self.days[4], Self.days[3])).status == 0)
        #expect(try shop.newest()[ids[4]]?["operation"]?.string == "revert")
        #expect(try shop.applied() == tool.applied(shop))
        let before = try shop.newest()[ids[4]]?["digest"]?.string
        try Self.write(shop, 4, table: 9)
        #expect(try shop.run(tool.deploy(shop.database)).status == 0)
        #expect(try shop.newest()[ids[4]]?["digest"]?.string != before)
        #expect(try shop.applied() == tool.applied(shop))
        try shop.take().expect(0, "0 recorded")

        // Rewritten behind the ledger's back, it is found.
        try tool.rewrite(shop)
        let rewritten = try shop.take()
        if tool.name != "alembic" {
            rewritten.expect(0, "rewritten", "20260101")
            #expect(
                try shop.ledger.run("check", "--env", "dev").standardOutput
                    .contains("history-rewritten"))
        }
        try shop.take().expect(0, "0 recorded")
        try shop.ledger.run("verify").expect(0)
    }

    @Test(arguments: RealTool.all)
    func ofThreeTenantsTheSecondFails(_ tool: RealTool) throws {
        let shop = try Workshop(tool)
        for number in 0..<2 { try Self.write(shop, number) }
        try shop.sql("CREATE TABLE t1 (x INT)", in: "globex.db")
        for (tenant, succeeds) in [("acme", true), ("globex", false), ("initech", true)] {
            let file = tool.name == "sqitch" ? "\(tenant)/\(tenant).db" : "\(tenant).db"
            if tool.name == "sqitch" {
                // Its registry lies beside the database.
                try shop.file("\(tenant)/x", "")
                if !succeeds { try shop.sql("CREATE TABLE t1 (x INT)", in: file) }
            }
            let result = try shop.run(tool.deploy(file), tenant: tenant, in: file)
            #expect((result.status == 0) == succeeds, "\(tenant): \(result)")
        }
        let status = { (tenant: String) in
            try shop.newest(tenant: tenant)[Self.id(1, tool)]?["status"]?.string
        }
        #expect(try status("acme") == "succeeded")
        #expect(try status("globex") == (tool.namesFailure ? "failed" : "unknown"))
        #expect(try status("initech") == "succeeded")
    }

    /// Its database says which target it is.
    @Test func itNeedsNoFlags() throws {
        let tool = try #require(RealTool.all.first { $0.name == "dbmate" })
        let shop = try Workshop(tool)
        try Self.write(shop, 0)
        try shop.file(
            "ledger.yaml",
            """
            targets:
              - {address: app.db, service: shop, environment: prod, tenant: acme}
              - {address: other.db, service: shop, environment: prod, tenant: globex}

            """)
        for file in ["app.db", "other.db"] {
            let result = try shop.ledger.run(
                ["run", "--"] + tool.deploy(file), environment: shop.variables)
            #expect(result.status == 0, "\(result)")
        }
        let rows = try shop.ledger.rows("--env", "prod", "--tenants")
        let places = rows.filter { $0["change"]?.string == "20260101" }
            .compactMap { $0["tenant"]?.string }
        #expect(places.sorted() == ["acme", "globex"])
    }

    /// A loop of which the second fails, in one run: the tables of all tell what ran where.
    @Test(arguments: ["dbmate", "yoyo", "django", "alembic"])
    func oneRunOverThreeTenants(_ name: String) throws {
        let tool = try #require(RealTool.all.first { $0.name == name })
        let shop = try Workshop(tool)
        for number in 0..<2 { try Self.write(shop, number) }
        try shop.sql("CREATE TABLE t1 (x INT)", in: "globex.db")
        let tenants = ["acme", "globex", "initech"]
        try shop.file(
            "ledger.yaml",
            "targets:\n"
                + tenants.map {
                    "  - {address: \($0).db, service: shop, environment: prod, tenant: \($0)}\n"
                }.joined())
        // The paths of ledger.yaml are seen from its folder.
        let steps = tenants.map { tenant in
            "echo '== \(tenant)'; export SHOP_FILE=\(tenant).db SHOP_URL=sqlite:///\(tenant).db; "
                + tool.deploy("\(tenant).db").map { "'\($0)'" }.joined(separator: " ")
                + " || exit 1"
        }
        let result = try shop.ledger.run(
            [
                "run", "--service", "shop", "--env", "prod", "--tool", name, "--", "bash", "-c",
                "TENANT=$1; " + steps.joined(separator: "; "), "loop", "x",
            ],
            environment: shop.variables)
        #expect(result.status != 0, "\(result)")
        let status = { (tenant: String, number: Int) in
            try shop.newest(tenant: tenant)[Self.id(number, tool)]?["status"]?.string
        }
        #expect(try status("acme", 0) == "succeeded")
        #expect(try status("acme", 1) == "succeeded")
        #expect(try status("globex", 0) == "succeeded")
        #expect(try status("globex", 1) == (tool.namesFailure ? "failed" : "unknown"))
        #expect(try status("initech", 0) == "skipped")
        #expect(try status("initech", 1) == "skipped")
    }

    /// What Liquibase only marked, or whose checksum it cleared, under the ledger's eyes.
    @Test func whatARunMarkedIsNoRewrite() throws {
        let tool = try #require(RealTool.all.first { $0.name == "liquibase" })
        let shop = try Workshop(tool)
        for number in 0..<2 { try Self.write(shop, number) }
        let database = "--url=jdbc:sqlite:\(shop.database)"
        for (words, operation) in [
            (["changelog-sync", "--changelog-file=changelog.sql"], "mark"),
            (["clear-checksums"], "repair"),
        ] {
            let command = ["liquibase"] + words + [database]
            #expect(try shop.run(command).status == 0)
            #expect(
                try shop.newest()[Self.id(0, tool)]?["operation"]?.string == operation, "\(words)")
            let taken = try shop.take()
            taken.expect(0, "0 recorded")
            #expect(!taken.standardError.contains("rewritten"), "\(taken)")
        }
    }

    /// What `--url` takes, and what it refuses, with a password that nobody may see.
    @Test func aServersTableIsReadByItsURL() throws {
        let server = try PostgresServer(password: "geheim")
        defer { server.stop() }
        let port = try #require(server.port)
        let url = "postgres://postgres:geheim@127.0.0.1:\(port)/postgres"
        let tool = try #require(RealTool.all.first { $0.name == "dbmate" })
        let shop = try Workshop(tool)
        for number in 0..<2 { try Self.write(shop, number) }
        try Self.write(shop, 2, table: 1)
        let deploy = ["dbmate", "--url", url + "?sslmode=disable", "--no-dump-schema", "up"]
        #expect(try shop.run(deploy).status != 0)
        let newest = try shop.newest()
        #expect(newest["20260101"]?["status"]?.string == "succeeded")
        #expect(newest["20260102"]?["status"]?.string == "succeeded")
        #expect(newest["20260103"]?["status"]?.string == "failed")
        #expect(newest["20260102"]?["database"]?.string == "postgres")
        #expect(newest["20260102"]?["host"]?.string == "127.0.0.1:\(port)")
        let place = ["--service", "shop", "--env", "dev", "--url", url]
        try shop.ledger.run(["import", "dbmate"] + place).expect(0, "2 rows", "0 recorded")
        try shop.ledger.run(["reconcile", "dbmate"] + place).expect(0, "0 missing")
        try server.run("CREATE SCHEMA app; CREATE TABLE app.schema_migrations (version TEXT)")
        try shop.ledger.run(["import", "dbmate", "--table", "app.schema_migrations"] + place)
            .expect(0, "0 rows in app.schema_migrations")
        try shop.ledger.run(["import", "flyway"] + place)
            .expect(1, "there is no table flyway_schema_history")
        let wrong = "postgres://postgres:geheim@127.0.0.1:\(port)/nope"
        let refused = try shop.ledger.run(
            "import", "dbmate", "--service", "shop", "--env", "dev", "--url", wrong)
        refused.expect(1, "nope")
        for text in [refused.standardError, try shop.ledger.output("log", "-o", "ndjson")] {
            #expect(!text.contains("geheim"))
        }
        try shop.ledger.run("verify").expect(0)
    }
}
