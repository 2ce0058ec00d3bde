import Foundation
import TestSupport
import Testing

/// The built service against `schema/openapi.yaml`, by tools that know nothing of our code.
@Suite struct ContractTests {
    private static let python = Torture.package + "/.build/python/bin/python"
    private static let folder = Torture.package + "/Tests/Contract"
    private static let isThere = FileManager.default.isExecutableFile(atPath: python)
    private static let why: Comment = "make setup puts the tools into .build/python"

    @Test(.enabled(if: isThere, why)) func everyAnswerIsAsDescribed() throws {
        let server = try RunningService()
        let result = try Shell.execute(
            Self.python,
            ["-B", Self.folder + "/check_answers.py", server.url]
                + ["admin", "reader", "writer"].map { try server.token($0) })
        #expect(result.status == 0, "\(result.standardOutput)\(result.standardError)")
        server.endWell()
    }

    /// With a fixed seed; `LEDGER_TORTURE=1` goes on for longer.
    @Test(.enabled(if: isThere, why)) func generatedRequestsAreAnsweredAsDescribed() throws {
        let server = try RunningService()
        try server.ledger.deploy("42")
        let result = try Shell.execute(
            Self.python,
            [
                "-B", "-m", "schemathesis.cli", "--config-file",
                Self.folder + "/schemathesis.toml", "run", server.url + "/openapi.yaml",
                "--header", "Authorization: Bearer \(try server.token("admin"))",
                // A stream has no end.
                "--exclude-path", "/v1/stream", "--seed", "1", "--no-color",
                "--max-time", Torture.isWhole ? "600" : "30", "--generation-database", "none",
            ],
            environment: [
                "PYTHONPATH": Self.folder, "SCHEMATHESIS_HOOKS": "schemathesis_hooks",
                "PYTHONDONTWRITEBYTECODE": "1",
            ], folder: server.ledger.folder.path)
        #expect(result.status == 0, "\(result.standardOutput)\(result.standardError)")
        #expect(result.standardOutput.contains("generated"))
        server.endWell()
        try expectVerified(server.ledger.path)
    }
}
