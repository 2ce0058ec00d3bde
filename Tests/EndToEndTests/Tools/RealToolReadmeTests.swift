import Foundation
import LedgerCore
import TestSupport
import Testing

/// The lines of the README with which an application records what its Alembic does as it starts.
@Suite(
    .enabled(
        if: RealTool.folder != nil && PostgresServer.isInstalled,
        "make test-tools installs the tools and the server"))
struct RealToolReadmeTests {
    private static let days = ["20260101", "20260102", "20260103", "20260104"]

    @Test func anApplicationRecordsItsMigrations() throws {
        let secret = PostgresLogin.newSecret()
        let server = try PostgresServer(password: PostgresLogin.password(of: secret))
        defer { server.stop() }
        let alembic = try #require(RealTool.all.first { $0.name == "alembic" })
        let login = PostgresLogin(port: try #require(server.port), secret: secret)
        let shop = try Workshop(alembic, on: login)
        try takeOverLines(shop)
        for (number, day) in Self.days.prefix(3).enumerated() { try write(shop, day, number) }
        #expect(try start(shop, "upgrade", "head").status == 0)
        #expect(try shop.applied() == Set(Self.days[..<3]))
        #expect(try shop.applied() == alembic.applied(shop))
        #expect(try shop.newest().values.allSatisfy { $0["digest"] != nil && $0["at"] != nil })
        #expect(try start(shop, "downgrade", "-1").status == 0)
        #expect(try shop.newest()[Self.days[2]]?["operation"]?.string == "revert")
        #expect(try shop.applied() == alembic.applied(shop))
        try shop.table("reconcile").expect(0, "0 missing")

        // The server takes back all of what fails, and the ledger has none of it.
        try write(shop, Self.days[3], 1)
        let count = try shop.ledger.count()
        #expect(try start(shop, "upgrade", "head").status != 0)
        #expect(try shop.ledger.count() == count)
        #expect(try shop.applied() == alembic.applied(shop))
        #expect(try start(shop, "stamp", Self.days[2]).status == 0)
        #expect(try shop.newest()[Self.days[2]]?["operation"]?.string == "mark")
        try shop.ledger.run("verify").expect(0)
    }

    /// Nobody answers; there is no ledger; there is no command.
    @Test func aLedgerThatIsAwayStopsNothing() throws {
        let alembic = try #require(RealTool.all.first { $0.name == "alembic" })
        let silent = try FaultyServer(.hangs)
        let faults = [
            ["LEDGER": silent.url, "LEDGER_TOKEN": "x"], ["LEDGER": "/nowhere/ledger.db"],
            ["PATH": "\(RealTool.folder ?? "")/bin:/usr/bin:/bin"],
        ]
        for fault in faults {
            let shop = try Workshop(alembic)
            try takeOverLines(shop)
            for (number, day) in Self.days.prefix(3).enumerated() { try write(shop, day, number) }
            let began = ContinuousClock.now
            let result = try start(shop, "upgrade", "head", fault)
            #expect(result.status == 0, "\(result)")
            // Three times as long if it waited for each.
            #expect(ContinuousClock.now - began < .seconds(14), "\(fault)")
            #expect(try alembic.applied(shop) == Set(Self.days[..<3]))
            #expect(try shop.ledger.count() == 0)
            #expect(try !shop.table("reconcile").standardError.contains("0 missing"))
        }
        #expect(silent.requests.count == 1)
    }

    private func write(_ shop: Workshop, _ day: String, _ table: Int) throws {
        try shop.write(
            day, up: "CREATE TABLE t\(table) (x INT)", down: "DROP TABLE t\(table)")
    }

    private func takeOverLines(_ shop: Workshop) throws {
        let readme = try Readme()
        let block = try #require(
            readme.blocks.first { readme.lines[$0.range].first == "# alembic/env.py" })
        let lines = readme.lines[block.range].map { "        \($0)\n" }.joined()
        try shop.edit("alembic/env.py") { text in
            guard let connect = text.range(of: "connectable.connect() as connection:\n"),
                let end = text.range(of: "\n\nif context.is_offline_mode", options: .backwards)
            else { return "raise SystemExit('this is another env.py')\n" }
            return text[..<connect.upperBound] + lines + text[end.lowerBound...]
        }
    }

    /// As an application does it: within its own process.
    private func start(
        _ shop: Workshop, _ verb: String, _ revision: String, _ fault: [String: String] = [:]
    ) throws -> Shell.Result {
        let built = URL(fileURLWithPath: BuiltLedger.executable()).deletingLastPathComponent().path
        var variables = ["LEDGER_SERVICE": "shop", "LEDGER_ENV": "dev"]
        variables["PATH"] = "\(built):\(shop.variables["PATH"] ?? "")"
        return try shop.execute(
            [
                "python", "-c",
                "from alembic import command, config; from sys import argv; "
                    + "getattr(command, argv[1])(config.Config('alembic.ini'), argv[2])",
                verb, revision,
            ], environment: variables.merging(fault) { $1 })
    }
}
