import Foundation
import LedgerCore
import TestSupport
import Testing

/// Exports of a small ledger, and what the verifiers say of them.
protocol ExportTesting {}

extension ExportTesting {
    static var texts: [String] {
        [
            "=1+1", "+1", "-1", "@x", "a,b", "say \"hi\"", "two\nlines", "tab\there", "ünïcødé 𝄞",
            "'=1",
            "\r\n", " ",
        ]
    }

    /// Twelve changes in Dev and Prod; each reason is something that spreadsheets trip over.
    func ledger() throws -> BuiltLedger {
        let ledger = try BuiltLedger()
        var lines = ""
        for (number, text) in Self.texts.enumerated() {
            for environment in ["dev", "prod"] {
                let event: JSON = [
                    "service": "orders", "environment": .string(environment),
                    "change": ["id": .string("V\(number)")],
                    "deployment": ["status": "succeeded"], "reason": .string("\(text)?"),
                    "time": .string("2026-01-01T\(10 + number):00:00Z"),
                ]
                lines += String(decoding: CanonicalJSON.bytes(event), as: UTF8.self) + "\n"
            }
        }
        try ledger.output("import", "events", "-", input: lines)
        return ledger
    }

    func export(
        _ ledger: BuiltLedger, _ name: String = "out", _ flags: String...
    ) throws -> String {
        let result = try Shell.execute(
            BuiltLedger.executable(), ["export", "change-population", "--out", name] + flags,
            environment: ledger.variables, folder: ledger.folder.path)
        #expect(result.status == 0, "\(result.standardError)")
        return ledger.folder.file(name)
    }

    func verify(_ ledger: BuiltLedger, _ folder: String, alone: Bool = false) throws
        -> Shell.Result
    {
        let path = try #require(ledger.variables["LEDGER"])
        return try Shell.execute(
            BuiltLedger.executable(),
            ["export", "verify", folder] + (alone ? [] : ["--ledger", path]),
            environment: ledger.variables, folder: ledger.folder.path)
    }

    /// What the verifier in Python says, which shares no code with ours.
    func verifyInPython(_ folder: String) throws -> Shell.Result {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        return try Shell.execute(
            "python3", [tests.appendingPathComponent("verify_export.py").path, folder])
    }

    func change(_ file: String, _ body: (String) -> String) throws {
        let url = URL(fileURLWithPath: file)
        let text = String(decoding: try Data(contentsOf: url), as: UTF8.self)
        let changed = body(text)
        #expect(changed != text)
        try Data(changed.utf8).write(to: url)
    }
}
