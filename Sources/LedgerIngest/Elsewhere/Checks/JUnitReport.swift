import LedgerCore

/// JUnit's XML as test runners write it (github.com/testmoapp/junitxml): `testsuites`, `testsuite`
/// and `testcase` with `failure`, `error` or `skipped`. What a test is of is said by its `file`,
/// `name` and `classname`, else by those of its suite.
public enum JUnitReport: CheckReport {
    public static let name = "junit"
    public static let kind = "test"
    public static let mediaType = "application/xml"
    public static let command = "pytest --junit-xml report.xml"

    public static let examples = [
        CheckExample(
            """
            <?xml version="1.0" encoding="utf-8"?>
            <testsuites><testsuite name="pytest" errors="0" failures="1" tests="3"
             timestamp="2026-11-01T12:00:00.123456+01:00" hostname="ci">
            <testcase classname="tests.test_migrations" name="test_apply[V1__a]" time="0.1"/>
            <testcase classname="tests.test_migrations" name="test_apply[V2__b]" time="0.2">
            <failure message="AssertionError: 1 &lt; 2">def test(): <![CDATA[assert 1 > 2]]>
            </failure></testcase>
            <testcase name="test_apply[V3__c]"><skipped message="no server"/></testcase>
            </testsuite></testsuites>
            """,
            [
                test(["test_apply[V1__a]", "tests.test_migrations", "pytest"]),
                test(
                    ["test_apply[V2__b]", "tests.test_migrations", "pytest"],
                    .init(
                        line: nil, rule: "test_apply[V2__b]", text: "AssertionError: 1 < 2",
                        isFailure: true)),
                test(["test_apply[V3__c]", "pytest"], isSkipped: true),
            ]),
        CheckExample(
            #"""
            <testsuite name="migrations/V1__a.sql" timestamp="2026-11-01T12:00:00">
              <testcase name="up" file="tests/up.t"><error type="Timeout"/></testcase>
            </testsuite>
            """#,
            [
                CheckResult.test(
                    ["tests/up.t", "up", "migrations/V1__a.sql"], suite: "migrations/V1__a.sql",
                    .init(line: nil, rule: "up", text: "Timeout", isFailure: true))
            ]),
        CheckExample("<testsuites/>", []),
    ]

    private static func test(
        _ words: [String], _ problem: CheckResult.Problem? = nil, isSkipped: Bool = false
    ) -> CheckResult {
        var result = CheckResult.test(words, suite: "pytest", problem)
        result.isSkipped = isSkipped
        result.time = Timestamp(rfc3339: "2026-11-01T11:00:00.123Z")
        return result
    }

    public static func results(in bytes: [UInt8]) throws(LedgerError) -> [CheckResult] {
        var reading = JUnitReading()
        var xml = XMLReader(bytes)
        while let part = try xml.next() { try reading.take(part, line: xml.line) }
        return reading.results
    }
}

extension CheckResult {
    static func test(
        _ words: [String], suite: String?, _ problem: Problem? = nil
    ) -> CheckResult {
        var result = CheckResult(.words(words), [problem].compactMap(\.self))
        result.suite = suite
        return result
    }
}

/// Walks through the elements of a report.
private struct JUnitReading {
    private struct Suite {
        var name: String?
        var file: String?
        var time: Timestamp?
    }

    private(set) var results: [CheckResult] = []
    private var elements: [String] = []
    private var suites: [Suite] = []
    private var test: CheckResult?
    private var testName = ""
    // Of the failure that is open.
    private var message: String?
    private var text = ""

    mutating func take(_ part: XMLReader.Part, line: Int) throws(LedgerError) {
        switch part {
        case .start(let element):
            try start(element, line: line)
            elements.append(element.name)
        case .text(let more):
            if message != nil, text.utf8.count < 4096 { text += more }
        case .end:
            end(elements.popLast() ?? "")
        }
    }

    private mutating func start(
        _ element: XMLReader.Element, line: Int
    ) throws(LedgerError) {
        let name = element.name
        if elements.isEmpty, name != "testsuites", name != "testsuite" {
            throw LedgerError(
                .invalidEvent,
                "line \(line): the root is \(VisibleName.of(name)), and JUnit's is testsuites or "
                    + "testsuite")
        }
        switch name {
        case "testsuite", "testsuites":
            let outer = suites.last
            let time = element["timestamp"].flatMap { text -> Timestamp? in
                // One without an offset is of no known zone.
                if case .known(let time)? = ToolTime.read(.text(text), .unknown) {
                    time
                } else {
                    nil
                }
            }
            suites.append(
                Suite(
                    name: element["name"] ?? outer?.name, file: element["file"] ?? outer?.file,
                    time: time ?? outer?.time))
        case "testcase":
            guard let named = element["name"] else {
                throw LedgerError(.invalidEvent, "line \(line): a testcase has no name")
            }
            if test != nil {
                throw LedgerError(.invalidEvent, "line \(line): a testcase stands in a testcase")
            }
            let suite = suites.last
            let words = [
                element["file"], named, element["classname"], suite?.file, suite?.name,
            ]
            testName = named
            test = .test(words.compactMap(\.self), suite: suite?.name)
            test?.time = suite?.time
        case "failure", "error":
            guard elements.last == "testcase" else { return }
            message = element["message"] ?? ""
            text = element["type"] ?? ""
            if message?.isEmpty == false { text = "" }
        case "skipped": if elements.last == "testcase" { test?.isSkipped = true }
        default: break
        }
    }

    private mutating func end(_ name: String) {
        switch name {
        case "testsuite", "testsuites": _ = suites.popLast()
        case "testcase":
            if let test { results.append(test) }
            test = nil
        case "failure", "error":
            guard elements.last == "testcase", let message else { return }
            let words = message.isEmpty ? String(text.trimmed) : message
            test?.problems.append(
                .init(line: nil, rule: testName, text: words, isFailure: true))
            self.message = nil
        default: break
        }
    }
}
