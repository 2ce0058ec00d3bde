import LedgerCore
import TestSupport
import Testing

@testable import LedgerReport

struct TextTests {
    @Test(arguments: [
        ("orders", "orders"),
        ("a\u{1B}[31mred", "a␛[31mred"),
        ("two\nlines\r\n\t", "two␊lines␍␊␉"),
        ("bell\u{7}del\u{7F}", "bell␇del␡"),
        ("C1\u{9B}31m", "C1<U+009B>31m"),
        ("prod\u{202E}dorp", "prod<U+202E>dorp"),
        ("pro\u{200B}d \u{200D}d", "pro<U+200B>d <U+200D>d"),
        ("a\u{2028}b\u{FEFF}", "a<U+2028>b<U+FEFF>"),
        ("👩\u{200D}💻 é müller 日本", "👩\u{200D}💻 é müller 日本"),
    ])
    func showsWhatWouldSteerATerminal(text: String, expected: String) {
        #expect(VisibleText.line(text).unicodeScalars.elementsEqual(expected.unicodeScalars))
    }

    @Test func nothingThatSteersATerminalGetsThrough() throws {
        var random = SeededGenerator()
        for _ in 0..<500 {
            let text = Hostile.text(using: &random)
            let visible = VisibleText.lines(text) + [VisibleText.line(text)]
            for scalar in visible.joined().unicodeScalars {
                #expect(!Hostile.steers(scalar), "seed \(random.seed): \(text.debugDescription)")
            }
        }
    }

    @Test(arguments: [
        ("orders", 6), ("é", 1), ("e\u{301}", 1), ("日本語", 6), ("한국", 4),
        ("\u{1112}\u{1161}\u{11AB}", 2),
        ("👍", 2), ("👍🏽", 2), ("👩‍💻", 2), ("🇩🇪", 2), ("❤️", 2), ("❤", 1), ("…–␛", 3), ("ａ", 2),
        ("क्षि", 3), ("", 0),
    ])
    func measuresInColumnsOfATerminal(text: String, width: Int) {
        #expect(DisplayWidth.of(text) == width)
    }

    @Test(.enabled(if: Python.isThere, "python3 is not installed"))
    func agreesWithTheUnicodeTablesOfPython() throws {
        let ranges = try Python.run(
            """
            import unicodedata as u
            print(" ".join(str(c) for c in range(0x20, 0x30000)
                if u.east_asian_width(chr(c)) in "WF" and u.category(chr(c)) not in ("Cn", "Mn")))
            """)
        let wide = Set(ranges.split(whereSeparator: \.isWhitespace).compactMap { UInt32($0) })
        try #require(wide.count > 80_000)
        // What this Python knows of: assigned characters of other widths.
        let assigned = try Python.run(
            """
            import unicodedata as u
            print(" ".join(str(c) for c in range(0x20, 0x30000)
                if u.east_asian_width(chr(c)) not in "WF"
                and u.category(chr(c)) not in ("Cn", "Mn", "Cs")))
            """)
        let narrow = Set(assigned.split(whereSeparator: \.isWhitespace).compactMap { UInt32($0) })
        // Unicode 16 made the hexagrams and the digits of Tai Xuan Jing wide.
        let madeWide: [ClosedRange<UInt32>] = [0x4DC0...0x4DFF, 0x1D300...0x1D376]
        for value in wide {
            let scalar = try #require(Unicode.Scalar(value))
            #expect(DisplayWidth.width(of: scalar) == 2, "U+\(String(value, radix: 16))")
        }
        for value in narrow where !madeWide.contains(where: { $0 ~= value }) {
            let scalar = try #require(Unicode.Scalar(value))
            #expect(DisplayWidth.width(of: scalar) < 2, "U+\(String(value, radix: 16))")
        }
    }

    @Test func cutsBetweenCharactersAndNeverBeyondTheWidth() throws {
        #expect(DisplayWidth.cut("V42__add_index", to: 8) == "V42__ad…")
        #expect(DisplayWidth.cut("日本語", to: 4) == "日…")
        #expect(DisplayWidth.cut("日本語", to: 6) == "日本語")
        #expect(DisplayWidth.cut("abc", to: 1) == "…")
        #expect(DisplayWidth.cutStart(of: "orders/prod/acme", to: 10) == "…prod/acme")
        #expect(DisplayWidth.cutStart(of: "日本語", to: 4) == "…語")
        var random = SeededGenerator()
        for _ in 0..<500 {
            let text = VisibleText.line(Hostile.text(using: &random))
            let width = Int.random(in: 1...20, using: &random)
            let cut = DisplayWidth.cut(text, to: width)
            #expect(DisplayWidth.of(cut) <= width, "seed \(random.seed)")
            #expect(cut == text || cut.hasSuffix("…"), "seed \(random.seed)")
        }
    }

