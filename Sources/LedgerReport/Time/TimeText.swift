import LedgerCore

/// The ways to write a moment or a period on the command line, each with an example.
enum TimeText {
    struct Form<Value>: Sendable {
        let example: String
        let meaning: String
        let read: @Sendable (_ text: String, _ now: Timestamp, _ local: LocalTime) -> Value?
    }

    // Days and weeks are calendar days back at the same time of day, as in `interval '7 days'` of
    // PostgreSQL; hours and minutes are as long as they are.
    static let moments: [Form<Timestamp>] = [
        Form(example: "now", meaning: "this moment") { text, now, _ in text == "now" ? now : nil },
        Form(example: "today", meaning: "the midnight before now") { text, now, local in
            text == "today" ? midnight(daysBack: 0, now, local) : nil
        },
        Form(example: "yesterday", meaning: "the midnight before that") { text, now, local in
            text == "yesterday" ? midnight(daysBack: 1, now, local) : nil
        },
        Form(example: "30m", meaning: "minutes ago") { text, now, _ in
            count(text, unit: "m").map { later(now, by: -Int64($0) * 60_000) }
        },
        Form(example: "24h", meaning: "hours ago") { text, now, _ in
            count(text, unit: "h").map { later(now, by: -Int64($0) * 3_600_000) }
        },
        Form(example: "7d", meaning: "days ago, at this time of day") { text, now, local in
            count(text, unit: "d").flatMap { sameTime(daysBack: $0, now, local) }
        },
        Form(example: "2w", meaning: "weeks ago, at this time of day") { text, now, local in
            count(text, unit: "w").flatMap { sameTime(daysBack: 7 * $0, now, local) }
        },
        Form(example: "2 weeks ago", meaning: "the same in words", read: ago),
        Form(example: "03:00", meaning: "the last time that it was three o'clock", read: lastTime),
        Form(example: "2026-11-01", meaning: "its first moment") { text, _, local in
            day(Substring(text)).flatMap { local.moment(day: $0) }
        },
        Form(example: "2026-11-01T03:00", meaning: "local time", read: dayAndTime),
        Form(example: "2026-11-01T03:00:00+01:00", meaning: "RFC 3339") { text, _, _ in
            Timestamp(rfc3339: text) ?? Timestamp(rfc3339: withSeconds(text))
        },
    ]

    /// Days since 1970, the last exclusive.
    static let periods: [Form<Range<Int>>] = [
        Form(example: "today", meaning: "") { text, now, local in
            text == "today" ? oneDay(local.dayAndTime(at: now).day) : nil
        },
        Form(example: "yesterday", meaning: "") { text, now, local in
            text == "yesterday" ? oneDay(local.dayAndTime(at: now).day - 1) : nil
        },
        Form(example: "2026", meaning: "a year") { text, _, _ in
            months(year: digits(Substring(text), 4), first: 1, count: 12)
        },
        Form(example: "2026-Q4", meaning: "a quarter") { text, _, _ in
            guard let parts = halves(text, at: "-"), parts.1.first == "Q" else { return nil }
            guard let quarter = digits(parts.1.dropFirst(), 1), 1...4 ~= quarter else { return nil }
            return months(year: digits(parts.0, 4), first: 3 * quarter - 2, count: 3)
        },
        Form(example: "2026-11", meaning: "a month") { text, _, _ in
            guard let parts = halves(text, at: "-"), let month = digits(parts.1, 2) else {
                return nil
            }
            return months(year: digits(parts.0, 4), first: month, count: 1)
        },
        Form(example: "2026-W47", meaning: "a week, from Monday (ISO 8601)") { text, _, _ in
            guard let parts = halves(text, at: "-"), parts.1.first == "W" else { return nil }
            return week(year: digits(parts.0, 4), week: digits(parts.1.dropFirst(), 2))
        },
        Form(example: "2026-11-01", meaning: "a day") { text, _, _ in
            day(Substring(text)).map(oneDay)
        },
    ]

    // MARK: Moments

    /// RFC 3339 wants seconds, and people leave them out: `2026-11-01T12:00Z`.
    private static func withSeconds(_ text: String) -> String {
        let minutes = "2026-11-01T12:00".count
        return text.prefix(minutes) + ":00" + text.dropFirst(minutes)
    }

    private static func later(_ time: Timestamp, by milliseconds: Int64) -> Timestamp {
        Timestamp(milliseconds: time.milliseconds + milliseconds)
    }

    private static func midnight(
        daysBack: Int, _ now: Timestamp, _ local: LocalTime
    ) -> Timestamp? {
        local.moment(day: local.dayAndTime(at: now).day - daysBack)
    }

