import LedgerCore
import TestSupport
import Testing

@testable import LedgerReport

struct TableTests {
    private func table(
        _ rows: [FoldedRow], width: Int? = nil, isColoured: Bool = false,
        local: LocalTime = Samples.berlin
    ) throws -> String {
        try Samples.output { output in
            let appearance = Samples.appearance(
                width: width, isColoured: isColoured, local: local)
            var table = DeploymentTable(appearance, to: output)
            for row in rows { try table.add(row) }
            try table.finish()
        }
    }

    private func sampleRows() throws -> [FoldedRow] {
        [
            try Samples.full(),
            try Samples.deployment(990, tenant: "globex", status: "started", milliseconds: 4200),
            try Samples.deployment(17, operation: "revert", environment: "dev", at: nil),
            try Samples.deployment(3, status: "unknown", operation: "baseline"),
            try Samples.row(2, #"{"type":"note","title":"Index rebuilt","actor":"bob"}"#),
            try Samples.row(
                1, #"{"service":"orders","environment":"dev","deployment":{"status":"skipped"}}"#),
        ].map { FoldedRow(row: $0) }
    }

    @Test func showsWhenWhereWhatHowItEndedByWhomAndHow() throws {
        let text = try table(try sampleRows())
        #expect(
            text == """
                WHEN                  WHERE                   WHAT            OUTCOME                 \
                TOOK  WHO               HOW                         ROLLBACK        INDEX
                2026-11-17 09:00+01   orders/prod/acme/eu/c1  V42__add_index  failed            \
                14 min 3 s  Alice             cli flyway INC-9 emergency  restore_point  #1235*
                2026-11-17 09:00+01   orders/prod/globex      V42__add_index  not finished      \
                     4.2 s  alice             cli flyway                                   #990
                ~2026-11-17 09:01+01  orders/dev              V42__add_index  revert succeeded  \
                     0.2 s  alice             cli flyway                                    #17
                2026-11-17 09:00+01   orders/prod             V42__add_index  baseline unknown  \
                     0.2 s  alice             cli flyway                                     #3
                2026-11-17 09:00+01                           Index rebuilt   note              \
                            bob                                                              #2
                2026-11-17 09:00+01   orders/dev                              skipped           \
                            (token tok_7f3a)                                                 #1

                """, "\(text)")
    }

    @Test func fitsANarrowTerminalByCuttingAndThenLeavingOutWhatMattersLeast() throws {
        let text = try table(try sampleRows(), width: 90, local: .utc)
        #expect(
            text == """
                WHEN                WHERE               WHAT            OUTCOME           WHO        INDEX
                2026-11-17 08:00Z   …s/prod/acme/eu/c1  V42__add_index  failed            Alice     #1235*
                2026-11-17 08:00Z   orders/prod/globex  V42__add_index  not finished      alice       #990
                ~2026-11-17 08:01Z  orders/dev          V42__add_index  revert succeeded  alice        #17
                2026-11-17 08:00Z   orders/prod         V42__add_index  baseline unknown  alice         #3
                2026-11-17 08:00Z                       Index rebuilt   note              bob           #2
                2026-11-17 08:00Z   orders/dev                          skipped           (token …      #1

                """, "\(text)")
    }

    @Test func layoutLeavesOutTheLeastImportantAndGivesBackWhatIsLeft() {
        let columns = [
            TableLayout.Column(natural: 10, minimum: nil, isOptional: false, importance: 3),
            TableLayout.Column(natural: 60, minimum: 8, isOptional: false, importance: 2),
            TableLayout.Column(natural: 20, minimum: 6, isOptional: true, importance: 1),
        ]
        func widths(_ available: Int) -> [Int?] {
            TableLayout(columns, within: available).widths
        }
        #expect(widths(94) == [10, 60, 20])
        #expect(widths(70) == [10, 36, 20])
        #expect(widths(60) == [10, 32, 14])
        #expect(widths(50) == [10, 38, nil])
        #expect(widths(25) == [10, 13, nil])
        #expect(widths(5) == [10, 8, nil])
    }

    @Test func coloursOnlyWhenAskedAndOnlyOutcomesAndHeaders() throws {
        let rows = [FoldedRow(row: try Samples.deployment(1, status: "failed"))]
        let text = try table(rows, isColoured: true)
        #expect(text.contains("\u{1B}[31mfailed\u{1B}[0m"))
        #expect(text.contains("\u{1B}[1mWHEN\u{1B}[0m"))
        let plain = try table(rows)
        #expect(!plain.contains("\u{1B}"))
        let uncoloured = ["1", "31", "0"].reduce(text) {
            $0.split(separator: "\u{1B}[\($1)m", omittingEmptySubsequences: false).joined()
        }
        #expect(uncoloured == plain)
    }

    @Test func anEmptyAnswerIsNoTable() throws {
        #expect(try table([]).isEmpty)
    }

    @Test func hostileTextNeitherSteersTheTerminalNorBreaksALine() throws {
        var random = SeededGenerator()
        let columns: [TextTable.Column] = [
            .init(header: "A", minimumWidth: 4, importance: 1, isOptional: true),
            .init(header: "B", minimumWidth: 4, importance: 2),
            .init(header: "C", isRightAligned: true, minimumWidth: 3, importance: 3),
        ]
        for width in [nil, 20, 33, 80] as [Int?] {
            let rows = (0..<50).map { _ in
                (0..<3).map { _ in TextTable.Cell(Hostile.text(using: &random)) }
            }
            let text = try Samples.output { output in
                var table = TextTable(
                    columns, appearance: Samples.appearance(width: width), output: output)
                for row in rows { try table.add(row) }
                try table.finish()
            }
            let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
            #expect(lines.count == 52, "seed \(random.seed)")
            for line in lines {
                #expect(!line.contains(where: Hostile.steers), "seed \(random.seed)")
                if let width {
                    #expect(DisplayWidth.of(String(line)) <= width, "seed \(random.seed)")
                }
            }
        }
    }

    @Test func alignsByWidthOnTheTerminalNotByCharacters() throws {
        let text = try Samples.output { output in
            var table = TextTable(
                [
                    .init(header: "NAME", importance: 1),
                    .init(header: "N", isRightAligned: true, importance: 2),
                ], appearance: Samples.appearance(width: 40), output: output)
            for (name, number) in [("日本", "7"), ("e\u{301}", "12"), ("👩‍💻!", "345")] {
                try table.add([.init(name), .init(number)])
            }
            try table.finish()
        }
        #expect(text == "NAME    N\n日本    7\ne\u{301}      12\n👩‍💻!   345\n")
    }

    @Test func rowsBeyondTheMeasuredOnesStreamWithTheSameWidths() throws {
        var written = 0
        let output = BufferedOutput(blockSize: 1) { written += $0.count }
        var table = TextTable(
            [
                .init(header: "N", importance: 1),
                .init(header: "M", importance: 2, isOptional: true),
            ],
            appearance: Samples.appearance(width: 20), output: output)
        for _ in 1..<TextTable.rowsMeasured { try table.add([.init("1"), .init("")]) }
        #expect(written == 0)
        try table.add([.init("1"), .init("")])
        // The header has both columns, since a later row may have a value for the second.
        #expect(written == "N  M\n".utf8.count + 2 * TextTable.rowsMeasured)
        try table.add([.init("123"), .init("x")])
        #expect(written == "N  M\n".utf8.count + 2 * TextTable.rowsMeasured + "…  x\n".utf8.count)
    }
}
