import LedgerCore
import TestSupport
import Testing

@testable import LedgerReport

struct TimeBoundsTests {
    // Tuesday, 09:30:15.250 in Berlin.
    private static let nowText = "2026-11-17T08:30:15.250Z"

    private func since(
        _ text: String, now: String = nowText, local: LocalTime = Samples.berlin
    ) throws -> String? {
        try TimeBounds.read(
            since: text, until: nil, period: nil, now: Samples.time(now), local: local
        ).since?.utc
    }

    @Test(arguments: [
        ("now", "2026-11-17T08:30:15.250Z"),
        ("today", "2026-11-16T23:00:00.000Z"),
        ("yesterday", "2026-11-15T23:00:00.000Z"),
        ("30m", "2026-11-17T08:00:15.250Z"),
        ("24h", "2026-11-16T08:30:15.250Z"),
        ("7d", "2026-11-10T08:30:15.250Z"),
        ("2w", "2026-11-03T08:30:15.250Z"),
        ("30d", "2026-10-18T07:30:15.250Z"),
        ("03:00", "2026-11-17T02:00:00.000Z"),
        ("09:30:15", "2026-11-17T08:30:15.000Z"),
        ("09:31", "2026-11-16T08:31:00.000Z"),
        ("2026-11-01", "2026-10-31T23:00:00.000Z"),
        ("2026-07-01", "2026-06-30T22:00:00.000Z"),
        ("2026-11-01T03:00", "2026-11-01T02:00:00.000Z"),
        ("2026-11-01 03:00:30", "2026-11-01T02:00:30.000Z"),
        ("2026-11-01T03:00:00.5-05:00", "2026-11-01T08:00:00.500Z"),
        ("2026-11-01T12:00Z", "2026-11-01T12:00:00.000Z"),
        ("2026-11-01T03:00-05:00", "2026-11-01T08:00:00.000Z"),
    ])
    func readsEachWayToWriteAMoment(text: String, expected: String) throws {
        #expect(try since(text) == expected)
    }

    @Test(arguments: [
        ("2026", "2025-12-31T23:00:00.000Z", "2026-12-31T23:00:00.000Z"),
        ("2026-Q4", "2026-09-30T22:00:00.000Z", "2026-12-31T23:00:00.000Z"),
        ("2026-Q1", "2025-12-31T23:00:00.000Z", "2026-03-31T22:00:00.000Z"),
        ("2026-11", "2026-10-31T23:00:00.000Z", "2026-11-30T23:00:00.000Z"),
        ("2026-12", "2026-11-30T23:00:00.000Z", "2026-12-31T23:00:00.000Z"),
        ("2026-W01", "2025-12-28T23:00:00.000Z", "2026-01-04T23:00:00.000Z"),
        ("2026-W47", "2026-11-15T23:00:00.000Z", "2026-11-22T23:00:00.000Z"),
        ("2026-W53", "2026-12-27T23:00:00.000Z", "2027-01-03T23:00:00.000Z"),
        ("2026-10-25", "2026-10-24T22:00:00.000Z", "2026-10-25T23:00:00.000Z"),
        ("yesterday", "2026-11-15T23:00:00.000Z", "2026-11-16T23:00:00.000Z"),
    ])
    func readsEachWayToWriteAPeriod(text: String, since: String, until: String) throws {
        let bounds = try TimeBounds.read(
            since: nil, until: nil, period: text, now: Samples.time(Self.nowText),
            local: Samples.berlin)
        #expect(bounds.since?.utc == since)
        #expect(bounds.until?.utc == until)
    }

    @Test(arguments: [
        "", "7", "d", "0d", "-7d", "+7d", "7y", "1.5h", "25:00", "3:00", "2026-02-30", "2026-13-01",
        "2026-11-01T24:00", "2026-11-01T03:00+01:00:00", "tomorrow", "9999999d", "٣d", "0001-01-00",
        "2026-11-1", "7d ", "\u{1B}[2J",
    ])
    func refusesWhatIsNoMomentAndSaysWhatIs(text: String) throws {
        let error = #expect(throws: LedgerError.self) { try since(text) }
        #expect(error?.code == .usage)
        #expect(error?.message.hasPrefix("--since ") == true)
        #expect(error?.advice?.contains("7d") == true)
        #expect(error?.message.unicodeScalars.contains("\u{1B}") == false)
    }

