import Foundation
import LedgerCore
import TestSupport
import Testing

@Suite struct CommandImportTests {
    private static func event(_ id: Int, _ member: String = "service") -> String {
        """
        {"id":"\(id)","source":"s","\(member)":"orders","environment":"prod",\
        "change":{"id":"\(id)"},"deployment":{"status":"succeeded"}}
        """
    }

    @Test func linesAndArraysAreTakenAlikeAndOnce() throws {
        let ledger = try BuiltLedger()
        let lines = Self.event(1) + "\n\n" + Self.event(2) + "\n"
        let first = try ledger.run("import", "events", "-", input: Data(lines.utf8))
        first.expect(0, "2 recorded")
        #expect(first.standardOutput.hasPrefix("ledger: #1 "))
        let array = "[\n\(Self.event(1)),\n\(Self.event(2)), \(Self.event(3))\n]\n"
        let path = try ledger.folder.write(array, to: "events.json")
        try ledger.run("import", "events", path).expect(0, "1 recorded, 2 recorded before")
        let again = try ledger.run("import", "events", path)
        again.expect(0, "0 recorded, 3 recorded before")
        #expect(again.standardOutput.isEmpty)
        #expect(try ledger.count() == 3)
        try ledger.run("verify").expect(0)
    }

    @Test func aBadLineIsNamedAndNothingIsRecorded() throws {
        let ledger = try BuiltLedger()
        let lines = "\(Self.event(1))\n\(Self.event(2, "servce"))\n\(Self.event(3))\n"
        let path = try ledger.folder.write(lines, to: "events.ndjson")
        try ledger.run("import", "events", path)
            .expect(1, "line 2", "\"servce\"", "Nothing was recorded", "did you mean service?")
        #expect(try ledger.count() == 0)
        let array = try ledger.folder.write("[\n\(Self.event(1)),\n{\"a\":]\n", to: "events.json")
        try ledger.run("import", "events", array).expect(1, "line 3", "Nothing was recorded")
        #expect(try ledger.count() == 0)
        try ledger.run("import", "events", "nope.json").expect(1, "nope.json")
    }

    @Test func itKeepsGoingIfItIsTold() throws {
        let ledger = try BuiltLedger()
        let lines = "\(Self.event(1))\nnot JSON\n\(Self.event(2, "servce"))\n\(Self.event(3))\n"
        let path = try ledger.folder.write(lines, to: "events.ndjson")
        try ledger.run("import", "events", "--keep-going", path)
            .expect(1, "refused: line 2", "refused: line 3", "2 recorded, 2 refused")
        #expect(try ledger.rows().compactMap { $0["id"]?.string }.sorted() == ["1", "3"])
    }

    @Test func aByteOrderMarkIsPassedOver() throws {
        let ledger = try BuiltLedger()
        for (id, form) in [(1, "\(Self.event(1))\n"), (2, "[\(Self.event(2))]")] {
            let input = Data([0xEF, 0xBB, 0xBF] + form.utf8)
            try ledger.run("import", "events", "-", input: input).expect(0, "1 recorded")
            #expect(try ledger.count() == id)
        }
    }

    @Test func whatStandsBeforeTheCutOfAnArrayIsRecordedIfToldSo() throws {
        let ledger = try BuiltLedger()
        let cut = "[\n\(Self.event(1)),\n\(Self.event(2)),\n{\"id\":\"3"
        let path = try ledger.folder.write(cut, to: "cut.json")
        try ledger.run("import", "events", path)
            .expect(1, "line 4: the file ends before its array does", "Nothing was recorded")
        #expect(try ledger.count() == 0)
        try ledger.run("import", "events", "--keep-going", path)
            .expect(1, "the file ends before its array does", "not read", "2 recorded, 1 refused")
        #expect(try ledger.count() == 2)
    }

    @Test func placesAreCountedFromTheLineOrFromTheEvent() throws {
        let ledger = try BuiltLedger()
        try ledger.folder.write("[{\"a\": \"b\"},\n\n{\n\"a\": x}]", to: "array")
        try ledger.run("import", "events", "--keep-going", "array")
            .expect(1, "the event that begins in line 3: not valid JSON", "at its byte 7")
        try ledger.folder.write("\n{\"a\": x}", to: "lines")
        try ledger.run("import", "events", "lines")
            .expect(1, "ledger: line 2: not valid JSON", "at its byte 6")
    }

    @Test func aTimeFarAheadIsToldOfAndRecorded() throws {
        let ledger = try BuiltLedger()
        let event = #"{"type":"note","message":"m","time":"9000-01-01T00:00:00Z"}"#
        try ledger.run("import", "events", "-", input: Data("\n\(event)\n\(event)".utf8))
            .expect(0, "2 events", "more than a day ahead", "9000-01-01T00:00:00.000Z, line 2")
        let flags = ["record", "note", "--message", "m", "--time"]
        for (time, isTold) in [("9000-01-01T00:00:00Z", true), ("2020-01-01T00:00:00Z", false)] {
            let result = try Shell.execute(
                BuiltLedger.executable(), flags + [time], environment: ledger.variables)
            result.expect(0)
            #expect(result.standardError.contains("ahead of this machine's clock") == isTold)
        }
        #expect(try ledger.count() == 4)
    }

    @Test func otherContentUnderTheSameIdIsAConflict() throws {
        let ledger = try BuiltLedger()
        try ledger.output("import", "events", "-", input: Self.event(1) + "\n")
        let other = Self.event(1).replacing("succeeded", with: "failed") + "\n"
        let result = try ledger.run("import", "events", "-", input: Data(other.utf8))
        result.expect(1, "line 1")
        #expect(try ledger.count() == 1)
    }

    @Test func mergesComeFromGitOnce() throws {
        let ledger = try BuiltLedger()
        let script = """
            set -e
            git init -q -b main . && git commit -q --allow-empty -m Begin
            git checkout -q -b INC-9-index && mkdir m && echo 'SELECT 1;' > m/V1__one.sql
            git add m && git commit -q -m 'Add one' && git checkout -q main
            git merge -q --no-ff INC-9-index -m "Merge branch 'INC-9-index'"
            """
        let made = try Shell.execute(
            "bash", ["-c", script],
            environment: [
                "HOME": ledger.folder.path, "GIT_AUTHOR_NAME": "Ann",
                "GIT_AUTHOR_EMAIL": "ann@x.org",
                "GIT_COMMITTER_NAME": "Dee", "GIT_COMMITTER_EMAIL": "dee@x.org",
            ], folder: ledger.folder.path)
        made.expect(0)
        try ledger.run("import", "git").expect(64, "ledger.yaml", "--paths")
        let flags = ["import", "git", "--service", "orders", "--paths", "m/**", "--tool", "flyway"]
        for count in [1, 0] {
            let result = try Shell.execute(
                BuiltLedger.executable(), flags, environment: ledger.variables,
                folder: ledger.folder.path)
            result.expect(0, "\(count) recorded")
        }
        let row = try #require(try ledger.rows("--type", "merge").first)
        #expect(row["change"]?.string == "1")
        #expect(row["actor"]?.object?["id"]?.string == "dee@x.org")
        #expect(row["author"]?.object?["id"]?.string == "ann@x.org")
        #expect(row["ticket"]?.string == "INC-9")
        #expect(try ledger.output("show", "orders:V1", "--script") == "SELECT 1;\n")
        #expect(try ledger.count() == 1)
        try ledger.run("import", "git", "/").expect(64)
        try ledger.run("import", "git", "/", "--service", "orders", "--paths", "m/**")
            .expect(1, "not in a Git repository")
    }
}
