import Foundation
import LedgerCore
import LedgerExports
import LedgerReport
import Testing

@testable import LedgerOperations

/// The definitions of `exports/`, and the samples beside them.
@Suite(.serialized) struct ReportSampleTests {
    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("exports")

    /// `LEDGER_WRITE_EXPORTS=1 swift test --skip-build --filter ReportSampleTests` writes them anew.
    @Test(arguments: LedgerExports.definitions.map(\.name))
    func everyReportOfTheSampleLedgerIsItsSample(name: String) async throws {
        let ledger = try SampleLedger()
        let request = try ReportRequest(WrittenDefinition(report: name), EntryQuery())
        let export = Export(
            request, as: .csv, by: Principal(kind: .local, id: "501", name: "auditor"))
        var bytes: [UInt8] = []
        let output = BufferedOutput { bytes += $0 }
        _ = try await export.write(ledger.view(), to: output) { _ in nil }
        let sample = Self.folder.appendingPathComponent("samples/\(name).csv")
        if ProcessInfo.processInfo.environment["LEDGER_WRITE_EXPORTS"] != nil {
            try Data(bytes).write(to: sample)
        }
        let expected = try Data(contentsOf: sample)
        #expect(
            String(decoding: bytes, as: UTF8.self) == String(decoding: expected, as: UTF8.self))
    }

    @Test func everyColumnStandsInTheReference() throws {
        let file = Self.folder.appendingPathComponent("reports.md")
        let made = try ReportReference.markdown(WrittenDefinition.all().map(\.definition))
        if ProcessInfo.processInfo.environment["LEDGER_WRITE_EXPORTS"] != nil {
            try Data(made.utf8).write(to: file)
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == made)
    }

    @Test func everyFileIsADefinitionOfItsName() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
            .filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
        #expect(files == LedgerExports.definitions.map(\.name))
        for written in try WrittenDefinition.all() {
            let definition = written.definition
            #expect(files.contains(definition.name))
            #expect(!definition.serves.isEmpty && !definition.answers.isEmpty)
            #expect(definition.columns.allSatisfy { !$0.meaning.isEmpty })
        }
    }

    struct Wrong: Sendable {
        let text: String
        let words: [String]
    }

    private static let good = """
        report: own
        title: Our own
        answers: What is where?
        serves: [SOC 2 CC8.1]
        rows: state
        columns:
          - service: which service
          - where: {field: environment, means: where it is}
        filters: {state: [applied, edited]}
        order: [service]
        """

    static let wrong = [
        Wrong(text: good.replacing("title:", with: "titel:"), words: ["line 2", "titel", "title"]),
        Wrong(text: good.replacing("rows: state", with: "rows: stat"), words: ["line 5", "state"]),
        Wrong(text: good.replacing("- service:", with: "- servce:"), words: ["line 7", "service"]),
        Wrong(
            text: good.replacing("environment", with: "enviroment"),
            words: ["line 8", "environment"]),
        Wrong(text: good.replacing("{state:", with: "{stat:"), words: ["line 9", "state"]),
        Wrong(
            text: good.replacing("order: [service]", with: "order: [serv]"),
            words: ["line 10", "service"]),
        Wrong(text: good.replacing("report: own", with: "report: ../own"), words: ["line 1"]),
        Wrong(text: good.replacing("means: where it is", with: "meaning: x"), words: ["line 8"]),
        Wrong(text: good.replacing("- where:", with: "- service:"), words: ["line 8", "twice"]),
        Wrong(
            text: good.replacing("rows: state", with: "rows: events")
                .replacing("{state:", with: "{status:"), words: ["line 10", "[at]"]),
        Wrong(text: good.replacing("answers: What is where?\n", with: ""), words: ["answers"]),
        Wrong(text: "report: [", words: ["line"]),
        Wrong(text: "", words: ["empty"]),
    ]

    @Test(arguments: wrong.indices) func aBadDefinitionIsAnErrorThatNamesLineAndKey(
        number: Int
    ) throws {
        _ = try WrittenDefinition(text: Self.good, named: "own.yaml")
        let wrong = Self.wrong[number]
        let error = #expect(throws: LedgerError.self) {
            try WrittenDefinition(text: wrong.text, named: "own.yaml")
        }
        let said = try #require(error)
        #expect(said.code == .usage)
        for word in wrong.words + ["own.yaml"] {
            #expect(said.description.contains(word), "\(said)")
        }
    }

    @Test func aCompanysOwnShowsWhatItSays() async throws {
        let ledger = try SampleLedger()
        let written = try WrittenDefinition(text: Self.good, named: "own.yaml")
        let export = Export(
            try ReportRequest(written, EntryQuery()), as: .ndjson,
            by: Principal(kind: .local, id: "501"))
        var text = ""
        let output = BufferedOutput { text += String(decoding: $0, as: UTF8.self) }
        _ = try await export.write(ledger.view(), to: output) { _ in nil }
        let lines = text.split(separator: "\n")
        #expect(lines.contains(#"{"service":"orders","v":1,"where":"prod"}"#))
        #expect(lines.allSatisfy { $0.hasPrefix(#"{"service":"orders","v":1,"where":""#) })
    }

    @Test func whatMeansNothingForItsRowsIsRefused() throws {
        var query = EntryQuery()
        query.environments = ["prod"]
        let written = try WrittenDefinition(report: "integrity")
        let error = #expect(throws: LedgerError.self) { try ReportRequest(written, query) }
        #expect(error?.message == "integrity can't be narrowed by env")
    }
}
