import Foundation
import LedgerCore
import TestSupport
import Testing

/// `ledger forget`, `hold` and `subject` on real files.
@Suite struct ForgetTests {
    private static let commit = String(repeating: "a", count: 40)

    private static func merge(_ change: Int, by author: String, more: String = "") -> String {
        """
        {"type":"merge","id":"m\(change)","service":"orders","change":{"id":"\(change)"},\
        "git":{"commit":"\(commit)"},"author":\(author)\(more)}
        """
    }

    private static func review(_ change: Int, by actor: String, _ number: Int = 0) -> String {
        """
        {"type":"review","id":"r\(change)-\(number)","service":"orders",\
        "change":{"id":"\(change)"},"review":{"decision":"approved"},"actor":"\(actor)"}
        """
    }

    private static func run(_ change: Int, by actor: String, startedBy: String? = nil) -> String {
        func event(_ status: String, _ actor: String) -> String {
            """
            {"id":"d\(change)-\(status)","service":"orders","environment":"prod",\
            "change":{"id":"\(change)"},"deployment":{"id":"\(change)","status":"\(status)"},\
            "actor":"\(actor)"}
            """
        }
        let end = event("succeeded", actor)
        return startedBy.map { event("started", $0) + "\n" + end } ?? end
    }

    private static let alice = #"{"id":"alice@example.com","name":"Alice Smith"}"#

