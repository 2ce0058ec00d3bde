import LedgerCore
import TestSupport
import Testing

@testable import LedgerIngest

@Suite struct HookValueTests {
    private func read(_ text: String) throws -> HookValue {
        try HookValue.read(Array(text.utf8))
    }

    @Test func readsWhatForgesSendAndTheLedgerRefuses() throws {
        let value = try read(
            " {\"a\": null, \"b\": [1.5e-3, -0, 12345678901234567890], \"c\": 1, \"c\": 2,\n"
                + "\"\": {\"x\": \"\\ud83d\\ude02 \\ud83d \\udE02\\u0000\\/\\n\"}, \"t\": true}\r\n"
        )
        #expect(value["a"].isNull && value["missing"].isNull && value["b", "x"].isNull)
        #expect(value["b"].array.map(\.id) == ["1.5e-3", "-0", "12345678901234567890"])
        #expect(value["b"].array.map(\.integer) == [nil, 0, nil])
        #expect(value["c"].integer == 2)
        #expect(value["", "x"].text == "😂 \u{FFFD} \u{FFFD}\u{FFFD}/\n")
        #expect(value["t"].isTrue && !value["c"].isTrue)
    }

    @Test func refusesWhatIsNoJSONAndSaysWhere() throws {
        let bad: [(String, Int)] = [
            ("", 0), ("{", 1), ("[1,]", 3), ("{\"a\" 1}", 5), ("{a: 1}", 1), ("[1 2]", 3),
            ("01", 1), ("1.", 0), ("1e", 0), ("-", 0), ("+1", 0), ("nul", 0), ("truE", 0),
            ("\"a", 0), ("\"\\x\"", 1), ("\"\\u12g4\"", 1), ("\"\\", 1), ("\"a\nb\"", 2),
            ("{} {}", 3), ("NaN", 0), ("'a'", 0), ("\"\\u12", 1),
        ]
        for (text, place) in bad {
            let error = #expect(throws: LedgerError.self, "\(text)") { try read(text) }
            #expect(error?.code == .invalidEvent)
            #expect(error?.message.contains("byte \(place):") == true, "\(text): \(error as Any)")
        }
        for bytes: [UInt8] in [
            [0x22, 0xFF, 0x22], [0x22, 0xC3, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
        ] {
            let error = #expect(throws: LedgerError.self) { try HookValue.read(bytes) }
            #expect(error?.message.contains("UTF-8") == true)
        }
    }

    @Test func nestsAsDeepAsItsLimitAndNoDeeper() throws {
        func nested(_ open: String, _ close: String, _ depth: Int) -> String {
            String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
        }
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            #expect(throws: Never.self) {
                try read(nested(open, close, LenientJSON.depthLimit))
            }
            for depth in [LenientJSON.depthLimit + 1, 100_000] {
                let error = #expect(throws: LedgerError.self) {
                    try read(nested(open, close, depth))
                }
                #expect(error?.message.contains("deeper than 64") == true)
            }
            #expect(throws: LedgerError.self) { try read(String(repeating: open, count: 100_000)) }
        }
    }

    // As many members of one name, or strings with escapes, as fit into 2 MiB: reading is linear,
    // so it ends long before a test times out.
    @Test(.timeLimit(.minutes(3)))
    func readsLargeBodiesOnce() throws {
        let members = String(repeating: "\"a\":1,", count: 400_000)
        #expect(try read("{" + members + "\"a\":7}")["a"].integer == 7)
        let escapes = String(repeating: "\\n", count: 1_000_000)
        #expect(try read("\"x" + escapes + "\"").text?.utf8.count == 1_000_001)
    }

    @Test func readsEveryWayToWriteATime() throws {
        let expected = Timestamp(milliseconds: 1_619_639_400_000)
        for text in [
            "2021-04-28T19:50:00Z", "2021-04-28 19:50:00 UTC", "2021-04-28 21:50:00 +0200",
            "2021-04-28T21:50:00+0200", "2021-04-28T21:50:00+02:00", "2021-04-28 14:50:00 -05:00",
            "2021-04-28T19:50:00.0000000Z", " 2021-04-28 19:50:00 UTC ", "1619639400",
            "1619639400000", "2021-04-28T19:50:00UTC", "2021-04-28T14:50:00.0004-0500",
        ] {
            #expect(HookTime.read(.string(text)) == expected, "\(text)")
        }
        for number in ["1619639400", "1619639400000"] {
            #expect(HookTime.read(.number(number)) == expected)
        }
        for text in [
            "", "0", "-5", "2021-04-28", "2021-04-28T19:50:00", "2021-04-28 19:50:00 CET", "UTC",
            "+0200", "2021-13-28T19:50:00Z", "9223372036854775807", "yesterday", "1619639400.5",
        ] {
            #expect(HookTime.read(.string(text)) == nil, "\(text)")
            #expect(HookTime.read(.number(text)) == nil, "\(text)")
        }
        #expect(HookTime.read(.null) == nil)
    }

    // What a mutated hook becomes does not matter; that it is one of the outcomes, or refused as
    // no JSON, and that its events are such as the ledger takes, does.
    @Test func garbageIsRefusedOrReadAndNeverMore() throws {
        var random = RandomJSON(generator: SeededGenerator())
        let seed = random.generator.seed
        let context = try HookSamples.context()
        var readCount = 0
        for kind in HookKind.allCases {
            for example in kind.adapter.examples {
                for _ in 0..<60 {
                    let body = random.mutated(Array(example.body.utf8))
                    let request = HookRequest(headers: example.headers, body: body)
                    do throws(LedgerError) {
                        let outcome = try Hook(kind).outcome(of: request, context)
                        readCount += 1
                        if case .events(let events) = outcome {
                            for event in events {
                                #expect(event.id?.isEmpty == false, "seed \(seed)")
                                #expect(event.source?.hasPrefix(kind.rawValue) == true)
                            }
                        }
                    } catch {
                        #expect(error.code == .invalidEvent, "seed \(seed): \(error)")
                    }
                }
            }
        }
        #expect(readCount > 100, "seed \(seed)")
    }

    @Test func randomValuesAreReadAsTheyWereWritten() throws {
        var random = RandomJSON(generator: SeededGenerator())
        for _ in 0..<500 {
            let value = random.value()
            let read = try HookValue.read(CanonicalJSON.bytes(value))
            #expect(read.isSame(as: value), "seed \(random.generator.seed): \(value)")
        }
    }
}

extension HookValue {
    fileprivate func isSame(as other: JSON) -> Bool {
        switch (self, other) {
        case (.bool(let left), .bool(let right)): left == right
        case (.number(let left), .integer(let right)): left == String(right)
        case (.string(let left), .string(let right)): left.hasSameBytes(as: right)
        case (.array(let left), .array(let right)):
            left.count == right.count && zip(left, right).allSatisfy { $0.isSame(as: $1) }
        case (.object(let left), .object(let right)):
            left.count == right.members.count
                && zip(left, right.members).allSatisfy {
                    $0.name.hasSameBytes(as: $1.name) && $0.value.isSame(as: $1.value)
                }
        default: false
        }
    }
}
