import LedgerCore
import TestSupport
import Testing

@testable import LedgerIngest

@Suite struct CloudEventTests {
    private static let attributes: [(name: String, value: String)] = [
        ("ce-specversion", "1.0"), ("ce-id", "1"), ("ce-source", "/s"), ("ce-type", "com.x"),
    ]

    private func binary(
        _ body: String = "", type: String? = nil, _ more: [(name: String, value: String)] = []
    ) throws -> Event {
        let events = try Posted.read(body, as: type, headers: Self.attributes + more)
        #expect(events.map(\.place) == [.body])
        return try events[0].event.get()
    }

    @Test func ourEventTravelsAsData() throws {
        let data = #"{"service":"orders","environment":"prod","deployment":{"status":"succeeded"}}"#
        let structured = try Posted.read(
            #"{"specversion":"1.0","id":"7","source":"/ci","type":"dev.changeledger.deployment","#
                + #""time":"2026-11-01T04:10:00+01:00","data":\#(data)}"#,
            as: "application/cloudevents+json; charset=utf-8")
        let expected =
            #"{"deployment":{"status":"succeeded"},"environment":"prod","id":"7","#
            + #""service":"orders","source":"/ci","time":"2026-11-01T03:10:00.000Z","#
            + #""type":"deployment"}"#
        #expect(Posted.texts(structured) == [expected])
        let event = try structured[0].event.get()
        // It is ours: other content under the same id is a conflict, and nothing is attached.
        #expect(!event.isDerived)
        #expect(event.attachments.isEmpty)
        let binary = try Posted.read(
            data, as: "application/json",
            headers: [
                ("CE-SpecVersion", "1.0"), ("Ce-Id", "7"), ("ce-source", "/ci"),
                ("ce-type", "dev.changeledger.deployment"), ("ce-time", "2026-11-01T03:10:00Z"),
            ])
        #expect(Posted.texts(binary) == [expected])
    }