    /// 41 is approved by its author under another name, 42 and 43 by somebody else.
    private static func ledger(_ more: String...) throws -> BuiltLedger {
        let ledger = try BuiltLedger()
        let events =
            [
                merge(
                    41, by: alice,
                    more: #","attachments":{"script":{"text":"-- by Alice Smith\nDROP TABLE t;"}}"#),
                review(41, by: "alice-gh"), run(41, by: "ci"),
                merge(42, by: #""ALICE@example.com""#), review(42, by: "bob"), run(42, by: "ci"),
                merge(43, by: #""bob""#), review(43, by: "alice-gh"), run(43, by: "alice-gh"),
                #"{"type":"note","message":"ask Alice-GH, not malice","actor":"bob"}"#,
            ] + more
        try ledger.output("import", "events", "-", input: events.joined(separator: "\n"))
        try ledger.output("person", "alias", "alice@example.com", "alice-gh")
        return ledger
    }

    private static func text(_ ledger: BuiltLedger) throws -> String {
        try ["", "-wal"].map { suffix in
            let path = ledger.path + suffix
            guard FileManager.default.fileExists(atPath: path) else { return "" }
            let data = try Data(contentsOf: URL(fileURLWithPath: path))
            return String(decoding: data, as: UTF8.self).lowercased()
        }.joined()
    }

    private static func findings(_ ledger: BuiltLedger) throws -> String {
        let run = try ledger.run("check", "-o", "ndjson")
        #expect(run.status == 0 || run.status == 3, "\(run)")
        return run.standardOutput
    }

    @Test func showsEverythingAndErasesNothingAtFirst() throws {
        let ledger = try Self.ledger(
            #"{"type":"note","message":"m","labels":{"asked":"alice-gh"},"actor":"bob"}"#,
            Self.merge(50, by: #"{"id":"a.smith@example.com","name":"alice smith"}"#))
        try ledger.folder.write(
            #"{"event":{"id":"x","type":"note","message":"for alice-gh"},"ledger":"l","source":"s","v":1}"#,
            to: "spool/01.json")
        let head = try ledger.output("head")
        let run = try ledger.run("forget", "alice-gh")
        #expect(run.status == 0)
        for line in [
            "alice-gh\n  also ALICE@example.com, alice@example.com\n  by name Alice Smith\n",
            "\n  #0  author  merge orders 41\n", "\n  #12  alias, person  correlation\n",
            "\n  #0  attachment:script  merge orders 41\n", "\n  #9  message  note\n",
            "public members, which can't be erased\n  #10  labels.asked  note\n",
            "perhaps the same person\n  a.smith@example.com\n",
        ] {
            #expect(run.standardOutput.contains(line), "\(line) in \(run.standardOutput)")
        }
        #expect(run.standardError.contains("01.json in "))
        #expect(run.standardError.contains("nothing is erased yet: --yes -m '...' erases "))
        #expect(try ledger.output("head") == head)
        let json = try ledger.output("forget", "alice-gh", "--json")
        #expect(json.contains(#"{"entry":9,"kind":"mention","member":"message","what":"note"}"#))
        try ledger.run("forget", "nobody@example.com").expect(1, "nothing in the ledger names")
        try ledger.run("forget", "alice-gh", "--yes").expect(64, "nobody says why")
    }

    @Test func erasesThePersonFromEveryByteAndKeepsTheVerdicts() throws {
        let ledger = try Self.ledger()
        let before = try Self.findings(ledger)
        #expect(before.contains(#""self-approved""#))
        try ledger.run("forget", "alice@example.com", "--yes", "-m", "as Alice-GH asked").expect(
            64, "the reason names")
        let run = try ledger.run(
            "forget", "alice@example.com", "--yes", "-m", "request 12",
            environment: ["LEDGER_ACTOR": "alice-gh"])
        #expect(run.status == 0, "\(run)")
        let text = try Self.text(ledger)
        #expect(!text.replacing("malice", with: "").contains("alice"))
        #expect(text.contains("bob") && text.contains("request 12"))
        #expect(try Self.findings(ledger) == before)
        try expectVerified(ledger.path)
        try ledger.output("reindex")
        #expect(try Self.findings(ledger) == before)
        try expectVerified(ledger.path)
        try ledger.run("forget", "alice@example.com", "--yes", "-m", "x").expect(
            1, "nothing that can be erased")
    }

    /// Whoever is forgotten: what is found of who approved whose change stays.
    @Test(arguments: 1...6) func verdictsStandInAnyHistory(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        // One goes by another name that somebody said, and by the name that Git gives.
        let people = ["alice@example.com", "alice-gh", "Alice", "bob", "carol@example.com"]
        let names = ["alice@example.com": "alice", "bob": "Bob B", "carol@example.com": "Carol"]
        func person() -> String { people.randomElement(using: &generator) ?? "" }
        var events: [String] = []
        for change in 1...14 {
            let author = person()
            let isNamed = Bool.random(using: &generator)
            let name = isNamed ? names[author].map { #","name":"\#($0)""# } ?? "" : ""
            events.append(Self.merge(change, by: #"{"id":"\#(author)"\#(name)}"#))
            for number in 0..<Int.random(in: 0...2, using: &generator) {
                events.append(Self.review(change, by: person(), number))
            }
            events.append(
                Self.run(
                    change, by: person(),
                    startedBy: Bool.random(using: &generator) ? person() : nil))
        }
        let ledger = try BuiltLedger()
        try ledger.output("import", "events", "-", input: events.joined(separator: "\n"))
        if seed % 2 == 0 { try ledger.output("person", "alias", "alice@example.com", "alice-gh") }
        let before = try Self.findings(ledger)
        for _ in 0..<2 {
            _ = try ledger.run("forget", person(), "--yes", "-m", "request")
            #expect(try Self.findings(ledger) == before)
        }
        try expectVerified(ledger.path)
    }

    /// A single redaction can't tell who it was: it never makes a finding go.
    @Test(arguments: ["approved", "rejected"]) func anErasedReviewerHidesNothing(
        decision: String
    ) throws {
        let review = Self.review(44, by: "carol").replacing("approved", with: decision)
        let ledger = try Self.ledger(
            Self.merge(44, by: Self.alice), Self.review(44, by: "bob", 1), review,
            Self.run(44, by: "ci"))
        let before = try Self.findings(ledger)
        for index in ["1", "12"] {
            try ledger.output("redact", index, "--member", "actor", "-m", "x")
        }
        let after = try Self.findings(ledger)
        for line in before.split(separator: "\n") {
            let finding = try JSONReader.read(Array(line.utf8)).object?["id"]?.string ?? ""
            #expect(after.contains(finding), "\(finding)")
        }
    }

    /// Where a finding may take somebody for another one by a name that several have, it knows
    /// nobody afterwards, rather than somebody else.
    @Test func aNameThatSeveralHaveHidesNothing() throws {
        let ledger = try Self.ledger(
            Self.merge(44, by: #"{"id":"x@example.com","name":"admin"}"#),
            Self.merge(45, by: #"{"id":"y@example.com","name":"admin"}"#),
            Self.review(44, by: "admin"), Self.run(44, by: "ci"))
        #expect(try Self.findings(ledger).contains("self-approved:orders/prod:44"))
        try ledger.output("forget", "x@example.com", "--yes", "-m", "x")
        #expect(try ledger.output("show", "12").contains("admin"))
        #expect(try Self.findings(ledger).contains("self-approved:orders/prod:44"))
        try ledger.output("forget", "admin", "--yes", "-m", "x")
        #expect(try Self.findings(ledger).contains("self-approved:orders/prod:44"))
        try expectVerified(ledger.path)
    }

    @Test func aTextMayStay() throws {
        let ledger = try Self.ledger()
        try ledger.output(
            "forget", "alice@example.com", "--keep", "attachment:script", "--yes", "-m", "x")
        #expect(try ledger.output("show", "0", "--script").contains("by Alice Smith"))
        #expect(try !ledger.output("show", "9").contains("ask Alice"))
        try expectVerified(ledger.path)
    }

    @Test func aHoldStopsErasing() throws {
        let ledger = try Self.ledger()
        try ledger.output("hold", "add", "case-14", "--person", "ALICE@example.com", "-m", "claim")
        try ledger.run("hold", "add", "case-14", "-m", "claim").expect(1, "is held by #11")
        #expect(try ledger.output("hold", "list").contains("case-14"))
        #expect(try ledger.output("hold", "list", "-o", "csv").contains(",claim"))
        try ledger.run("forget", "alice-gh", "--yes", "-m", "x").expect(4, "case-14", "by #11")
        #expect(try ledger.output("forget", "alice-gh").contains("  held for case-14\n"))
        try ledger.run("redact", "1", "--member", "actor", "-m", "x").expect(4, "case-14")
        try ledger.run("redact", "11", "--member", "person", "-m", "x").expect(4, "case-14")
        try ledger.output("redact", "4", "--member", "actor", "-m", "not held")
        try ledger.output("hold", "lift", "case-14", "-m", "settled")
        try ledger.run("hold", "lift", "case-14", "-m", "settled").expect(1, "nothing is held")
        try ledger.output("hold", "add", "case-15", "--service", "billing", "-m", "audit")
        try ledger.output("forget", "alice-gh", "--yes", "-m", "request 12")
        #expect(try !Self.text(ledger).replacing("malice", with: "").contains("alice"))
        try ledger.output("hold", "add", "everything", "-m", "audit")
        try ledger.run("redact", "9", "--member", "actor", "-m", "x").expect(4, "everything")
        let forged = #"{"type":"hold","hold":{"action":"lift","matter":"everything"}}"#
        #expect(try ledger.run("import", "events", "-", input: Data(forged.utf8)).status == 1)
        try expectVerified(ledger.path)
    }

    @Test func aSubjectGetsWhatIsKnownOfThemAndNothingOfOthers() throws {
        let ledger = try Self.ledger()
        let out = ledger.folder.file("out")
        try ledger.output("subject", "alice-gh", "--out", out)
        let json = try String(contentsOfFile: out + "/subject.json", encoding: .utf8)
        let subject = try #require(try JSONReader.read(Array(json.utf8)).object)
        let entries = (subject["entries"]?.array ?? []).compactMap(\.object)
        #expect(entries.compactMap { $0["index"]?.integer } == [0, 1, 3, 7, 8, 9, 10])
        #expect(entries[0][["private", "author", "name"]] == "Alice Smith")
        #expect(entries[5][["private", "message"]] == "ask Alice-GH, not malice")
        #expect(!json.contains("bob"))
        let digest = try #require(entries[0][["attachments", "attachment:script"]]?.string)
        let script = out + "/attachments/" + digest.dropFirst(7)
        let bytes = try String(contentsOfFile: script, encoding: .utf8)
        #expect(bytes == "-- by Alice Smith\nDROP TABLE t;")
        let summary = try String(contentsOfFile: out + "/summary.txt", encoding: .utf8)
        #expect(summary.contains("#9  ") && summary.contains("    named in message\n"))
        try ledger.run("subject", "alice-gh", "--out", out).expect(1, "exists already")
        // A folder that can't be made leaves nothing.
        try ledger.run("subject", "alice-gh", "--out", ledger.folder.file("no/out")).expect(
            1, "No such file")
        try ledger.run("subject", "nobody", "--out", out + "2").expect(1, "nothing in the ledger")
        let names = try FileManager.default.contentsOfDirectory(atPath: ledger.folder.path)
        #expect(!names.contains { $0.contains("new-") || $0 == "out2" })
    }
}
