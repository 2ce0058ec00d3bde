import Foundation
import LedgerCore
import TestSupport
import Testing

/// The tools under `ledger run` on a real server, whose address and password their settings have.
@Suite(
    .enabled(
        if: RealTool.folder != nil && PostgresServer.isInstalled,
        "make test-tools installs the tools and the server"))
struct RealToolPostgresTests {
    private static let days = ["20260101", "20260102", "20260103", "20260104"]

    @Test(arguments: RealTool.all)
    func itIsTheSameAsTheToolSays(_ tool: RealTool) throws {
        let secret = PostgresLogin.newSecret()
        let server = try PostgresServer(password: PostgresLogin.password(of: secret))
        defer { server.stop() }
        let login = PostgresLogin(port: try #require(server.port), secret: secret)
        let shop = try Workshop(tool, on: login)
        let ids = Self.days.map(tool.changeID)
        for (number, day) in Self.days.prefix(3).enumerated() { try write(shop, day, number) }
        var results = [try shop.run(tool.deploy(nil))]
        #expect(results[0].status == 0, "\(results)")
        #expect(try shop.applied() == Set(ids[..<3]), "\(results)")
        #expect(try shop.applied() == tool.applied(shop))
        for (change, row) in try shop.newest() where ids.contains(change) {
            #expect(row["digest"] != nil, "\(change)")
            #expect(row["database"]?.string == login.database)
            #expect(row["host"]?.string == "127.0.0.1:\(login.port)")
        }

        // One fails, and the one before it is taken back.
        try write(shop, Self.days[3], 1)
        results.append(try shop.run(tool.deploy(nil)))
        #expect(results[1].status != 0)
        let failed = try #require(try shop.newest()[ids[3]], "\(results[1])")
        #expect(failed["status"]?.string == (tool.namesFailure ? "failed" : "unknown"))
        #expect(failed["error"]?.string?.contains("already exists") == true, "\(failed)")
        results.append(try shop.run(tool.revert(nil, Self.days[2], Self.days[1])))
        #expect(results[2].status == 0, "\(results[2])")
        #expect(try shop.newest()[ids[2]]?["operation"]?.string == "revert")
        #expect(try shop.applied() == Set(ids[..<2]))
        #expect(try shop.applied() == tool.applied(shop))

        // The table says nothing that the runs didn't.
        for (verb, words) in [("import", "0 recorded"), ("reconcile", "0 missing")] {
            results.append(try shop.table(verb))
            results.last?.expect(0, words)
        }
        try shop.ledger.run("verify").expect(0)
        try expectNobodySees(login.secret, of: shop, results)
    }

    private func write(_ shop: Workshop, _ day: String, _ table: Int) throws {
        try shop.write(
            day, up: "CREATE TABLE t\(table) (x INT)", down: "DROP TABLE t\(table)")
    }

    private func expectNobodySees(
        _ secret: String, of shop: Workshop, _ results: [Shell.Result]
    ) throws {
        for result in results {
            #expect(!(result.standardOutput + result.standardError).contains(secret))
        }
        let processes = try shop.seenProcesses()
        #expect(processes.range(of: Data("\0-v\0names=".utf8)) != nil)
        #expect(processes.range(of: Data(secret.utf8)) == nil)
        let folder = shop.ledger.folder
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasPrefix("ledger.") }
        #expect(names.contains("ledger.db"))
        for name in names {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: folder.file(name)))
            #expect(bytes.range(of: Data(secret.utf8)) == nil, "\(name)")
        }
        #expect(try shop.ledger.output("spool", "list") == "")
    }
}
