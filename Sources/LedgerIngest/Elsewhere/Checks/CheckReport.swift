import LedgerCore

/// What a tool printed that checks scripts: a linter, or a run of tests.
///
/// Each tool is one file, with output of it as examples.
public protocol CheckReport: Sendable {
    /// The tool's name.
    static var name: String { get }
    /// `lint` or `test`.
    static var kind: String { get }
    static var mediaType: String { get }
    /// How the tool is told to print it, for people.
    static var command: String { get }
    static var examples: [CheckExample] { get }

    /// What it says of each script, or each test.
    ///
    /// - Throws: `invalidEvent` with the item and the member of what can't be right.
    static func results(in bytes: [UInt8]) throws(LedgerError) -> [CheckResult]
}

/// What was found in one script, or by one test.
public struct CheckResult: Sendable, Equatable {
    public struct Problem: Sendable, Equatable {
        /// From 1; nil if it is not told.
        let line: Int?
        let rule: String?
        let text: String
        /// Whether the script did not pass for it.
        let isFailure: Bool

        var words: String {
            let place = line.map { "line \($0)" }
            return [place, rule, text].compactMap(\.self).joined(separator: ": ")
        }
    }

    public enum Subject: Sendable, Equatable {
        case script(String)
        /// Texts in which a script or change may be named, that of the test before that of its suite.
        case words([String])
    }

    let subject: Subject
    var problems: [Problem] = []
    /// Neither passed nor failed: it did not run.
    var isSkipped = false
    /// The suite, for tests.
    var suite: String?
    var time: Timestamp?

    init(_ subject: Subject, _ problems: [Problem] = []) {
        self.subject = subject
        self.problems = problems
    }
}

/// A report, and what becomes of it.
public struct CheckExample: Sendable {
    let report: String
    let results: [CheckResult]

    init(_ report: String, _ results: [CheckResult]) {
        self.report = report
        self.results = results
    }
}

/// All tools whose reports can be read.
public enum CheckReports {
    public static let all: [any CheckReport.Type] = [
        SqlfluffReport.self, SquawkReport.self, SqlcheckReport.self, JUnitReport.self,
    ]
}
