import LedgerCore
import TestSupport
import Testing

@testable import LedgerIngest

/// What tools print that check scripts, and the reviews that it becomes.
@Suite struct CheckReportTests {
    private static let tools = CheckReports.all.map { $0.name }

    private func report(_ name: String) throws -> any CheckReport.Type {
        try #require(CheckReports.all.first { $0.name == name })
    }

    @Test(arguments: tools) func examplesReadAsTheySay(_ name: String) throws {
        let report = try report(name)
        #expect(report.examples.count > 1)
        for example in report.examples {
            #expect(try report.results(in: Array(example.report.utf8)) == example.results)
        }
    }

    /// Whatever is cut off or changed, it is read or refused; nothing traps.
    @Test(arguments: tools) func garbageIsReadOrRefused(_ name: String) throws {
        let report = try report(name)
        var generator = SeededGenerator()
        for example in report.examples {
            let bytes = Array(example.report.utf8)
            for count in 0..<bytes.count {
                let cut = Array(bytes[..<count])
                if let results = try? report.results(in: cut), report.mediaType != "text/plain" {
                    // What is not there any more is only white space.
                    #expect(results == example.results, "cut at \(count)")
                }
            }
            for _ in 0..<300 {
                var changed = bytes
                for _ in 0..<Int.random(in: 1...4, using: &generator) {
                    changed[Int.random(in: bytes.indices, using: &generator)] =
                        UInt8.random(in: 0...255, using: &generator)
                }
                do throws(LedgerError) {
                    _ = try report.results(in: changed)
                } catch {
                    #expect(error.code == .invalidEvent, "\(error), seed \(generator.seed)")
                }
            }
        }
    }

    @Test(arguments: [
        ("sqlfluff", #"[{"filepath": "a.sql"}]"#, "item 1: violations is missing"),
        ("sqlfluff", #"[{"filepath": 7, "violations": []}]"#, "item 1: filepath is no text"),
        (
            "sqlfluff", #"[{"filepath": "a.sql", "violations": [{"code": "X"}, 7]}]"#,
            "item 1: violations[1] is no object"
        ),
        ("squawk", #"[{"file": "a.sql", "line": "x", "rule_name": "r"}]"#, "item 1: line is no"),
        ("squawk", #"{"file": "a.sql"}"#, "item 1: rule_name is missing"),
        ("squawk", "", "there is nothing in it"), ("squawk", "[1]", "item 1 is no object"),
        ("sqlcheck", "hello", "it is no report of sqlcheck"),
        ("sqlcheck", "> SQL FILE NAME :: a.sql\n", "has no summary"),
        ("junit", "<!DOCTYPE x [<!ENTITY a 'b'>]><testsuite/>", "line 1: a document type"),
        ("junit", "<testsuite>&a;</testsuite>", "line 1: the entity &a; is not known"),
        ("junit", "<html/>", "line 1: the root is html"),
        ("junit", "<testsuite>\n<testcase/></testsuite>", "line 2: a testcase has no name"),
        ("junit", "<testsuite><testcase name='a'>", "<testcase> is not closed"),
        ("junit", "<testsuite name=a/>", "has no quotes"),
        ("junit", "<testsuite a='1' a='2'/>", "has a twice"),
        ("junit", "<?xml version='1.0' encoding='UTF-16'?><testsuite/>", "it is in utf-16"),
        ("junit", "<testsuite/><testsuite/>", "a second root"),
        ("junit", "<testsuite></testsuites>", "where </testsuite> is expected"),
    ])
    func whatIsWrongIsNamed(_ name: String, _ text: String, _ words: String) throws {
        let report = try report(name)
        let error = #expect(throws: LedgerError.self) {
            try report.results(in: Array(text.utf8))
        }
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }

    @Test func xmlIsBounded() {
        let deep = String(repeating: "<a>", count: 65)
        let error = #expect(throws: LedgerError.self) {
            var xml = XMLReader(Array(deep.utf8))
            while try xml.next() != nil {}
        }
        #expect(error?.message.contains("more than 64 deep") == true)
    }

    // MARK: Reviews

    private static func scripts(
        _ tool: MigrationTool? = nil, files: [String: String] = [:]
    ) throws -> ScriptServices {
        let service = GitImportOptions.Service(
            name: "orders", paths: ["migrations/**"], naming: try ChangeNaming(tool: tool))
        return try ScriptServices([service], read: { files[$0].map { Array($0.utf8) } })
    }

    private func reviews(
        _ name: String, _ text: String, _ context: CheckContext
    ) throws -> (events: [JSONObject], remarks: [String]) {
        let made = try CheckImport(report(name), of: Array(text.utf8), context)
        #expect(made.events.allSatisfy { $0.isDerived })
        return (made.events.map { $0.members.merging($0.privateMembers) }, made.remarks)
    }

    @Test func eachScriptBecomesAReview() throws {
        let context = CheckContext(
            scripts: try Self.scripts(files: ["./migrations/V1__a.sql": "SELECT 1"]))
        let report = """
            [{"filepath": "./migrations/V1__a.sql", "violations": [{"start_line_no": 3,
              "code": "LT01", "description": "x"}, {"start_line_no": 4, "code": "CP01"}]},
             {"filepath": "migrations/V2__b.sql", "violations": []},
             {"filepath": "migrations/U2__b.sql", "violations": [{"code": "LT01"}]},
             {"filepath": "seed/x.sql", "violations": []}]
            """
        let (events, remarks) = try reviews("sqlfluff", report, context)
        #expect(events.map { $0[["change", "id"]]?.string } == ["1", "2"])
        #expect(events.map { $0[["review", "decision"]]?.string } == ["failed", "passed"])
        #expect(events[0][["review", "check"]] == "sqlfluff CP01 LT01")
        #expect(events[0]["message"] == "line 3: LT01: x\nline 4: CP01: ")
        #expect(
            events[0][["change", "digest"]]?.string?.hasPrefix("sha256:e004ebd5b5532a4b") == true)
        #expect(events[0]["attachment:report"] != nil)
        #expect(events[1]["message"] == nil)
        #expect(
            remarks == [
                "1 scripts that undo a change left out",
                "1 of no known change left out, seed/x.sql the first",
            ])
        let again = try reviews("sqlfluff", report, context).events
        #expect(again.map { $0["id"] } == events.map { $0["id"] })
        #expect(Set(events.compactMap { $0["id"]?.string }).count == 2)
    }