    @Test(arguments: [
        "", "2026-Q5", "2026-Q0", "2026-13", "2026-00", "2025-W53", "2026-W00", "26", "20266",
        "2026-q4", "7d", "2026-02-29",
    ])
    func refusesWhatIsNoPeriod(text: String) throws {
        let now = try Samples.time(Self.nowText)
        let error = #expect(throws: LedgerError.self) {
            try TimeBounds.read(
                since: nil, until: nil, period: text, now: now, local: Samples.berlin)
        }
        #expect(error?.code == .usage)
        #expect(error?.advice?.contains("2026-Q4") == true)
    }

    @Test func refusesBoundsThatHoldNothing() throws {
        let now = try Samples.time(Self.nowText)
        for (since, until) in [("now", "now"), ("1h", "2h"), ("2026-11-02", "2026-11-01")] {
            let error = #expect(throws: LedgerError.self) {
                try TimeBounds.read(
                    since: since, until: until, period: nil, now: now, local: Samples.berlin)
            }
            #expect(error?.message.contains("is not before --until") == true)
        }
        #expect(throws: LedgerError.self) {
            try TimeBounds.read(
                since: "7d", until: nil, period: "2026", now: now, local: Samples.berlin)
        }
    }

    @Test func takesTheFirstOfTwoMomentsWhenClocksAreSetBack() throws {
        // 02:30 was at 00:30 and at 01:30 UTC.
        #expect(try since("2026-10-25T02:30") == "2026-10-25T00:30:00.000Z")
        #expect(try since("2026-10-25T03:00") == "2026-10-25T02:00:00.000Z")
        #expect(try since("02:30", now: "2026-10-25T12:00:00Z") == "2026-10-25T00:30:00.000Z")
        // 25 hours are one day.
        #expect(try since("1d", now: "2026-10-25T12:00:00Z") == "2026-10-24T11:00:00.000Z")
        #expect(try since("24h", now: "2026-10-25T12:00:00Z") == "2026-10-24T12:00:00.000Z")
    }

    @Test func takesTheMomentWhenClocksAreSetForthForATimeThatDoesNotExist() throws {
        #expect(try since("2026-03-29T02:30") == "2026-03-29T01:00:00.000Z")
        #expect(try since("2026-03-29T01:59") == "2026-03-29T00:59:00.000Z")
        #expect(try since("2026-03-29T03:00") == "2026-03-29T01:00:00.000Z")
        #expect(try since("1d", now: "2026-03-30T00:30:00Z") == "2026-03-29T01:00:00.000Z")
    }

    @Test func findsAMidnightThatDoesNotExistAndAWholeDayThatDoesNot() throws {
        // Beirut goes from 00:00 to 01:00; Samoa left out 2011-12-30.
        let beirut = LocalTime { $0.milliseconds < 1_774_735_200_000 ? 120 : 180 }
        #expect(try since("2026-03-29", local: beirut) == "2026-03-28T22:00:00.000Z")
        let samoa = LocalTime { $0.milliseconds < 1_325_239_200_000 ? -600 : 840 }
        #expect(try since("2011-12-30T12:00", local: samoa) == "2011-12-30T10:00:00.000Z")
        #expect(try since("2011-12-31", local: samoa) == "2011-12-30T10:00:00.000Z")
    }

    @Test func periodsMeetWithoutHoleOrOverlapAndDaysAreInOrder() throws {
        var random = SeededGenerator()
        for _ in 0..<200 {
            let change = Int64.random(in: 1_700_000_000...1_800_000_000, using: &random) * 1000
            let before = Int.random(in: -12...13, using: &random) * 60
            let after = before + [-60, -30, 30, 60].randomElement(using: &random, or: 60)
            let local = LocalTime { $0.milliseconds < change ? before : after }
            let day = local.dayAndTime(at: Timestamp(milliseconds: change)).day
            let midnights = try (-3...3).map { try #require(local.moment(day: day + $0)) }
            let moments = try (0..<96).map {
                try #require(local.moment(day: day, millisecondOfDay: Int64($0) * 900_000))
            }
            #expect(midnights == midnights.sorted(), "seed \(random.seed)")
            #expect(moments == moments.sorted(), "seed \(random.seed)")
            for (quarter, moment) in moments.enumerated() {
                let back = local.dayAndTime(at: moment)
                let isExact = back == (day, Int64(quarter) * 900_000)
                let isAtChange = moment.milliseconds == change
                #expect(isExact || isAtChange, "seed \(random.seed)")
            }
        }
    }

    @Test func saysInWordsWhatTheBoundsAre() throws {
        let now = try Samples.time(Self.nowText)
        func words(_ since: String?, _ until: String?, _ local: LocalTime = Samples.berlin) throws
            -> String
        {
            try TimeBounds.read(since: since, until: until, period: nil, now: now, local: local)
                .words(local: local, now: now)
        }
        #expect(try words("2026-11-17T09:00", nil) == "from 2026-11-17 09:00 +01:00 until now")
        #expect(try words("7d", "now") == "from 2026-11-10 09:30:15 +01:00 until now")
        #expect(
            try words("2026-07-01", "2026-11-01", .utc)
                == "from 2026-07-01 00:00Z until 2026-11-01 00:00Z")
        #expect(
            try words(nil, "2026-07-01") == "from the beginning until 2026-07-01 00:00 +02:00")
        #expect(
            TimeBounds(since: nil, until: nil).words(
                local: .utc, now: now, basis: .recorded) == "recorded from the beginning until now")
    }

    @Test func writesOffsetsWestOfGreenwichAndOfHalfHours() throws {
        let time = try Samples.time("2026-11-17T00:10:00Z")
        #expect(LocalTime { _ in -210 }.text(of: time, to: .minutes) == "2026-11-16 20:40 -03:30")
        #expect(LocalTime { _ in -210 }.compactText(of: time) == "2026-11-16 20:40-03:30")
        #expect(LocalTime { _ in 600 }.compactText(of: time) == "2026-11-17 10:10+10")
        #expect(LocalTime.utc.compactText(of: time) == "2026-11-17 00:10Z")
        #expect(LocalTime { _ in 0 }.text(of: time, to: .seconds) == "2026-11-17 00:10:00 +00:00")
    }
}

extension Array {
    fileprivate func randomElement(
        using random: inout some RandomNumberGenerator, or other: Element
    ) -> Element {
        randomElement(using: &random) ?? other
    }
}
