import Foundation
import LedgerCore
import TestSupport
import Testing

/// One command that changes the databases of several targets.
@Suite
struct CommandRunTargetsTests {
    private let ledger: BuiltLedger

    init() throws {
        ledger = try BuiltLedger()
        var targets = "services: {shop: {paths: [db/migrations/**], tool: dbmate}}\ntargets:\n"
        for tenant in ["acme", "globex", "initech"] {
            targets += "  - {address: \(tenant).db, service: shop, environment: prod, "
            targets += "tenant: \(tenant)}\n"
        }
        try ledger.folder.write(targets, to: "ledger.yaml")
        for (version, table) in [("1", "a"), ("2", "b"), ("3", "c")] {
            try ledger.folder.write(
                "-- migrate:up\nCREATE TABLE \(table) (x INT);\n-- migrate:down\n",
                to: "db/migrations/\(version)_\(table).sql")
        }
        // As dbmate does: each change, then its row, in one transaction.
        try ledger.folder.write(
            """
            #!/bin/sh
            # migrate.sh DATABASE: what is not there yet.
            sqlite3 "$1" 'CREATE TABLE IF NOT EXISTS schema_migrations (version TEXT)'
            for file in db/migrations/*.sql; do
              version=$(basename "$file" | cut -d_ -f1)
              [ "$(sqlite3 "$1" "SELECT 1 FROM schema_migrations WHERE version = $version")" ] &&
                continue
              echo "Applying: $(basename "$file")"
              { echo 'BEGIN;'; cat "$file"; echo "INSERT INTO schema_migrations VALUES ($version);"
                echo 'COMMIT;'; } | sqlite3 -bail "$1" || exit 1
            done
            """, to: "migrate.sh")
    }

    private func run(_ loop: String, _ flags: String...) throws -> Shell.Result {
        try Shell.execute(
            BuiltLedger.executable(),
            ["run", "--service", "shop", "--env", "prod"] + flags
                + ["--tool", "dbmate", "--", "sh", "-c", loop],
            environment: ledger.variables, folder: ledger.folder.path)
    }

    /// Tenant by tenant, the statuses of the changes 1, 2, 3.
    private func statuses() throws -> [String: [String]] {
        var found: [String: [String]] = [:]
        for row in try ledger.rows("--tenants", "--reverse", "--limit", "1000") {
            guard let tenant = row["tenant"]?.string, let status = row["status"]?.string else {
                continue
            }
            #expect(row["tool"]?.string == "dbmate")
            #expect(row["database"]?.string == "\(tenant).db")
            #expect(row["group"] != nil)
            found[tenant, default: []].append((row["change"]?.string ?? "?") + " " + status)
        }
        return found
    }

    private static let loop = "for t in acme globex initech; do "

    /// What is recorded of a loop in which the second tenant's second change fails.
    private func statusesOfFailure(_ body: String) throws -> [String: [String]] {
        _ = try Shell.run("sqlite3", [ledger.folder.file("globex.db"), "CREATE TABLE b (x INT)"])
        let result = try run(Self.loop + body)
        #expect(result.status == 1, "\(result)")
        return try statuses()
    }

    @Test func eachTargetHasDeploymentsOfItsOwn() throws {
        let result = try run(Self.loop + "sh migrate.sh $t.db; done")
        #expect(result.status == 0, "\(result)")
        let all = ["1 succeeded", "2 succeeded", "3 succeeded"]
        #expect(try statuses() == ["acme": all, "globex": all, "initech": all])
        // The run itself is there too, and of no tenant.
        #expect(try ledger.rows("--tenants").contains { $0["tenant"] == nil })
    }

    @Test func whatStoppedAtTheSecondIsSaidAndWhatWasNotReached() throws {
        #expect(
            try statusesOfFailure("echo \"== $t\"; sh migrate.sh $t.db || exit 1; done") == [
                "acme": ["1 succeeded", "2 succeeded", "3 succeeded"],
                "globex": ["1 succeeded", "2 failed", "3 skipped"],
                "initech": ["1 skipped", "2 skipped", "3 skipped"],
            ])
    }

    /// What the output doesn't tell is not known, and not made up.
    @Test func whereItStoppedMayBeUnknown() throws {
        #expect(
            try statusesOfFailure("sh migrate.sh $t.db || exit 1; done") == [
                "acme": ["1 succeeded", "2 succeeded", "3 succeeded"],
                "globex": ["1 succeeded", "2 unknown", "3 skipped"],
                "initech": ["1 unknown", "2 skipped", "3 skipped"],
            ])
    }

    /// A loop that goes on after a failure.
    @Test func whatCameAfterAFailureIsThere() throws {
        let all = ["1 succeeded", "2 succeeded", "3 succeeded"]
        #expect(
            try statusesOfFailure(
                "echo \"== $t\"; sh migrate.sh $t.db || failed=1; done; exit $failed") == [
                    "acme": all, "globex": ["1 succeeded", "2 unknown", "3 skipped"],
                    "initech": all,
                ])
    }

    /// One of them is named: the others are none of its business.
    @Test func aTenantThatIsGivenIsTheOnlyOne() throws {
        let result = try run("sh migrate.sh globex.db", "--tenant", "globex")
        #expect(result.status == 0, "\(result)")
        #expect(try statuses().keys.sorted() == ["globex"])
    }

    /// The database is known to be somebody else's.
    @Test func anotherEnvironmentsDatabaseIsRecordedAsSuch() throws {
        let command = ["--", "sqlite3", "-bail", "acme.db", "CREATE TABLE z (x INT)"]
        let result = try Shell.execute(
            BuiltLedger.executable(), ["run", "--service", "shop", "--env", "dev"] + command,
            environment: ledger.variables, folder: ledger.folder.path)
        #expect(result.status == 0)
        #expect(result.standardError.contains("this database is that of shop/prod/acme"))
        let row = try #require(try ledger.rows("--env", "dev").first)
        #expect(row[["labels", "connected_to"]]?.string == "shop/prod/acme", "\(row)")
        let second = try Shell.execute(
            BuiltLedger.executable(), ["run"] + command,
            environment: ledger.variables, folder: ledger.folder.path)
        #expect(!second.standardError.contains("this database"))
        #expect(try ledger.rows("--env", "prod").first?["labels"] == nil)
    }
}