    @Test func scriptsThatWereCheckedAndNotNamedPassed() throws {
        let context = CheckContext(
            scripts: try Self.scripts(),
            checked: ["migrations/V1__a.sql", "migrations/V2__b.sql"])
        let (events, _) = try reviews(
            "squawk",
            #"[{"file": "migrations/V2__b.sql", "line": 0, "rule_name": "r", "message": "m"}]"#,
            context)
        #expect(events.map { $0[["change", "id"]]?.string } == ["2", "1"])
        #expect(events.map { $0[["review", "decision"]]?.string } == ["failed", "passed"])
    }

    @Test func changesOfOneFileHaveTheProblemsOfTheirLines() throws {
        let file =
            "--liquibase formatted sql\n--changeset ann:1\nSELECT 1;\n--changeset ann:2\nX;\n"
        let context = CheckContext(
            scripts: try Self.scripts(.liquibase, files: ["migrations/a.sql": file]))
        let (events, _) = try reviews(
            "squawk",
            #"[{"file": "migrations/a.sql", "line": 4, "rule_name": "syntax-error"}]"#, context)
        #expect(events.map { $0[["review", "decision"]]?.string } == ["passed", "failed"])
    }

    @Test func aTestNamesItsChangeByPathIDOrStem() throws {
        let context = CheckContext(scripts: try Self.scripts())
        let report = """
            <testsuite name="s">
            <testcase name="a" file="migrations/V1__a.sql"/>
            <testcase name="test[V2__b]"><failure message="no"/></testcase>
            <testcase name="test[V2__b-again]"/>
            <testcase name="orders:3 applies"/><testcase name="V4__d"><skipped/></testcase>
            <testcase name="other"/>
            </testsuite>
            """
        let (events, remarks) = try reviews("junit", report, context)
        #expect(events.map { $0[["change", "id"]]?.string } == ["1", "2", "3"])
        #expect(
            events.map { $0[["review", "decision"]]?.string } == ["passed", "failed", "passed"])
        #expect(events[1][["review", "kind"]] == "test")
        #expect(events[1][["review", "check"]] == "junit s test[V2__b]")
        #expect(remarks.count == 2)
    }

    @Test func oneChangeMayBeGivenForAll() throws {
        var context = CheckContext(scripts: try ScriptServices([]))
        context.change = ("orders", ChangeName(id: "7", name: "V7__x"))
        let report = "<testsuite><testcase name='a'/><testcase name='b'/></testsuite>"
        let (events, _) = try reviews("junit", report, context)
        #expect(events.map { $0[["change", "id"]]?.string } == ["7"])
        #expect(events[0][["review", "check"]] == "junit")
    }

    @Test func manyFailuresOfOneChangeAreOneReview() throws {
        let cases = (0..<20_000).map {
            "<testcase name='V1__a \($0)'><error message='no'/></testcase>"
        }
        let report = "<testsuite>" + cases.joined() + "</testsuite>"
        let (events, _) = try reviews(
            "junit", report, CheckContext(scripts: try Self.scripts()))
        #expect(events.count == 1)
        #expect((events[0]["message"]?.string?.utf8.count ?? 0) <= 65_536)
    }

    @Test func whatIsOfNoServiceIsRefused() throws {
        let context = CheckContext(scripts: try ScriptServices([]))
        #expect(throws: LedgerError.self) {
            try reviews("sqlfluff", #"[{"filepath": "a.sql", "violations": []}]"#, context)
        }
    }

    @Test func aHundredThousandItemsAreRead() throws {
        let items = (0..<100_000).map {
            #"{"file":"migrations/V\#($0 % 1000)__x.sql","line":0,"rule_name":"r"}"#
        }
        let context = CheckContext(scripts: try Self.scripts())
        let (events, _) = try reviews(
            "squawk", "[" + items.joined(separator: ",") + "]", context)
        #expect(events.count == 1000)
    }
}
