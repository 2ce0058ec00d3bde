import LedgerCore
import TestSupport
import Testing

@testable import LedgerIngest

@Suite struct PostedEventReaderTests {
    private static let note = #"{"type":"note","title":"a"}"#

    @Test func anEventIsTakenAsJSON() throws {
        let events = try Posted.read(Self.note, as: "Application/JSON; charset=\"UTF-8\"")
        #expect(events.map(\.place) == [.body])
        #expect(Posted.texts(events) == [#"{"title":"a","type":"note"}"#])
        #expect(try events[0].event.get().isDerived == false)
    }

    @Test func anArrayKeepsItsOrderAndEachIsJudgedAlone() throws {
        let events = try Posted.read(
            #"[\#(Self.note), {"type":"nota"}, {"type":"note","title":"b"}]"#)
        #expect(events.map(\.place) == [.element(0), .element(1), .element(2)])
        #expect(
            Posted.texts(events) == [
                #"{"title":"a","type":"note"}"#, #"invalid-event: type is "nota""#,
                #"{"title":"b","type":"note"}"#,
            ])
    }

    @Test func linesAreCountedWithTheEmptyOnes() throws {
        for type in ["application/x-ndjson", "application/jsonl", "application/ndjson"] {
            let events = try Posted.read(
                "\(Self.note)\r\n\n  \n{\"type\":\n[]\n\(Self.note)", as: type)
            #expect(events.map(\.place) == [.line(1), .line(4), .line(5), .line(6)])
            #expect(events.map { (try? $0.event.get()) != nil } == [true, false, false, true])
            #expect(events[3].place.description == "line 6")
        }
    }

    @Test func formsMayStandSideBySide() throws {
        let cloud =
            #"{"specversion":"1.0","id":"1","source":"/s","type":"com.x","data":{"n":null}}"#
        let cdEvent = """
            {"context":{"specversion":"0.5.1","id":"2","source":"/s",\
            "type":"dev.cdevents.build.started.0.3.0"},"subject":{"id":"b","content":{}}}
            """
        let expected = [
            #"{"title":"a","type":"note"}"#,
            #"{"id":"1","source":"/s","title":"com.x","type":"note"}"#,
            #"{"id":"2/build.started","labels":{"cdevent":"build.started"},"source":"/s","#
                + #""title":"dev.cdevents.build.started.0.3.0","trigger":{"kind":"webhook","#
                + #""tool":"CDEvents","tool_version":"0.5.1"},"type":"note"}"#,
        ]
        let bodies = [Self.note, cloud, cdEvent]
        let array = try Posted.read("[\(bodies.joined(separator: ","))]")
        #expect(Posted.texts(array) == expected)
        let lines = try Posted.read(bodies.joined(separator: "\n"), as: "application/x-ndjson")
        #expect(Posted.texts(lines) == expected)
        #expect(try Posted.original(array[1].event.get()) == cloud)
        #expect(try Posted.original(array[2].event.get()) == cdEvent)
    }

    @Test func anArrayWithNullKeepsTheOthers() throws {
        let events = try Posted.read("[\(Self.note), null, 1.5, \(Self.note)]")
        #expect(events.map { (try? $0.event.get()) != nil } == [true, false, false, true])
    }

