import Foundation
import Glibc
import LedgerCore
import TestSupport
import Testing

/// `ledger redact` on a real file: what is erased is in no byte of it, and everything else stands.
@Suite struct RedactTests {
    private static let members = [
        "actor", "author", "requestor", "tester", "executed_as", "title", "message", "reason",
        "error", "command", "host",
    ]

    /// A deployment whose every private value and attachment has a word of its own.
    private static func event(_ number: Int) -> String {
        let values = members.map { #""\#($0)":"\#(word($0, number))""# }
        return """
            {"id":"\(number)","source":"test","service":"orders","environment":"prod",\
            "database":"shop","change":{"id":"\(number)"},"deployment":{"status":"succeeded"},\
            \(values.joined(separator: ",")),"attachments":{\
            "script":{"text":"CREATE TABLE \(word("script", number)) (id int);"},\
            "output":{"text":"\(word("output", number))"},\
            "more":{"text":"\(String(repeating: word("more", number), count: 900))"}}}
            """
    }

    private static func word(_ name: String, _ number: Int) -> String {
        name == "host" ? "host.example" : "secret_\(name)_\(number)_word"
    }

    private static func bytes(_ ledger: BuiltLedger) throws -> Data {
        try ["", "-wal"].reduce(into: Data()) { data, suffix in
            let path = ledger.path + suffix
            guard FileManager.default.fileExists(atPath: path) else { return }
            data += try Data(contentsOf: URL(fileURLWithPath: path))
        }
    }

    static func ledger(of count: Int) throws -> BuiltLedger {
        let ledger = try BuiltLedger()
        let events = (0..<count).map(event).joined(separator: "\n")
        try ledger.output("import", "events", "-", input: events)
        return ledger
    }

    @Test func erasesEveryKindOfValueFromEveryByteOfTheFile() throws {
        let ledger = try Self.ledger(of: 12)
        let head = try ledger.output("head")
        let names = Self.members + ["attachment:script", "attachment:output", "attachment:more"]
        for (place, name) in names.enumerated() {
            try ledger.output("redact", "3", "--member", name, "-m", "request 12")
            let word = Data(Self.word(String(name.split(separator: ":").last ?? ""), 3).utf8)
            let bytes = try Self.bytes(ledger)
            // A host is that of others too.
            if name != "host" { #expect(bytes.range(of: word) == nil, "\(name)") }
            let before = try ledger.run("show", "\(12 + place)").standardOutput
            #expect(before.contains("redaction.members  \(name)"))
            let other = Data(Self.word("message", 4).utf8)
            #expect(bytes.range(of: other) != nil)
        }
        let shown = try ledger.output("show", "3")
        for (place, name) in Self.members.enumerated() {
            let line = shown.split(separator: "\n").first { $0.hasPrefix("  \(name) ") } ?? ""
            #expect(line.contains(" erased ") && line.hasSuffix(" by #\(12 + place)"), "\(name)")
        }
        #expect(try ledger.output("query", "--text", "secret_message_4").contains("orders"))
        try expectVerified(ledger.path)
        try ledger.output("verify", "--expect", head.trimmingCharacters(in: .newlines))
        // Nothing of it comes back, and what is left is what a rebuilding would make.
        try ledger.output("reindex")
        try expectVerified(ledger.path)
    }

    @Test func aRandomSequenceOfErasuresLeavesNothingBehind() throws {
        let ledger = try Self.ledger(of: 120)
        var generator = SeededGenerator(seed: 11)
        var erased: Set<String> = []
        for _ in 0..<25 {
            let indexes = Set((0..<3).map { _ in Int.random(in: 0..<120, using: &generator) })
            let names = ["message", "host", "attachment:script", "attachment:more", "actor"]
            let name = names.randomElement(using: &generator) ?? ""
            let run = try ledger.run(
                ["redact", "--member", name, "-m", "x"] + indexes.sorted().map(String.init))
            let words = indexes.map { "\($0) \(name)" }
            // All or nothing.
            #expect(run.status == (erased.isDisjoint(with: words) ? 0 : 1), "\(run)")
            if run.status == 0 { erased.formUnion(words) }
        }
        let bytes = try Self.bytes(ledger)
        #expect(erased.count > 20)
        for word in erased {
            let parts = word.split(separator: " ")
            let name = String(parts[1].split(separator: ":").last ?? "")
            guard name != "host", let number = Int(parts[0]) else { continue }
            #expect(bytes.range(of: Data(Self.word(name, number).utf8)) == nil, "\(word)")
        }
        try expectVerified(ledger.path)
        let sql = "SELECT * FROM connection; SELECT * FROM touched; SELECT * FROM merge_text"
        let before = try ledger.sqlite3(sql).output
        try ledger.output("reindex")
        #expect(try ledger.sqlite3(sql).output == before)
    }

    @Test func theSameEventAgainHasTheFirstReceipt() throws {
        let ledger = try Self.ledger(of: 2)
        let note = [
            "record", "note", "--id", "n", "--message", "alice was here", "--time",
            "2026-11-01T03:00:00Z",
        ]
        let first = try ledger.run(note).standardOutput
        try ledger.output("redact", "2", "--member", "message", "-m", "x")
        let again = try ledger.run(note)
        #expect(again.status == 0 && again.standardOutput == first, "\(again)")
        // Nothing is left with which it could be compared.
        try ledger.output("redact", "1", "--member", "attachment:output", "-m", "x")
        try ledger.output("import", "events", "-", input: Self.event(1))
        #expect(try ledger.count() == 5)
        #expect(try Self.bytes(ledger).range(of: Data("alice was here".utf8)) == nil)
    }

    @Test func bytesOfSeveralEntriesGoWithTheLastOfThem() throws {
        let ledger = try BuiltLedger()
        let script = "CREATE TABLE shared_word (id int);\n"
        try ledger.folder.write(script, to: "V1__a.sql")
        for environment in ["dev", "prod"] {
            try ledger.output(
                "record", "deployment", "--service", "orders", "--env", environment, "--file",
                "V1__a.sql", "--status", "succeeded")
        }
        try ledger.output("record", "note", "--message", "m", "--attach", "copy=V1__a.sql")
        let kept = try ledger.run("redact", "0", "--member", "attachment:script", "-m", "x")
        #expect(kept.status == 0)
        #expect(kept.standardError.contains("#1 as attachment:script, #2 as attachment:copy"))
        try ledger.run("show", "0", "--script").expect(1, "was erased at", "by #3")
        #expect(try ledger.output("show", "1", "--script") == script)
        try expectVerified(ledger.path)
        try ledger.output("redact", "1", "--member", "attachment:script", "-m", "x")
        #expect(try ledger.output("query", "--object", "shared_word").contains("prod"))
        try ledger.output("redact", "2", "--member", "attachment:copy", "-m", "x")
        #expect(try Self.bytes(ledger).range(of: Data("shared_word".utf8)) == nil)
        try expectVerified(ledger.path)
        // Whoever sends the script anew brings it back.
        try ledger.output(
            "record", "deployment", "--service", "orders", "--env", "prod", "--tenant", "t",
            "--file", "V1__a.sql", "--status", "succeeded")
        #expect(try ledger.output("show", "6", "--script") == script)
        try ledger.run("show", "0", "--script").expect(1, "was erased")
        try expectVerified(ledger.path)
    }

    @Test func aMergesTextIsThatOfTheNextMergeThatBroughtIt() throws {
        let ledger = try BuiltLedger()
        func merge(_ number: Int, _ comment: String) -> String {
            """
            {"type":"merge","id":"\(number)","service":"orders","change":{"id":"42"},\
            "git":{"commit":"\(String(repeating: "\(number)", count: 40))"},\
            "attachments":{"script":{"text":"-- \(comment)\\nCREATE TABLE t (id int);"}}}
            """
        }
        let events = (1...3).map { merge($0, "by \($0)") }.joined(separator: "\n")
        try ledger.output("import", "events", "-", input: events)
        let sql = "SELECT change, idx FROM merge_text"
        #expect(try ledger.sqlite3(sql).output == "42|0\n")
        try ledger.output("redact", "0", "1", "--member", "attachment:script", "-m", "x")
        #expect(try ledger.sqlite3(sql).output == "42|2\n")
        try expectVerified(ledger.path)
        try ledger.output("redact", "2", "--member", "attachment:script", "-m", "x")
        #expect(try ledger.sqlite3(sql).output == "")
        try expectVerified(ledger.path)
    }

    @Test func whatTheStartOfADeploymentSaysIsToldOf() throws {
        let ledger = try BuiltLedger()
        try ledger.output(
            "run", "--service", "orders", "--env", "prod", "--change", "1", "--", "true",
            environment: ["LEDGER_ACTOR": "alice"])
        let run = try ledger.run("redact", "1", "--member", "actor", "-m", "x")
        #expect(run.standardError.contains("note: actor stands in #0 too, which is of the same"))
        #expect(try ledger.output("query").contains("alice"))
        let rest = try ledger.run("redact", "0", "--member", "actor", "-m", "x")
        #expect(rest.status == 0 && !rest.standardError.contains("note:"))
        #expect(try !ledger.output("query").contains("alice"))
    }

    @Test func whatCannotBeErasedIsSaid() throws {
        let ledger = try Self.ledger(of: 2)
        try ledger.run("redact", "9", "--member", "actor", "-m", "x").expect(
            1, "there is no entry #9", "the last one is #1")
        try ledger.run("redact", "1", "--member", "service", "-m", "x").expect(
            64, "service of entry #1 is public")
        try ledger.run("redact", "1", "--member", "attachment:x", "-m", "x").expect(
            1, "entry #1 has no attachment:x to erase", "it has actor, author,",
            "attachment:script")
        try ledger.output("redact", "1", "--member", "actor", "-m", "x")
        try ledger.run("redact", "1", "--member", "title", "--member", "actor", "-m", "x").expect(
            1, "actor of entry #1 was erased at 20", "by #2")
        try ledger.run("redact", "1", "--member", "actor", "-m", " ").expect(64, "nobody says why")
        #expect(try ledger.count() == 3)
        #expect(try ledger.output("show", "1").contains("secret_title_1_word"))
        // It is the ledger's own word.
        let forged = """
            {"type":"redaction","about":[{"entry":1}],"redaction":{"members":["title"]}}
            """
        #expect(
            try ledger.run("import", "events", "-", input: Data(forged.utf8)).standardError
                .contains("only the ledger itself"))
    }

    @Test func aReaderThatHoldsOldPagesIsNamed() throws {
        let ledger = try Self.ledger(of: 3)
        try ledger.output("redact", "0", "--member", "actor", "-m", "x")
        // What it holds back must still stand in the write-ahead log alone.
        try ledger.output("record", "note", "--message", "secret_note_word")
        let fifo = ledger.folder.file("fifo")
        try #require(mkfifo(fifo, 0o600) == 0)
        let log = ledger.folder.file("reader.log")
        let sql = "echo 'BEGIN; SELECT count(*) FROM entry;'"
        let reader = try TestProcess(
            ["sh", "-c", "(\(sql); cat '\(fifo)') | sqlite3 '\(ledger.path)'"],
            folder: ledger.folder.path, variables: ["PATH": "/usr/bin:/bin"],
            streams: [.file("/dev/null"), .file(log), .file("/dev/null")])
        try waitFor("the reader") {
            try String(contentsOfFile: log, encoding: .utf8) == "5\n" ? true : nil
        }
        let run = try ledger.run("redact", "4", "--member", "message", "-m", "x")
        run.expect(1, "-wal still holds old pages: process ", "(sqlite3) has it open")
        #expect(run.standardOutput.hasPrefix("ledger: #5 "))
        #expect(try ledger.output("show", "4").contains("by #5"))
        #expect(try Self.bytes(ledger).range(of: Data("secret_note_word".utf8)) != nil)
        // Whoever opens it to write and closes it ends the reading.
        let writer = open(fifo, O_WRONLY)
        close(writer)
        reader.wait()
        try ledger.run("redact", "4", "--member", "message", "-m", "x").expect(1, "was erased at")
        #expect(try Self.bytes(ledger).range(of: Data("secret_note_word".utf8)) == nil)
        try expectVerified(ledger.path)
    }

    @Test func anErasureThatIsKilledIsWholeOrNotThere() throws {
        let ledger = try Self.ledger(of: 8)
        var killed = 0
        for number in 0..<8 {
            let run = try Shell.execute(
                "timeout",
                [
                    "-s", "KILL", "0.0\(2 + number)", BuiltLedger.executable(), "redact",
                    "\(number)", "--member", "message", "--member", "attachment:more", "-m", "x",
                ], environment: ledger.variables)
            if run.status != 0 { killed += 1 }
            let isRecorded = try ledger.run("show", "\(number)", "-o", "json").standardOutput
                .contains(#""member":"message""#)
            let isThere = try ledger.run("show", "\(number)").standardOutput
                .contains(Self.word("message", number))
            #expect(isRecorded != isThere)
            try expectVerified(ledger.path)
        }
        // The rest, and the pages that a killed one left behind.
        for number in 0..<8 {
            try ledger.run(
                "redact", "\(number)", "--member", "message", "--member", "attachment:more", "-m",
                "x")
        }
        let bytes = try Self.bytes(ledger)
        for number in 0..<8 {
            for name in ["message", "more"] {
                #expect(bytes.range(of: Data(Self.word(name, number).utf8)) == nil)
            }
        }
        try expectVerified(ledger.path)
    }

    @Test func aValueThatIsPutBackIsFoundByBothVerifiers() throws {
        let ledger = try Self.ledger(of: 2)
        let copy = ledger.folder.file("copy.db")
        try ledger.output("backup", copy)
        try ledger.output(
            "redact", "1", "--member", "actor", "--member", "attachment:script", "-m", "x")
        let put = try ledger.sqlite3(
            """
            ATTACH '\(copy)' AS old; DROP TRIGGER private_update;
            UPDATE private SET actor = (SELECT actor FROM old.private WHERE idx = 1) WHERE idx = 1;
            INSERT INTO attachment (digest, bytes) SELECT digest, bytes FROM old.attachment
            WHERE digest NOT IN (SELECT digest FROM attachment)
            """)
        #expect(put.status == 0, "\(put)")
        let undone = ["1:redaction-undone", "1:redaction-undone"]
        #expect(try Verdict.ofPython(at: ledger.path) == Verdict(status: 5, codes: undone))
        let ours = try Verdict.ofLedger(at: ledger.path)
        #expect(ours.withoutDerived == undone)
    }
}

extension BuiltLedger {
    @discardableResult
    func run(_ arguments: [String]) throws -> Shell.Result {
        try Shell.execute(
            Self.executable(), arguments, environment: variables, folder: folder.path)
    }
}
