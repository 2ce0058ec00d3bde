import Foundation
import LedgerCore
import TestSupport
import Testing

@testable import LedgerIngest

/// The scenarios of cloudevents/conformance for HTTP, and its sample events.
@Suite(.enabled(if: SharedVectors.isThere, "../shared/vectors is not here"))
struct CloudEventConformanceTests {
    private struct Scenario {
        var name = ""
        var request: [String] = []
        var attributes: [(name: String, value: String)] = []
        var data = ""
        var contentTypes: [String] = []
    }

    /// Reads the Gherkin of the feature: `"""` surrounds texts, `|` the cells of tables.
    private func scenarios() throws -> [Scenario] {
        let path =
            try #require(SharedVectors.folder)
            + "/cloudevents/features/http-protocol-binding.feature"
        var scenarios: [Scenario] = []
        var inText = false
        var step = ""
        for line in try String(contentsOfFile: path, encoding: .utf8).components(separatedBy: "\n")
        {
            let words = line.trimmingCharacters(in: .whitespaces)
            if words.hasPrefix("Scenario Outline:") { scenarios.append(Scenario(name: words)) }
            guard !scenarios.isEmpty else { continue }
            let last = scenarios.count - 1
            if words == "\"\"\"" {
                inText.toggle()
            } else if inText {
                let text = String(line.dropFirst(8))
                if step.contains("HTTP request") {
                    scenarios[last].request.append(text)
                } else {
                    scenarios[last].data += text
                }
            } else if words.hasPrefix("|") {
                let cells = words.split(separator: "|").map {
                    $0.trimmingCharacters(in: .whitespaces)
                }
                if cells.count == 1, cells[0] != "contentType" {
                    scenarios[last].contentTypes.append(cells[0])
                } else if cells.count == 2, cells[0] != "key" {
                    scenarios[last].attributes.append((cells[0], cells[1]))
                }
            } else {
                step = words
            }
        }
        return scenarios
    }

    @Test func everyScenarioHoldsForEachOfItsContentTypes() throws {
        let scenarios = try scenarios()
        #expect(scenarios.count == 2)
        for scenario in scenarios {
            #expect(scenario.contentTypes.count == 2 && scenario.attributes.count == 6)
            for type in scenario.contentTypes {
                let blank = try #require(scenario.request.firstIndex { $0.isEmpty })
                let headers = scenario.request[1..<blank].map { line in
                    let parts = line.components(separatedBy: ": ")
                    return (name: parts[0], value: parts[1] == "<contentType>" ? type : parts[1])
                }
                let body = scenario.request[(blank + 1)...].joined(separator: "\n")
                let request = PostedRequest(
                    contentType: headers.first { $0.name == "Content-Type" }?.value,
                    headers: headers, body: Array(body.utf8))
                let events = try PostedEventReader.events(in: request, limit: 1)
                let event = try #require(events.first).event.get()
                let value = try LenientJSON.read(
                    Array(try #require(Posted.original(event)).utf8))
                for (name, expected) in scenario.attributes {
                    let expected = expected == "<contentType>" ? type : expected
                    #expect(value[name]?.text == expected, "\(scenario.name)")
                }
                #expect(value["data", "message"]?.text == "Hello World!")
                #expect(
                    Posted.text(event)
                        == #"{"id":"1234-1234-1234","source":"/mycontext/subcontext","#
                        + #""time":"2018-04-05T03:56:24.000Z","title":"com.example.someevent","#
                        + #""type":"note"}"#)
            }
        }
    }

    @Test func everySampleGoesInAndKeepsItsData() throws {
        let path = try #require(SharedVectors.folder) + "/cloudevents/yaml/v1.0/v1_minimum.yaml"
        let samples = try String(contentsOfFile: path, encoding: .utf8)
            .components(separatedBy: "\n---")
        #expect(samples.count == 6)
        for sample in samples {
            var headers: [(name: String, value: String)] = []
            for line in sample.components(separatedBy: "\n") where line.hasPrefix("  ") {
                guard let colon = line.range(of: ": ") else { continue }
                let name = line[..<colon.lowerBound].trimmingCharacters(in: .whitespaces)
                headers.append(("ce-\(name)", String(line[colon.upperBound...])))
            }
            let text = try #require(sample.range(of: "Data: |\n"))
            let data = sample[text.upperBound...].trimmingCharacters(in: .whitespacesAndNewlines)
            let type = try #require(headers.first { $0.name == "ce-datacontenttype" }?.value)
            let events = try PostedEventReader.events(
                in: PostedRequest(
                    contentType: type, headers: headers, body: Array(data.utf8)), limit: 1)
            let event = try #require(events.first).event.get()
            #expect(event.id?.hasPrefix("conformance-000") == true)
            let original = try #require(Posted.original(event))
            let encoded = Data(data.utf8).base64EncodedString()
            #expect(original.contains(data) || original.contains(encoded))
        }
    }
}
