import Foundation
import LedgerCore
import TestSupport
import Testing

/// What is erased through a server is erased from its file, and only an admin may.
@Suite struct RemoteErasureTests {
    private static func text(_ ledger: BuiltLedger) throws -> String {
        try ["", "-wal"].map { suffix in
            String(
                decoding: try Data(contentsOf: URL(fileURLWithPath: ledger.path + suffix)),
                as: UTF8.self)
        }.joined()
    }

    @Test func anAdminErasesAndHoldsOverTheNetwork() throws {
        let served = try ServedLedger(BuiltLedger())
        let admin = try served.token("admin")
        let auditor = try served.token("auditor")
        func run(_ arguments: String..., token: String? = nil) throws -> Shell.Result {
            try served.run(arguments, token: token ?? admin)
        }
        for name in ["alice@example.com", "bob"] {
            let recorded = try run(
                "record", "note", "--message", "\(name) was here", "--actor", name, "--json")
            #expect(recorded.status == 0, "\(recorded)")
        }
        #expect(try run("hold", "add", "case-1", "-m", "audit").status == 0)
        try run("redact", "3", "--member", "actor", "-m", "x").expect(4, "case-1")
        try run("hold", "lift", "case-1", "-m", "over", token: auditor).expect(4)
        #expect(try run("hold", "lift", "case-1", "-m", "over").status == 0)
        try run("redact", "3", "--member", "actor", "-m", "x", token: auditor).expect(4)

        let redacted = try run("redact", "3", "--member", "message", "-m", "request 11")
        #expect(redacted.status == 0, "\(redacted)")
        #expect(redacted.standardError.contains("erased 1 value of 1 entry"))
        #expect(try !Self.text(served.ledger).contains("bob was here"))
        try run("redact", "3", "--member", "message", "-m", "x").expect(1, "was erased at", "by #6")
        #expect(try run("show", "3", token: auditor).standardOutput.contains("by #6"))

        let out = served.ledger.folder.file("alice")
        #expect(try run("subject", "alice@example.com", "--out", out, token: auditor).status == 0)
        #expect(
            try String(contentsOfFile: out + "/summary.txt", encoding: .utf8).contains("as actor"))
        #expect(
            try run("forget", "alice@example.com", token: auditor).standardOutput
                .contains("#2  actor  note"))
        try run("forget", "alice@example.com", "--yes", "-m", "x", token: auditor).expect(4)
        let forgotten = try run("forget", "alice@example.com", "--yes", "-m", "request 12")
        #expect(forgotten.status == 0, "\(forgotten)")
        #expect(try !Self.text(served.ledger).contains("alice"))
        try run("forget", "alice@example.com", "--yes", "-m", "x").expect(1, "nothing")
        try expectVerified(served.ledger.path)
    }
}
