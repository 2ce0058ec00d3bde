import Foundation
import TestSupport
import Testing

@testable import LedgerCore
@testable import LedgerCrypto

@Suite struct EventReaderTests {
    typealias Attachment = LedgerCore.Attachment

    private func read(_ text: String) throws -> Event {
        try EventReader.read(Array(text.utf8))
    }

    @Test func setsPrivateMembersApartAndWritesTimesInUTC() throws {
        let event = try read(
            #"{"type":"note","time":"2026-11-01T04:10:00+01:00","actor":"jana","message":"m","tenant":"a"}"#
        )
        #expect(
            CanonicalJSON.bytes(.object(event.members))
                == Array(#"{"tenant":"a","time":"2026-11-01T03:10:00.000Z","type":"note"}"#.utf8))
        #expect(
            CanonicalJSON.bytes(.object(event.privateMembers))
                == Array(#"{"actor":{"id":"jana"},"message":"m"}"#.utf8))
        #expect(event.time("time") == Timestamp(rfc3339: "2026-11-01T03:10:00Z"))
        #expect(event.target == Target(tenant: "a"))
    }

    @Test func keepsNoPasswordOfAURLInAnyText() throws {
        let url = "p://u:S3/c@r?t@h/a"
        let event = try read(
            """
            {"type":"note","message":"see \(url).","title":"\(url)","labels":{"a":"\(url)"},
            "error":"x\\n('\(url)?token=S3','a@b')","actor":"\(url)","source":"\(url)"}
            """)
        let (members, values) = (event.members, event.privateMembers)
        #expect(members["labels"] == ["a": "p://h/a"] && members["source"] == "p://h/a")
        #expect(values["message"] == "see p://h/a." && values["title"] == "p://h/a")
        #expect(values["error"] == "x\n('p://h/a','a@b')" && values["actor"] == ["id": "p://h/a"])
    }

    @Test(arguments: [
        "https://h:80/@scope/x", "https://h/db?mail=a@b", "a@b x//y :/ c:/d",
        "https://[::1]:80/a@b",
        "postgres://h:1,i:2/d@e", "://", "é ://h",
    ]) func leavesATextAsItIsWhoseURLsNameNobody(text: String) throws {
        #expect(SecretFreeURL.text(in: text).hasSameBytes(as: text))
    }

    @Test func namesAScriptByDigestAndOtherAttachmentsInPrivate() throws {
        let event = try read(
            """
            {"type":"note","message":"m","attachments":{"script":{"text":"x"},"out":{"base64":"aGk="},
            "rollback_script":{"text":"y"}}}
            """)
        #expect(
            event.string("change", "digest") == Attachment.text(of: SHA256.hash(Array("x".utf8))))
        #expect(event.integer("change", "size") == 1)
        #expect(event.integer("rollback", "script_size") == 1)
        #expect(
            event.privateMembers["attachment:out"] == [
                "digest": .string(Attachment.text(of: SHA256.hash(Array("hi".utf8)))),
                "media_type": "text/plain", "size": 2,
            ])
        #expect(event.attachments.map(\.name).sorted() == ["out", "rollback_script", "script"])
        #expect(event.attachments.first { $0.name == "script" }?.mediaType == "application/sql")
    }

    @Test func suggestsTheMemberThatWasMeant() {
        let error = #expect(throws: LedgerError.self) {
            try read(#"{"type":"note","mesage":"m"}"#)
        }
        #expect(error?.advice == "did you mean message?")
        let word = #expect(throws: LedgerError.self) { try read(#"{"type":"deploymnt"}"#) }
        #expect(word?.advice == "did you mean deployment?")
    }

