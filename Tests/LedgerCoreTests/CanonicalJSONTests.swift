import Foundation
import TestSupport
import Testing

@testable import LedgerCore

@Suite struct CanonicalJSONTests {
    @Test(
        .enabled(if: SharedVectors.isThere, "../shared/vectors is not there"),
        arguments: ["french", "unicode", "arrays", "structures", "values", "weird"])
    func agreesWithThePublicVectors(_ name: String) throws {
        let folder = try #require(SharedVectors.folder) + "/jcs/"
        func file(_ path: String) throws -> [UInt8] {
            Array(try Data(contentsOf: URL(fileURLWithPath: folder + path)))
        }
        let input = try file("input/\(name).json")
        let refusals = [
            "arrays": "null", "structures": "fraction", "values": "fraction",
        ]
        if let reason = refusals[name] {
            let error = #expect(throws: JSONError.self) { try JSONReader.read(input) }
            #expect(error?.reason.contains(reason) == true)
        } else {
            let output = CanonicalJSON.bytes(try JSONReader.read(input))
            #expect(output == (try file("output/\(name).json")))
            let hex = String(decoding: try file("outhex/\(name).txt"), as: UTF8.self)
            #expect(output == (try bytes(hex: hex.filter { !$0.isWhitespace })))
        }
    }

    // The vectors with what the ledger refuses taken out still show the order of names.
    @Test func sortsNamesByUTF16CodeUnits() throws {
        let input =
            #"{"1":{"f":{"f":"hi","F":5},"\n":56},"10":{},"a":{},"111":[{"e":"y","E":"n"}],"A":{}}"#
        let output =
            #"{"1":{"\n":56,"f":{"F":5,"f":"hi"}},"10":{},"111":[{"E":"n","e":"y"}],"A":{},"a":{}}"#
        let value = try JSONReader.read(Array(input.utf8))
        #expect(String(decoding: CanonicalJSON.bytes(value), as: UTF8.self) == output)
    }

