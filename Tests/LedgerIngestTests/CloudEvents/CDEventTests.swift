import Foundation
import LedgerCore
import TestSupport
import Testing

@testable import LedgerIngest

@Suite struct CDEventTests {
    @Test(arguments: CDEventAdapter.mappings.keys.sorted())
    func itsExamplesBecomeWhatTheySay(subject: String) throws {
        let mapping = try #require(CDEventAdapter.mappings[subject])
        #expect(!mapping.examples.isEmpty)
        for example in mapping.examples {
            let events = try Posted.read(example.input)
            let expected = example.expected.split(separator: "\n").joined()
            #expect(Posted.texts(events) == [expected], "\(example.name)")
            let event = try #require(events.first).event.get()
            #expect(Posted.original(event) == example.input, "\(example.name)")
            #expect(event.isDerived)
        }
    }

    @Test(arguments: [
        ("prod", "prod"), ("/eu/prod/", "eu-prod"), ("https://env.example/eu/prod", "prod"),
        ("a\u{85}b", "ab"), ("///", ""),
    ])
    func namesOfEnvironmentsHaveNoSlash(id: String, expected: String) {
        #expect(CDEventMembers.name(ofEnvironment: id) == expected)
    }

    @Test func whatIsTooMuchForAMemberIsStillKept() throws {
        let long = String(repeating: "ü", count: 3000)
        let input = """
            {"context":{"specversion":"\(long)","id":"\(long)","source":"\(long)",\
            "chainId":"\(long)","type":"dev.cdevents.incident.detected.0.3.0"},\
            "subject":{"id":"\(long)","content":{"description":"\(long)",\
            "environment":{"id":"\(long)"},"service":{"id":"a\\u0007\(long)"},\
            "ticketURI":"https://\(long)","artifactId":7}}}
            """
        let event = try #require(try Posted.read(input).first).event.get()
        #expect(event.type == .incident)
        #expect(Posted.original(event) == input)
    }

    @Test(.enabled(if: SharedVectors.isThere, "../shared/vectors is not here"))
    func theConformanceFilesBecomeTheGoldenFile() throws {
        let folder = try #require(SharedVectors.folder) + "/cdevents/conformance"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter {
            $0.hasSuffix(".json")
        }.sorted()
        #expect(names.count >= 45)
        var golden = ""
        var pairs: Set<String> = []
        for name in names {
            let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")))
            let request = PostedRequest(contentType: "application/json", body: bytes)
            let events = try PostedEventReader.events(in: request, limit: 1)
            let event = try #require(events.first).event.get()
            golden += "\(name)\n    \(Posted.text(event))\n"
            pairs.insert("\(event.source ?? "") \(event.id ?? "")")
            let original = try #require(Posted.original(event))
            #expect(
                try JSONSerialization.jsonObject(with: Data(original.utf8)) as? NSDictionary
                    == JSONSerialization.jsonObject(with: Data(bytes)) as? NSDictionary)
        }
        // They share few ids, and none may be taken for another.
        #expect(pairs.count == names.count)
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("cdevents-conformance.golden")
        if ProcessInfo.processInfo.environment["LEDGER_REWRITE_GOLDEN"] != nil {
            try Data(golden.utf8).write(to: path)
        }
        let expected = try String(contentsOf: path, encoding: .utf8).split(separator: "\n")
        let made = golden.split(separator: "\n")
        #expect(made.count == expected.count)
        for (made, expected) in zip(made, expected) { #expect(made == expected) }
    }

    @Test(.enabled(if: SharedVectors.isThere, "../shared/vectors is not here"))
    func theConformanceFilesGoIntoABatchToo() throws {
        let folder = try #require(SharedVectors.folder) + "/cdevents/conformance"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter {
            $0.hasSuffix(".json")
        }
        let texts = try names.map { name -> String in
            let text = try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
            let value = try LenientJSON.read(Array(text.utf8))
            let type = try #require(value["context", "type"]?.text)
            return
                #"{"specversion":"1.0","id":"x","source":"/y","type":"\#(type)","data":\#(text)}"#
        }
        let events = try Posted.read(
            "[\(texts.joined(separator: ","))]", as: "application/cloudevents-batch+json")
        #expect(events.count == names.count)
        #expect(try events.allSatisfy { try $0.event.get().source != "/y" })
    }
}