    @Test func neverPrintsControlCharactersOfAnUnknownName() {
        let name = String(repeating: "x\\u001b\\u0085", count: 100)
        let error = #expect(throws: LedgerError.self) { try read("{\"\(name)\":1}") }
        let message = error?.message ?? "\u{1b}"
        #expect(
            message.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F ~= $0.value) })
        #expect(message.count < 200)
    }

    @Test func refusesU0000InTextsThatNeverWereJSON() {
        for name in ["message", "error", "reason", "command", "title", "host", "tenant"] {
            var object = JSONObject(["type": "note", "title": "t"])
            object[name] = .string("a\u{0}b")
            #expect(throws: LedgerError.self, "\(name)") { try EventReader.event(from: object) }
        }
    }

    @Test func checksAttachmentsWhereverTheyComeFrom() throws {
        func record(_ attachments: [Attachment]) throws -> Event {
            try EventReader.event(
                from: JSONObject(["type": "note", "message": "m"]), attachments: attachments)
        }
        let limit = EventSchema.attachmentByteLimit
        let whole = try record([Attachment(name: "out", bytes: [UInt8](repeating: 1, count: limit))]
        )
        #expect(whole.attachments.first?.bytes.count == limit)
        for bad in [
            Attachment(name: "out", bytes: [UInt8](repeating: 1, count: limit + 1)),
            Attachment(name: "a/b", bytes: []), Attachment(name: "", bytes: []),
            Attachment(name: String(repeating: "a", count: 101), bytes: []),
        ] { #expect(throws: LedgerError.self) { try record([bad]) } }
        #expect(throws: LedgerError.self) {
            try record([Attachment(name: "a", bytes: []), Attachment(name: "a", bytes: [1])])
        }
        let many = (0...EventSchema.attachmentCountLimit).map {
            Attachment(name: "a\($0)", bytes: [])
        }
        #expect(throws: LedgerError.self) { try record(many) }
        #expect(throws: Never.self) { try record(Array(many.dropLast())) }
    }

    @Test func anEventAtItsLimitStillFitsWithItsDefaults() throws {
        func event(_ count: Int, _ last: Int) -> JSONObject {
            var labels = JSONObject()
            for number in 0..<64 {
                labels["label-\(number)"] = .string(String(repeating: "v", count: 1000))
            }
            var links = JSONObject()
            for number in 0..<count {
                links["link-\(number)"] = .string("x:" + String(repeating: "v", count: 4000))
            }
            links["z"] = .string("x:" + String(repeating: "v", count: last))
            return JSONObject([
                "type": "note", "message": "m", "labels": .object(labels), "links": .object(links),
            ])
        }
        var accepted = 0
        for last in stride(from: 1, to: 4000, by: 50) {
            guard let taken = try? EventReader.event(from: event(48, last)) else { continue }
            accepted += 1
            let whole = taken.withDefaults(
                source: String(repeating: "s", count: 400), id: String(repeating: "i", count: 200))
            let size = CanonicalJSON.bytes(.object(whole.members)).count
            #expect(size <= EventSchema.eventByteLimit)
        }
        #expect(accepted > 0 && accepted < 80)
    }

    @Test func lettersOnlyTheLedgerItselfRecordItsOwnTypes() throws {
        let object = JSONObject(["type": "override", "title": "t"])
        #expect(throws: LedgerError.self) { try EventReader.event(from: object) }
        #expect(try EventReader.event(from: object, mayBeOwn: true).type == .override)
    }

    @Test func addsDefaultsOnlyWhereTheyAreAbsent() throws {
        let bare = try read(#"{"service":"o","environment":"p","deployment":{"status":"started"}}"#)
        let filled = bare.withDefaults(source: "here", id: "1")
        #expect(filled.string("type") == "deployment")
        #expect(filled.source == "here" && filled.id == "1")
        let again = filled.withDefaults(source: "there", id: "2")
        #expect(again.members == filled.members)
    }

    @Test func aStoredEventIsComparedByEverythingThatIsStillThere() throws {
        let event = try read(#"{"type":"note","message":"m","title":"t"}"#)
        let other = try read(#"{"type":"note","message":"n","title":"t"}"#)
        let fewer = try read(#"{"type":"note","message":"m"}"#)
        let body = Body(
            event: event, principal: Principal(kind: .local, id: "0", name: "root"),
            nonce: [UInt8](repeating: 0, count: 16), hasher: SHA256()
        ) { [UInt8](repeating: 1, count: 16)[...] }
        let stored = try #require(StoredBody(body.bytes))
        #expect(stored.hasSameContent(as: event, disclosures: body.disclosures))
        #expect(!stored.hasSameContent(as: other, disclosures: body.disclosures))
        #expect(!stored.hasSameContent(as: fewer, disclosures: body.disclosures))
        let rest = body.disclosures.filter { $0.name != "message" }
        #expect(stored.hasSameContent(as: other, disclosures: rest))
    }
}