    @Test func ordersAsComparisonOfUTF16WouldDo() {
        let generator = SeededGenerator()
        var random = RandomJSON(generator: generator)
        for _ in 0..<5000 {
            let (left, right) = (random.text(), random.text())
            let order = CanonicalOrder.compare(left, right)
            let expected: Bool? =
                left.utf16.elementsEqual(right.utf16)
                ? nil : left.utf16.lexicographicallyPrecedes(right.utf16)
            #expect(
                (order == 0 ? nil : order < 0) == expected,
                "\(left.debugDescription) \(right.debugDescription), seed \(generator.seed)")
        }
    }

    @Test func writesWhatItReads() throws {
        let generator = SeededGenerator()
        var random = RandomJSON(generator: generator)
        for _ in 0..<2000 {
            let value = random.value()
            let bytes = CanonicalJSON.bytes(value)
            let read = try JSONReader.read(bytes)
            #expect(read == value, "seed \(generator.seed)")
            #expect(value.canonicalByteBound >= bytes.count, "seed \(generator.seed)")
        }
    }

    @Test func knowsUTF8AsTheStandardLibraryDoes() {
        let generator = SeededGenerator()
        var random = RandomJSON(generator: generator)
        var validCount = 0
        for _ in 0..<20_000 {
            let text = Array(random.text().utf8)
            let bytes = Bool.random(using: &random.generator) ? text : random.mutated(text)
            let isValid = String(validating: bytes, as: UTF8.self) != nil
            #expect(
                bytes.withUnsafeBufferPointer { $0.isUTF8 } == isValid,
                "\(bytes), seed \(generator.seed)")
            if isValid { validCount += 1 }
        }
        #expect(validCount < 19_000)
        // Every lead byte with every byte after it, and two continuations.
        for pair in 0..<65_536 {
            let bytes = [UInt8(pair >> 8), UInt8(pair & 255), 0x80, 0x80]
            for count in 1...4 {
                let isValid = String(validating: bytes[..<count], as: UTF8.self) != nil
                let isUTF8 = bytes[..<count].withUnsafeBufferPointer { $0.isUTF8 }
                if isUTF8 != isValid { Issue.record("\(bytes[..<count])") }
            }
        }
    }

    @Test func theCursorAcceptsExactlyWhatIsCanonical() throws {
        let generator = SeededGenerator()
        var random = RandomJSON(generator: generator)
        var counts = (accepted: 0, refused: 0)
        for _ in 0..<20_000 {
            var bytes = CanonicalJSON.bytes(random.value())
            if Int.random(in: 0...3, using: &random.generator) > 0 { bytes = random.mutated(bytes) }
            let read = try? JSONReader.read(bytes)
            let isCanonical = read.map { CanonicalJSON.bytes($0) == bytes } ?? false
            let isAccepted = bytes.withUnsafeBytes { buffer in
                var cursor = CanonicalCursor(buffer)
                return cursor.skipValue() && cursor.isAtEnd
            }
            let shown = String(decoding: bytes, as: UTF8.self).debugDescription
            #expect(isAccepted == isCanonical, "\(shown), seed \(generator.seed)")
            if isAccepted { counts.accepted += 1 } else { counts.refused += 1 }
            guard let text = read?.string, isAccepted else { continue }
            let value = bytes.withUnsafeBytes { buffer in
                var cursor = CanonicalCursor(buffer)
                return cursor.string()
            }
            #expect(value?.hasSameBytes(as: text) == true)
        }
        #expect(counts.accepted > 3000 && counts.refused > 3000)
    }

    @Test(arguments: [15, 16, 17, 18, 200_000])
    func reachesSixteenLevelsAndNoMore(_ depth: Int) {
        let bytes =
            [UInt8](repeating: UInt8(ascii: "["), count: depth)
            + [UInt8](repeating: UInt8(ascii: "]"), count: depth)
        let isAccepted = bytes.withUnsafeBytes { buffer in
            var cursor = CanonicalCursor(buffer)
            return cursor.skipValue()
        }
        #expect(isAccepted == (depth <= 16))
        #expect(((try? JSONReader.read(bytes)) != nil) == (depth <= 16))
    }

    @Test(
        arguments: [
            ("0", 0), ("7", 7), ("9007199254740991", 9_007_199_254_740_991),
            ("9007199254740992", nil),
            ("-0", nil), ("-1", nil), ("00", nil), ("01", nil), ("", nil), ("x", nil),
            ("99999999999999999999", nil),
        ] as [(String, Int64?)])
    func readsNaturals(_ text: String, _ value: Int64?) {
        let read = Array(text.utf8).withUnsafeBytes { buffer in
            var cursor = CanonicalCursor(buffer)
            let number = cursor.natural()
            return cursor.isAtEnd ? number : nil
        }
        #expect(read == value)
    }

    @Test(arguments: [
        ("{\"a\":1,\"a\":2}", 0), ("{\"a\":nul}", 5), ("[1,2,3.5]", 5), ("{\"a\" 1}", 5),
        ("\"ab", 0), ("{\"a\":\"\\q\"}", 6), ("[1]x", 3), ("   ", 3), ("[\"\\ud800\"]", 2),
    ])
    func saysAtWhichByteTheErrorIs(_ text: String, _ offset: Int) {
        let error = #expect(throws: JSONError.self) { try JSONReader.read(Array(text.utf8)) }
        #expect(error?.offset == offset)
        #expect(error?.description.hasSuffix("at byte \(offset)") == true)
    }

    @Test func takesEachWhiteSpaceOfJSONAndNoOther() throws {
        #expect(
            try JSONReader.read(Array(" \t\r\n[ \t\r\n1 \t\r\n,{ \"a\" : 2 } ] \n".utf8)) == [
                1, ["a": 2],
            ])
        for other in ["\u{b}", "\u{c}", "\u{a0}", "\u{2028}", "\u{feff}"] {
            #expect(throws: JSONError.self) { try JSONReader.read(Array("[1,\(other)2]".utf8)) }
        }
    }

    @Test func comparesBytesAndNotCharacters() throws {
        let (composed, decomposed) = ("\u{e9}", "e\u{301}")
        #expect(composed == decomposed)
        #expect(JSON.string(composed) != JSON.string(decomposed))
        let object = JSONObject([composed: 1, decomposed: 2])
        #expect(object.members.count == 2)
        #expect(object[composed] == 1 && object[decomposed] == 2)
    }

    @Test func anObjectKeepsItsMembersSortedAndOnce() {
        let generator = SeededGenerator()
        var random = RandomJSON(generator: generator)
        var object = JSONObject()
        var expected: [[UInt8]: JSON] = [:]
        for _ in 0..<2000 {
            let name = random.text(maximum: 2)
            let value: JSON? =
                Bool.random(using: &random.generator) ? random.value(depth: 0) : nil
            object[name] = value
            expected[Array(name.utf8)] = value
            #expect(object[name] == value, "seed \(generator.seed)")
        }
        #expect(object.members.count == expected.count)
        for (left, right) in zip(object.members, object.members.dropFirst()) {
            #expect(left.name.utf16.lexicographicallyPrecedes(right.name.utf16))
        }
        for member in object.members { #expect(expected[Array(member.name.utf8)] == member.value) }
    }

    @Test func mergesObjectsWithinObjects() {
        let ours = JSONObject(["a": ["x": 1, "y": 2], "b": 1, "c": ["z": 1]])
        let theirs = JSONObject(["a": ["y": 3, "z": 4], "b": ["n": 1], "c": 5])
        #expect(
            ours.merging(theirs)
                == JSONObject(["a": ["x": 1, "y": 3, "z": 4], "b": ["n": 1], "c": 5]))
        #expect(ours[["a", "y"]] == 2)
        #expect(ours[["a", "y", "q"]] == nil)
        #expect(ours[[]] == nil)
    }
}
