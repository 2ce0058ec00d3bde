import Foundation
import TestSupport
import Testing

@testable import LedgerCore

@Suite struct TimestampTests {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("1970-01-01T00:00:00.001Z", 1),
            ("1969-12-31T23:59:59.999Z", -1), ("2026-01-01T00:00:00.123Z", 1_767_225_600_123),
            ("2026-01-01T01:00:00+01:00", 1_767_225_600_000),
            ("2025-12-31T18:30:00-05:30", 1_767_225_600_000),
            ("2000-02-29t00:00:00z", 951_782_400_000),
            ("2000-02-29 00:00:00.1Z", 951_782_400_100),
            ("2000-02-29T00:00:00.1239999Z", 951_782_400_123),
            ("2016-12-31T23:59:60Z", 1_483_228_800_000),
            ("1900-03-01T00:00:00Z", -2_203_891_200_000),
            ("2038-01-19T03:14:08Z", 2_147_483_648_000),
            ("2026-01-01T00:00:00-00:00", 1_767_225_600_000),
            ("0001-01-01T00:00:00Z", -62_135_596_800_000),
            ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
        ] as [(String, Int64)])
    func readsWhatIsKnown(_ text: String, _ milliseconds: Int64) {
        #expect(Timestamp(rfc3339: text)?.milliseconds == milliseconds)
    }

    @Test(arguments: [
        "", "2026", "2026-01-01", "2026-01-01T00:00:00", "2026-01-01T00:00Z", "2026-1-01T00:00:00Z",
        "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00,5Z", "2026-00-01T00:00:00Z",
        "2026-13-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-32T00:00:00Z",
        "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2100-02-29T00:00:00Z",
        "2026-04-31T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:61Z", "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+01:60",
        "2026-01-01T00:00:00+0100", "2026-01-01T00:00:00+01", "2026-01-01T00:00:00Z ",
        " 2026-01-01T00:00:00Z", "0000-12-31T23:59:59Z", "+2026-01-01T00:00:00Z",
        "2026-01-01T00:00:00ZZ", "2026/01/01T00:00:00Z", "2026-01-01T-1:00:00Z",
        "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "9999-12-31T23:59:60Z",
        "２026-01-01T00:00:00Z", "2026-01-01T00:00:00\u{301}Z",
    ])
    func refusesWhatIsNoTimeWithAnOffset(_ text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test func comesBackTheSameFromItsOwnForm() {
        var generator = SeededGenerator()
        for _ in 0..<20_000 {
            let time = Timestamp(milliseconds: .random(in: Timestamp.bounds, using: &generator))
            #expect(time.utc.utf8.count == 24)
            #expect(Timestamp(rfc3339: time.utc) == time, "\(time), seed \(generator.seed)")
        }
    }

    @Test func agreesWithTheCalendarOfFoundation() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
        var generator = SeededGenerator()
        for _ in 0..<3000 {
            // The calendar of Foundation is Julian before 1582.
            let time = Timestamp(
                milliseconds: .random(
                    in: -12_000_000_000_000...250_000_000_000_000, using: &generator))
            let date = Date(
                timeIntervalSince1970: (Double(time.milliseconds) / 1000).rounded(.down))
            let parts = calendar.dateComponents(
                [.year, .month, .day, .hour, .minute, .second], from: date)
            let civil = time.civil(offsetMinutes: 0)
            #expect(
                [
                    civil.date.year, civil.date.month, civil.date.day, civil.hour, civil.minute,
                    civil.second,
                ]
                    == [
                        parts.year, parts.month, parts.day, parts.hour, parts.minute, parts.second,
                    ],
                "\(time.milliseconds), seed \(generator.seed)")
        }
    }

    @Test func countsEveryDayOnce() throws {
        var day = CalendarDate(daysSince1970: -719_162)
        #expect(day == CalendarDate(year: 1, month: 1, day: 1))
        for number in -719_161...60_000 {
            let next = CalendarDate(daysSince1970: number)
            let follows =
                next.year == day.year && next.month == day.month && next.day == day.day + 1
                || next.year == day.year && next.month == day.month + 1 && next.day == 1
                || next.year == day.year + 1 && next.month == 1 && next.day == 1
            if !follows || next.daysSince1970 != number {
                Issue.record("after \(day) comes \(next)")
                return
            }
            day = next
        }
    }

    @Test func showsLocalTimeAtAnOffset() {
        let time = Timestamp(milliseconds: 1_767_225_600_123)
        let east = time.civil(offsetMinutes: 330)
        #expect(east.date == time.civil(offsetMinutes: 0).date)
        #expect(east.hour == 5 && east.minute == 30 && east.second == 0 && east.millisecond == 123)
        let west = time.civil(offsetMinutes: -60)
        #expect(west.date == CalendarDate(year: 2025, month: 12, day: 31) && west.hour == 23)
    }
}
