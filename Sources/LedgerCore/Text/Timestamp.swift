/// A moment, in milliseconds since 1970-01-01T00:00:00Z, from year 1 to 9999.
public struct Timestamp: Hashable, Comparable, Sendable {
    public var milliseconds: Int64

    public static let bounds: ClosedRange<Int64> = -62_135_596_800_000...253_402_300_799_999

    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.milliseconds < right.milliseconds
    }

    /// Reads RFC 3339 with an offset, such as `2026-11-01T03:10:00.250+01:00`. Digits beyond
    /// milliseconds are cut; a leap second counts as the second after it. Nil for anything else.
    public init?(rfc3339 text: String) {
        guard let time = text.withBytes(Self.init(rfc3339:)) else { return nil }
        self = time
    }

    private init?(rfc3339 bytes: UnsafeBufferPointer<UInt8>) {
        var digits = DigitReader(bytes)
        guard let year = digits.number(4), digits.take("-"), let month = digits.number(2),
            digits.take("-"), let day = digits.number(2),
            digits.take("T") || digits.take("t") || digits.take(" "),
            let hour = digits.number(2), digits.take(":"), let minute = digits.number(2),
            digits.take(":"), let second = digits.number(2)
        else { return nil }
        var fraction = 0
        if digits.take(".") {
            guard let milliseconds = digits.fraction() else { return nil }
            fraction = milliseconds
        }
        guard let offset = digits.offsetMinutes(), digits.isAtEnd else { return nil }
        guard let date = CalendarDate(year: year, month: month, day: day),
            hour < 24, minute < 60, second <= 60
        else { return nil }
        let seconds =
            Int64(date.daysSince1970) * 86_400
            + Int64(hour * 3600 + minute * 60 + second - offset * 60)
        self.init(milliseconds: seconds * 1000 + Int64(fraction))
        guard Self.bounds.contains(milliseconds) else { return nil }
    }

    /// `YYYY-MM-DDTHH:MM:SS.mmmZ`, the form in which times are stored and exported.
    public var utc: String {
        var buffer: [UInt8] = []
        buffer.reserveCapacity(24)
        appendUTC(to: &buffer)
        return String(decoding: buffer, as: UTF8.self)
    }

    public func appendUTC(to buffer: inout [UInt8]) {
        let parts = civil(offsetMinutes: 0)
        Self.append(parts.date.year, width: 4, to: &buffer)
        buffer.append(UInt8(ascii: "-"))
        Self.append(parts.date.month, width: 2, to: &buffer)
        buffer.append(UInt8(ascii: "-"))
        Self.append(parts.date.day, width: 2, to: &buffer)
        buffer.append(UInt8(ascii: "T"))
        Self.append(parts.hour, width: 2, to: &buffer)
        buffer.append(UInt8(ascii: ":"))
        Self.append(parts.minute, width: 2, to: &buffer)
        buffer.append(UInt8(ascii: ":"))
        Self.append(parts.second, width: 2, to: &buffer)
        buffer.append(UInt8(ascii: "."))
        Self.append(parts.millisecond, width: 3, to: &buffer)
        buffer.append(UInt8(ascii: "Z"))
    }

    /// Date and time of day at an offset from UTC.
    public func civil(offsetMinutes: Int) -> CivilTime {
        let local = milliseconds + Int64(offsetMinutes) * 60_000
        let days = Int(local.flooredQuotient(86_400_000))
        let rest = Int(local - Int64(days) * 86_400_000)
        return CivilTime(
            date: CalendarDate(daysSince1970: days), hour: rest / 3_600_000,
            minute: rest / 60_000 % 60, second: rest / 1000 % 60, millisecond: rest % 1000)
    }

    private static func append(_ number: Int, width: Int, to buffer: inout [UInt8]) {
        var divisor = 1
        for _ in 1..<width { divisor *= 10 }
        while divisor > 0 {
            buffer.append(0x30 + UInt8(number / divisor % 10))
            divisor /= 10
        }
    }
}

public struct CivilTime: Sendable, Equatable {
    public let date: CalendarDate
    public let hour: Int
    public let minute: Int
    public let second: Int
    public let millisecond: Int
}

/// A day of the proleptic Gregorian calendar.
public struct CalendarDate: Sendable, Equatable {
    public let year: Int
    public let month: Int
    public let day: Int

    /// Nil if there is no such day; years 1 to 9999.
    public init?(year: Int, month: Int, day: Int) {
        guard 1...9999 ~= year, 1...12 ~= month, day >= 1,
            day <= Self.daysIn(month: month, year: year)
        else { return nil }
        (self.year, self.month, self.day) = (year, month, day)
    }

    // Days from the civil calendar and back: Howard Hinnant, "chrono-Compatible Low-Level Date
    // Algorithms". Years begin in March, so that the leap day is the last of its year.
    public init(daysSince1970 days: Int) {
        let shifted = days + 719_468
        let era = Int(Int64(shifted).flooredQuotient(146_097))
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    public var daysSince1970: Int {
        let year = month <= 2 ? year - 1 : year
        let era = Int(Int64(year).flooredQuotient(400))
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    static func daysIn(month: Int, year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

extension Int64 {
    fileprivate func flooredQuotient(_ divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}

private struct DigitReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var offset = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { offset == bytes.count }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard offset < bytes.count, bytes[offset] == UInt8(ascii: character) else { return false }
        offset += 1
        return true
    }

    mutating func number(_ width: Int) -> Int? {
        guard offset + width <= bytes.count else { return nil }
        var value = 0
        for digit in bytes[offset..<offset + width] {
            guard 0x30...0x39 ~= digit else { return nil }
            value = value * 10 + Int(digit - 0x30)
        }
        offset += width
        return value
    }

    /// The first three of one or more digits, as milliseconds.
    mutating func fraction() -> Int? {
        var value = 0
        var count = 0
        while offset < bytes.count, 0x30...0x39 ~= bytes[offset] {
            if count < 3 { value = value * 10 + Int(bytes[offset] - 0x30) }
            count += 1
            offset += 1
        }
        guard count > 0 else { return nil }
        for _ in min(count, 3)..<3 { value *= 10 }
        return value
    }

    /// Minutes east of UTC.
    mutating func offsetMinutes() -> Int? {
        if take("Z") || take("z") { return 0 }
        let isWest = take("-")
        guard isWest || take("+"), let hours = number(2), take(":"), let minutes = number(2),
            hours < 24, minutes < 60
        else { return nil }
        return (isWest ? -1 : 1) * (hours * 60 + minutes)
    }
}
