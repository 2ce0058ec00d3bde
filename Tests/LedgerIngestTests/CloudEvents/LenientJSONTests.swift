import Foundation
import LedgerCore
import TestSupport
import Testing

@testable import LedgerIngest

@Suite struct LenientJSONTests {
    private func read(_ text: String) throws -> LenientJSON {
        try LenientJSON.read(Array(text.utf8))
    }

    @Test func takesWhatTheLedgerRefusesInItsOwnEvents() throws {
        let value = try read(#" {"a": null, "b": -1.5e+3, "c": [true, 0, {}], "": "é"} "#)
        #expect(value["a"]?.isNull == true)
        #expect(value["c"]?.elements?.count == 3)
        #expect(value[""]?.text == "é")
        #expect(value["d"] == nil)
        #expect(value["c"]?["x"] == nil)
    }

    @Test func everyValueKnowsItsBytes() throws {
        let text = #"[ {"a" : [1.50 , "x\n"]} , "tail" ]"#
        let bytes = Array(text.utf8)
        let value = try LenientJSON.read(bytes)
        let slices = try #require(value.elements).map {
            String(decoding: bytes[$0.range], as: UTF8.self)
        }
        #expect(slices == [#"{"a" : [1.50 , "x\n"]}"#, #""tail""#])
        let number = try #require(value.elements?.first?["a"]?.elements?.first)
        #expect(String(decoding: bytes[number.range], as: UTF8.self) == "1.50")
    }

    @Test func theLastOfSeveralMembersOfOneNameCounts() throws {
        #expect(try read(#"{"a":"1","a":"2"}"#)["a"]?.text == "2")
    }

    @Test(arguments: [
        (#""\u0041\/\b\f\n\r\t\"\\""#, "A/\u{8}\u{c}\n\r\t\"\\"), (#""\ud83d\ude02""#, "😂"),
        (#""\ud83d""#, "\u{FFFD}"), (#""\ude02x""#, "\u{FFFD}x"), (#""\u0000""#, "\u{FFFD}"),
        (#""\ud83d\u0041""#, "\u{FFFD}A"), (#""\ud83d\n""#, "\u{FFFD}\n"),
    ])
    func escapesBecomeTextThatTheLedgerCanHold(input: String, expected: String) throws {
        #expect(try read(input).text == expected)
    }

    @Test(arguments: [
        "", " ", "{", "[", "[1,]", "{\"a\"}", "{\"a\":}", "{a:1}", "{\"a\":1,}", "tru", "nul", "01",
        "1.", ".5", "1e", "+1", "--1", "\"", "\"\\x\"", "\"\\u12\"", "\"\\u+123\"", "\"\n\"", "1 2",
        "[1 2]", "{} x", "NaN", "'a'", "\u{FEFF}{}",
    ])
    func refusesWhatIsNoJSONAndSaysWhere(input: String) throws {
        let error = #expect(throws: LedgerError.self) { try read(input) }
        #expect(error?.code == .invalidEvent)
        #expect(error?.message.contains("at byte ") == true)
    }

    @Test func refusesInvalidUTF8() {
        for bytes: [UInt8] in [
            [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
        ] {
            #expect(throws: LedgerError.self) { try LenientJSON.read(bytes) }
        }
    }

    @Test func nestingHasABound() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(throws: Never.self) { try read(nested(64)) }
        let error = #expect(throws: LedgerError.self) { try read(nested(65)) }
        #expect(error?.message.contains("nested more than 64 deep") == true)
        #expect(throws: LedgerError.self) {
            try read(String(repeating: "{\"a\":", count: 1_000_000))
        }
    }

    @Test func takesAllThatTheStrictReaderTakesAndFoundationAgreesOnTheRest() throws {
        var random = RandomJSON(generator: SeededGenerator())
        let seed = random.generator.seed
        for _ in 0..<2000 {
            let bytes = CanonicalJSON.bytes(["v": random.value()])
            #expect(throws: Never.self, "seed \(seed)") { try LenientJSON.read(bytes) }
            let mutated = random.mutated(bytes)
            let isTaken = (try? LenientJSON.read(mutated)) != nil
            if (try? JSONReader.read(mutated)) != nil {
                #expect(isTaken, "seed \(seed): \(String(decoding: mutated, as: UTF8.self))")
            }
            // Foundation takes a byte order mark and other encodings too, so only one way round; it
            // refuses escapes and exponents that it can't hold.
            if isTaken, !mutated.contains(where: { "\\eE".utf8.contains($0) }) {
                let other = try? JSONSerialization.jsonObject(
                    with: Data(mutated), options: .fragmentsAllowed)
                #expect(
                    other != nil, "seed \(seed): \(String(decoding: mutated, as: UTF8.self))")
            }
        }
    }
}