    private static func sameTime(
        daysBack: Int, _ now: Timestamp, _ local: LocalTime
    ) -> Timestamp? {
        let (day, time) = local.dayAndTime(at: now)
        return local.moment(day: day - daysBack, millisecondOfDay: time)
    }

    @Sendable private static func lastTime(
        _ text: String, now: Timestamp, local: LocalTime
    ) -> Timestamp? {
        guard let time = timeOfDay(Substring(text)) else { return nil }
        let today = local.dayAndTime(at: now).day
        guard let moment = local.moment(day: today, millisecondOfDay: time) else { return nil }
        return moment <= now ? moment : local.moment(day: today - 1, millisecondOfDay: time)
    }

    @Sendable private static func dayAndTime(
        _ text: String, now: Timestamp, local: LocalTime
    ) -> Timestamp? {
        guard let parts = halves(text, at: "T") ?? halves(text, at: " "), let day = day(parts.0),
            let time = timeOfDay(parts.1)
        else { return nil }
        return local.moment(day: day, millisecondOfDay: time)
    }

    @Sendable private static func ago(
        _ text: String, now: Timestamp, local: LocalTime
    ) -> Timestamp? {
        let words = text.split(separator: " ")
        guard words.count == 3, words[2] == "ago", 1...6 ~= words[0].utf8.count,
            let count = digits(words[0], words[0].utf8.count), count > 0
        else { return nil }
        switch words[1].hasSuffix("s") ? words[1].dropLast() : words[1] {
        case "minute": return later(now, by: -Int64(count) * 60_000)
        case "hour": return later(now, by: -Int64(count) * 3_600_000)
        case "day": return sameTime(daysBack: count, now, local)
        case "week": return sameTime(daysBack: 7 * count, now, local)
        default: return nil
        }
    }

    // MARK: Days

    private static func oneDay(_ day: Int) -> Range<Int> { day..<day + 1 }

    private static func months(year: Int?, first: Int, count: Int) -> Range<Int>? {
        guard let year, let start = CalendarDate(year: year, month: first, day: 1) else {
            return nil
        }
        let next = first + count - 1
        guard let end = CalendarDate(year: year + next / 12, month: next % 12 + 1, day: 1)
        else { return nil }
        return start.daysSince1970..<end.daysSince1970
    }

    // The first week of a year is that of January 4th; 1970-01-01 was a Thursday.
    private static func week(year: Int?, week: Int?) -> Range<Int>? {
        guard let year, let week, week >= 1, let first = monday(ofFirstWeekIn: year),
            let next = monday(ofFirstWeekIn: year + 1)
        else { return nil }
        let start = first + 7 * (week - 1)
        return start < next ? start..<start + 7 : nil
    }

    private static func monday(ofFirstWeekIn year: Int) -> Int? {
        guard let day = CalendarDate(year: year, month: 1, day: 4)?.daysSince1970 else {
            return nil
        }
        return day - ((day + 3) % 7 + 7) % 7
    }

    // MARK: Characters

    private static func count(_ text: String, unit: Character) -> Int? {
        guard text.last == unit, 2...7 ~= text.utf8.count else { return nil }
        return digits(text.dropLast(), text.utf8.count - 1).flatMap { $0 > 0 ? $0 : nil }
    }

    private static func day(_ text: Substring) -> Int? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, let year = digits(parts[0], 4), let month = digits(parts[1], 2),
            let day = digits(parts[2], 2)
        else { return nil }
        return CalendarDate(year: year, month: month, day: day)?.daysSince1970
    }

    /// `03:00` or `03:00:15`, as milliseconds.
    private static func timeOfDay(_ text: Substring) -> Int64? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard 2...3 ~= parts.count, let hour = digits(parts[0], 2),
            let minute = digits(parts[1], 2),
            let second = parts.count == 3 ? digits(parts[2], 2) : 0,
            hour < 24, minute < 60, second < 60
        else { return nil }
        return Int64((hour * 60 + minute) * 60 + second) * 1000
    }

    private static func halves(_ text: String, at separator: Character) -> (Substring, Substring)? {
        let parts = text.split(separator: separator, omittingEmptySubsequences: false)
        return parts.count == 2 ? (parts[0], parts[1]) : nil
    }

    /// The number that exactly so many digits are.
    private static func digits(_ text: Substring, _ width: Int) -> Int? {
        guard text.utf8.count == width, text.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) else {
            return nil
        }
        return Int(text)
    }
}
