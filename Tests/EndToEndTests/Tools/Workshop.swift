import Foundation
import LedgerCore
import TestSupport
import Testing

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
    /// Where its tool works, if not on a file of SQLite.
    private let login: PostgresLogin?

    init(_ tool: RealTool, on login: PostgresLogin? = nil) throws {
        (self.tool, self.login) = (tool, login)
        ledger = try BuiltLedger()
        try tool.prepare(self)
        if let login {
            try tool.connect(self, login)
            try watchProcesses()
        }
    }

    /// The file of SQLite; nil for the database that the tool's settings name.
    var place: String? { login == nil ? database : nil }

    var variables: [String: String] {
        let tools = RealTool.folder ?? ""
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return [
            "PATH": "\(ledger.folder.path)/bin:\(tools)/bin:\(path)", "SQITCH_FULLNAME": "Ann",
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

    /// Runs a command without the ledger.
    func execute(
        _ command: [String], environment: [String: String] = [:]
    ) throws -> Shell.Result {
        try Shell.execute(
            command[0], Array(command.dropFirst()),
            environment: ledger.variables.merging(variables) { $1 }.merging(environment) { $1 },
            folder: ledger.folder.path)
    }

    /// Runs a command of the tool without the ledger, which succeeds.
    @discardableResult
    func tool(_ command: [String]) throws -> String {
        let result = try execute(command)
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
        if let login {
            if tool.name == "django" {
                variables["LEDGER_DATABASE_URL"] = login.url("postgresql")
            }
        } else if ["alembic", "django"].contains(tool.name) {
            variables["LEDGER_DATABASE_URL"] = "sqlite:///\(file)"
            variables["SHOP_URL"] = "sqlite:///\(file)"
            variables["SHOP_FILE"] = file
        }
        return try ledger.run(
            ["run", "--service", "shop", "--env", "dev"] + (tenant.map { ["--tenant", $0] } ?? [])
                + ["--"] + command,
            environment: variables)
    }

    func take() throws -> Shell.Result { try table("import") }

    /// Has the ledger read the tool's own table.
    func table(_ verb: String) throws -> Shell.Result {
        try ledger.run(
            [verb, tool.name, "--service", "shop", "--env", "dev"]
                + (login == nil ? ["--database-file", tableFile] : []),
            environment: variables.merging(
                login.map { ["LEDGER_DATABASE_URL": $0.url("postgresql")] } ?? [:]
            ) { $1 })
    }

    /// What everybody sees of the machine's processes, whenever a `psql` starts.
    func seenProcesses() throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: ledger.folder.file("processes")))
    }

    private func watchProcesses() throws {
        let psql = try Shell.run("sh", ["-c", "command -v psql"]).output
        try ledger.folder.writeProgram(
            """
            #!/bin/sh
            cat /proc/[0-9]*/cmdline >>'\(ledger.folder.file("processes"))' 2>/dev/null
            exec \(psql.split(separator: "\n").first ?? "psql") "$@"
            """, to: "bin/psql")
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