    @Test func aMistypedMemberIsNamedAsIfItWereTheOnlyEvent() throws {
        let events = try Posted.read(
            #"[{"type":"note","title":"a","enviroment":"x","labels":null}]"#)
        guard case .failure(let error) = events[0].event else {
            Issue.record("it was taken")
            return
        }
        #expect(error.message.contains("null is not accepted"))
    }

    @Test(arguments: [
        nil, "", "text/plain", "application/x-www-form-urlencoded", "application/xml",
        "application/cloudevents+avro", "application/cloudevents", "application/json\u{0}x",
        "application/json; charset=iso-8859-1",
    ])
    func otherContentIsRefusedWithWhatIsTaken(type: String?) throws {
        let error = #expect(throws: LedgerError.self) { try Posted.read(Self.note, as: type) }
        #expect(error?.code == .unsupportedType)
        let advice = error.map { "\($0.message) \($0.advice ?? "")" } ?? ""
        #expect(advice.contains("application/json") || advice.contains("UTF-8"))
        #expect(!advice.utf8.contains { $0 < 0x20 })
    }

    @Test func aCompressedBodyIsRefusedByItsName() throws {
        for (coding, isTaken) in [("identity", true), ("GZIP", false), ("br,gzip", false)] {
            let request = PostedRequest(
                contentType: "application/json", headers: [("Content-encoding", coding)],
                body: Array(Self.note.utf8))
            if isTaken {
                #expect(try PostedEventReader.events(in: request, limit: 1).count == 1)
            } else {
                let error = #expect(throws: LedgerError.self) {
                    try PostedEventReader.events(in: request, limit: 1)
                }
                #expect(error?.code == .unsupportedType)
                #expect(error?.message.contains(coding.lowercased()) == true)
            }
        }
    }

    @Test func theNumberOfEventsHasABound() throws {
        let three = Array(repeating: Self.note, count: 3)
        let array = "[\(three.joined(separator: ","))]"
        let lines = three.joined(separator: "\n")
        #expect(try Posted.read(array, limit: 3).count == 3)
        #expect(try Posted.read(lines, as: "application/jsonl", limit: 3).count == 3)
        for (body, type) in [
            (array, "application/json"), (lines, "application/jsonl"),
            ("[1.5,1.5,1.5]", "application/json"),
            ("[1,1,1]", "application/cloudevents-batch+json"),
        ] {
            let error = #expect(throws: LedgerError.self) {
                try Posted.read(body, as: type, limit: 2)
            }
            #expect(error?.code == .tooLarge)
            #expect(error?.message.contains("more than 2 events") == true)
        }
    }

    @Test(arguments: [
        ("", "application/json"), (" \n", "application/json"), ("[]", "application/json"),
        ("\n\n", "application/x-ndjson"), ("[]", "application/cloudevents-batch+json"),
        ("{}", "application/cloudevents-batch+json"), ("[{}", "application/json"),
        ("{\"a\"", "application/cloudevents+json"),
    ])
    func aBodyWithoutEventsIsRefusedAsAWhole(body: String, type: String) throws {
        let error = #expect(throws: LedgerError.self) { try Posted.read(body, as: type) }
        #expect(error?.code == .invalidEvent)
    }

    @Test func garbageIsRefusedAndNothingElseHappens() throws {
        var random = RandomJSON(generator: SeededGenerator())
        let seed = random.generator.seed
        let seeds = [
            "[\(Self.note)]",
            #"{"specversion":"1.0","id":"1","source":"/s","type":"dev.changeledger.note","data":{"title":"a"}}"#,
            DeployedService.examples[0].input, ApprovalReview.examples[0].input,
        ]
        let types = [
            "application/json", "application/x-ndjson", "application/cloudevents+json",
            "application/cloudevents-batch+json", "application/octet-stream",
        ]
        var taken = 0
        for round in 0..<4000 {
            let body = random.mutated(Array(seeds[round % seeds.count].utf8))
            let headers =
                round % 3 == 0
                ? [
                    ("ce-id", "1"), ("CE-Source", "/s%"), ("ce-type", "x"),
                    ("ce-specversion", "1.0"),
                ]
                : []
            let request = PostedRequest(
                contentType: types[round % types.count], headers: headers, body: body)
            let result = Result { () throws(LedgerError) in
                try PostedEventReader.events(in: request, limit: 10)
            }
            switch result {
            case .success(let events):
                for event in events.compactMap({ try? $0.event.get() }) {
                    taken += 1
                    // What is taken can be stored: its canonical form reads back.
                    let bytes = CanonicalJSON.bytes(.object(event.members))
                    #expect(throws: Never.self, "seed \(seed)") { try JSONReader.read(bytes) }
                }
            case .failure(let error):
                #expect([.invalidEvent, .unsupportedType].contains(error.code), "seed \(seed)")
            }
        }
        #expect(taken > 100)
    }
}