    @Test func wrapsAtSpacesAndBreaksOnlyWhatIsLonger() {
        #expect(
            WrappedText.lines("the quick brown fox\n\n  jumps", width: 10)
                == ["the quick", "brown fox", "", "  jumps"])
        #expect(WrappedText.lines("abcdefghij klm", width: 4) == ["abcd", "efgh", "ij", "klm"])
        #expect(
            WrappedText.lines("a abcdefghij  klm", width: 4, breaksWords: false)
                == ["a", "abcdefghij", "klm"])
        #expect(WrappedText.lines("日本語 日本", width: 5) == ["日本", "語", "日本"])
        #expect(WrappedText.lines("a\tb\r\nlast\n", width: nil) == ["a    b", "last"])
        #expect(WrappedText.lines("50%\rdone", width: 80) == ["50%␍done"])
        #expect(WrappedText.lines("", width: 10) == [""])
    }

    @Test func wrappingLosesNothingButSpaces() {
        var random = SeededGenerator()
        for _ in 0..<300 {
            let text = Hostile.text(using: &random)
            let width = Int.random(in: 4...30, using: &random)
            let lines = WrappedText.lines(text, width: width)
            #expect(
                lines.joined().filter { $0 != " " }
                    == VisibleText.lines(text).joined().filter { $0 != " " },
                "seed \(random.seed)")
            // Only a single character may be too wide for a line.
            #expect(
                lines.allSatisfy { DisplayWidth.of($0) <= width || $0.count == 1 },
                "seed \(random.seed)")
        }
    }

    @Test func saysNumbersInWords() throws {
        let durations: [(Int64, String)] = [
            (0, "0 ms"), (99, "99 ms"), (200, "0.2 s"), (59_999, "59.9 s"), (60_000, "1 min"),
            (843_000, "14 min 3 s"), (7_500_000, "2 h 5 min"), (273_600_000, "3 d 4 h"),
        ]
        for (milliseconds, words) in durations {
            #expect(Words.duration(milliseconds: milliseconds) == words)
        }
        #expect(Words.count(0, "entry") == "no entries")
        #expect(Words.count(1, "entry") == "1 entry")
        #expect(Words.count(2, "review") == "2 reviews")
        #expect(Words.size(bytes: 999) == "999 bytes")
        #expect(Words.size(bytes: 12_345) == "12.3 kB")
        #expect(Words.size(bytes: 4_560_000) == "4.5 MB")
        #expect(Words.size(bytes: 7_890_000_000_000) == "7890.0 GB")
        #expect(Words.list(["a", "b", "c", "d", "e"]) == "a, b, c +2")
    }
}

/// Text that someone could have put into an event to do harm, or by accident.
enum Hostile {
    private static let pieces = [
        "orders", " ", "日本", "é", "e\u{301}", "👩‍💻", "\u{1B}[2J", "\u{1B}]0;title\u{7}", "\u{9B}31m",
        "\r", "\n", "\r\n", "\t", "\u{202E}", "\u{2066}", "\u{200F}", "\u{200B}", "\u{200D}",
        "\u{2028}", ",", "\"", "'", "=1+1", "+", "-", "@", "\u{7F}", "a\u{300}\u{301}", "🇩🇪",
        "\u{1F3FD}", "＝", "\\", "<script>", "\u{FEFF}", "\u{E0001}", "\u{1}", "\u{85}",
    ]

    static func text(using random: inout SeededGenerator) -> String {
        (0..<Int.random(in: 0...12, using: &random)).map { _ in
            pieces[Int.random(in: pieces.indices, using: &random)]
        }.joined()
    }

    static func steers(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x200B, 0x200E, 0x200F, 0x2028...0x202E, 0x2060...0x206F,
            0xFEFF,
            0xE0000...0xE007F:
            true
        default: false
        }
    }
}