    @Test func whatTheDataSaysOfItselfCounts() throws {
        let events = try Posted.read(
            #"{"specversion":"1.0","id":"7","source":"/ci","type":"dev.changeledger.note","#
                + #""time":"2026-11-01T03:10:00Z","#
                + #""data":{"type":"note","id":"own","source":"cli","title":"a"}}"#,
            as: "application/cloudevents+json")
        #expect(
            Posted.texts(events) == [
                #"{"id":"own","source":"cli","time":"2026-11-01T03:10:00.000Z","title":"a","type":"note"}"#
            ])
    }

    @Test(arguments: [
        (#""type":"dev.changeledger.note","data":{"type":"merge"}"#, "data.type is not"),
        (#""type":"dev.changeledger.nota","data":{"title":"a"}"#, "type is \"nota\""),
        (#""type":"dev.changeledger.note","data":"text""#, "as a JSON object"),
        (#""type":"dev.changeledger.note""#, "as a JSON object"),
        (#""type":"dev.changeledger.note","data":{"title":null}"#, "data: null is not accepted"),
        (#""type":"dev.changeledger.token","data":{}"#, "only the ledger itself"),
        (#""type":"com.x","data":1,"data_base64":"YQ==""#, "either data or data_base64"),
        (#""type":"com.x","data_base64":"%""#, "not valid base64"),
        (#""type":null"#, "attribute type"),
        (#""type":"com.x","id":"8""#, "attribute id twice"),
    ])
    func aFaultIsNamed(members: String, expected: String) throws {
        let events = try Posted.read(
            #"{"specversion":"1.0","id":"7","source":"/ci",\#(members)}"#,
            as: "application/cloudevents+json")
        #expect(Posted.texts(events).first?.contains(expected) == true, "\(Posted.texts(events))")
    }

    @Test(arguments: [
        (#"{"specversion":"0.3","id":"7","source":"/ci","type":"x"}"#, "specversion 1.0"),
        (#"{"id":"7","source":"/ci","type":"x"}"#, "attribute specversion"),
        (#"{"specversion":"1.0","id":"","source":"/ci","type":"x"}"#, "attribute id"),
        (#"{"specversion":"1.0","id":7,"source":null,"type":"x"}"#, "attribute source"),
        ("[]", "is an object"), ("1", "is an object"),
    ])
    func whatEveryCloudEventHasIsRequired(text: String, expected: String) throws {
        let events = try Posted.read(text, as: "application/cloudevents+json")
        #expect(Posted.texts(events).first?.contains(expected) == true, "\(Posted.texts(events))")
    }

    @Test func anyOtherBecomesANoteWithItsOriginal() throws {
        let text =
            #"{"specversion":"1.0","id":"7","source":"/shop","type":"com.example.sold","#
            + #""time":"yesterday","count":2,"flag":true,"data":{"price":1.5,"deep":[[[null]]]}}"#
        let events = try Posted.read("[\(text)]", as: "application/cloudevents-batch+json")
        #expect(events.map(\.place) == [.element(0)])
        let event = try events[0].event.get()
        #expect(
            Posted.text(event)
                == #"{"id":"7","source":"/shop","title":"com.example.sold","type":"note"}"#)
        #expect(Posted.original(event) == text)
        #expect(event.attachments.map(\.mediaType) == ["application/cloudevents+json"])
        #expect(event.privateMembers["attachment:cloudevent"] != nil)
        // A broker may add attributes on the way.
        #expect(event.isDerived)
    }

    @Test func longAndStrangeIdentitiesStayUnique() throws {
        let long = String(repeating: "x", count: 5000)
        let events = try ["\(long)1", "\(long)2", #"a\nb"#].map { id in
            try Posted.read(
                #"{"specversion":"1.0","id":"\#(id)","source":"\#(id)","type":"a\u0000b\nc"}"#,
                as: "application/cloudevents+json")[0].event.get()
        }
        let ids = Set(events.compactMap(\.id))
        #expect(ids.count == 3)
        #expect(ids.allSatisfy { $0.hasPrefix("sha256:") && $0.utf8.count == 71 })
        #expect(events[0].privateMembers["title"] == "a\u{FFFD}b\u{FFFD}c")
    }

    // HTTP Protocol Binding for CloudEvents 1.0.2 §3.1.3.2.
    @Test(arguments: [
        ("Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro € 😀"), ("\"a %22 \\\" \\\\\"", "a \" \" \\"),
        ("100%", "100%"), ("%zz%4", "%zz%4"), ("%2525", "%25"), ("\"", "\""), ("é", "é"),
    ])
    func fieldsAreDecodedOnce(field: String, expected: String) throws {
        let event = try binary("", [("ce-subject", field)])
        let original = try #require(Posted.original(event))
        #expect(try LenientJSON.read(Array(original.utf8))["subject"]?.text == expected)
    }

    @Test func fieldsThatCouldBeReadTwoWaysAreRefused() {
        for more: (String, String) in [
            ("CE-ID", "2"), ("ce-", "x"), ("ce-a_b", "x"), ("ce-data", "x"), ("ce-subject", "%FF"),
            ("ce-subject", "a%0D%0Ab"), ("ce-subject", "%00"),
        ] {
            #expect(throws: LedgerError.self, "\(more)") { try binary("", [more]) }
        }
    }

    @Test func dataOfBinaryModeIsKeptInItsKind() throws {
        let json = try binary(#" {"n": 1.5} "#, type: "application/vnd.x+json; charset=utf-8")
        #expect(Posted.original(json)?.hasSuffix(#","data":{"n": 1.5}}"#) == true)
        let text = try binary("Hello", type: "text/plain")
        #expect(
            Posted.original(text)
                == #"{"specversion":"1.0","id":"1","source":"/s","type":"com.x","#
                + #""datacontenttype":"text/plain","data_base64":"SGVsbG8="}"#)
        let none = try binary()
        #expect(
            Posted.original(none)
                == #"{"specversion":"1.0","id":"1","source":"/s","type":"com.x"}"#)
        let broken = try binary("{", type: "application/json")
        #expect(Posted.original(broken)?.contains(#""data_base64":"ew==""#) == true)
        // The structured form of each is the same event.
        for event in [json, text, none, broken] {
            let again = try Posted.read(
                try #require(Posted.original(event)), as: "application/cloudevents+json")
            #expect(Posted.texts(again) == [Posted.text(event)])
        }
    }

    @Test func aCDEventIsTheSameInEveryMode() throws {
        let cdEvent = DeployedService.examples[0].input
        let type = "dev.cdevents.service.upgraded.0.2.0"
        let plain = try Posted.read(cdEvent)
        let structured = try Posted.read(
            #"{"specversion":"1.0","id":"a1","source":"/argo/prod","type":"\#(type)","data":\#(cdEvent)}"#,
            as: "application/cloudevents+json")
        let binary = try Posted.read(
            cdEvent, as: "application/json",
            headers: [
                ("ce-specversion", "1.0"), ("ce-id", "a1"), ("ce-source", "/argo/prod"),
                ("ce-type", type),
            ])
        #expect(Posted.texts(plain) == Posted.texts(structured))
        #expect(Posted.texts(plain) == Posted.texts(binary))
    }
}
