import LedgerCore
import Testing

@testable import LedgerIngest

/// What tools' tables say, row by row.
@Suite struct ToolHistoryTests {
    private static let tools = ToolHistories.all.map { $0.tool }

    @Test(arguments: tools)
    func examplesReadAsTheySay(_ tool: MigrationTool) throws {
        let history = try #require(ToolHistories.all.first { $0.tool == tool })
        #expect(!history.examples.isEmpty)
        let reading = ToolReading(table: history.tables[0], zone: .utc)
        for example in history.examples {
            #expect(try history.record(example.row, reading) == example.record)
        }
    }

    /// Whatever a column says, it is read or refused in words that name the row; nothing traps.
    @Test(arguments: tools)
    func garbageIsRefusedWithItsRow(_ tool: MigrationTool) throws {
        let history = try #require(ToolHistories.all.first { $0.tool == tool })
        let reading = ToolReading(table: history.tables[0], zone: .unknown)
        let garbage: [ToolRow.Value] = [
            "", "\u{0}", "é\u{301}", "-1", "99999999999999999999", "../../x", "01.11.2026 12:00",
            .integer(.min), .integer(.max), .text(String(repeating: "x", count: 5000)),
        ]
        for example in history.examples {
            for place in example.row.columns.indices {
                for value in garbage {
                    var columns = example.row.columns
                    columns[place].value = value
                    let row = ToolRow(columns, number: 7)
                    do throws(LedgerError) {
                        _ = try history.record(row, reading)
                    } catch {
                        #expect(error.message.contains("row 7"), "\(error)")
                    }
                    var less = example.row.columns
                    less.remove(at: place)
                    _ = try? history.record(ToolRow(less, number: 7), reading)
                }
            }
        }
    }

    @Test(arguments: [
        ("2026-11-01T12:00:00Z", "2026-11-01T12:00:00.000Z"),
        ("2026-11-01 12:00:00+00", "2026-11-01T12:00:00.000Z"),
        ("2026-11-01 12:00:00.5+0530", "2026-11-01T06:30:00.500Z"),
        ("2026-11-01 12:00:00 UTC", "2026-11-01T12:00:00.000Z"),
        ("1762000000123", "2025-11-01T12:26:40.123Z"),
    ])
    func timesWithAZoneAreKnown(_ text: String, _ utc: String) {
        guard case .known(let time) = ToolTime.read(.text(text), .unknown) else {
            Issue.record("\(text) is not known")
            return
        }
        #expect(time.utc == utc)
    }

    @Test func aTimeWithoutAZoneIsNeverGuessed() {
        #expect(ToolTime.read("2026-11-01 12:00:00", .unknown) == .withoutZone)
        #expect(
            ToolTime.read("2026-11-01 12:00:00", ToolZone { _ in 3600 })
                == .known(Timestamp(rfc3339: "2026-11-01T11:00:00Z")!))
        for text in ["01.11.2026 12:00", "11/01/2026", "yesterday", "12", "2026-13-01 00:00:00"] {
            #expect(ToolTime.read(.text(text), .utc) == nil, "\(text)")
        }
    }
}
