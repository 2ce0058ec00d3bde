import LedgerCore

/// Times of day as people at one place read them.
///
/// A local time that exists twice, when clocks are set back, means the first of the two moments,
/// and one that doesn't exist, when they are set forth, means the moment at which they are: so a
/// period always ends where the next one begins.
public struct LocalTime: Sendable {
    public enum Precision: Sendable {
        case minutes, seconds, milliseconds
    }

    /// Minutes east of UTC at a moment.
    private let offsetMinutes: @Sendable (Timestamp) -> Int
    private let isUTC: Bool

    public static let utc = LocalTime(isUTC: true) { _ in 0 }

    /// `offsetMinutes` gives the minutes east of UTC at a moment. It changes at most once in two
    /// days, and is at most a day.
    public init(offsetMinutes: @escaping @Sendable (Timestamp) -> Int) {
        self.init(isUTC: false, offsetMinutes: offsetMinutes)
    }

    private init(isUTC: Bool, offsetMinutes: @escaping @Sendable (Timestamp) -> Int) {
        self.isUTC = isUTC
        self.offsetMinutes = offsetMinutes
    }

    /// The moment of a day's local time; nil outside the years 1 to 9999.
    public func moment(day daysSince1970: Int, millisecondOfDay: Int64 = 0) -> Timestamp? {
        let wanted = Int64(daysSince1970) * 86_400_000 + millisecondOfDay
        guard Timestamp.bounds.contains(wanted) else { return nil }
        let before = offset(at: wanted - 86_400_000)
        let after = offset(at: wanted + 86_400_000)
        let candidates = [wanted - before, wanted - after].sorted()
        let found =
            candidates.first { $0 + offset(at: $0) == wanted }
            ?? changeOfOffset(between: candidates[0], and: candidates[1])
        return Timestamp.bounds.contains(found) ? Timestamp(milliseconds: found) : nil
    }

    /// The day, counted from 1970-01-01, and the time of day at a moment.
    public func dayAndTime(at time: Timestamp) -> (day: Int, millisecondOfDay: Int64) {
        let civil = civil(at: time)
        let minutes = Int64(civil.hour * 60 + civil.minute)
        return (
            civil.date.daysSince1970,
            (minutes * 60 + Int64(civil.second)) * 1000 + Int64(civil.millisecond)
        )
    }

    /// `2026-11-17 09:00 +01:00`, or `2026-11-17 08:00Z` in UTC.
    public func text(of time: Timestamp, to precision: Precision) -> String {
        let civil = civil(at: time)
        let date = civil.date
        var text = "\(Self.padded(date.year, 4))-\(Self.padded(date.month))"
        text += "-\(Self.padded(date.day))"
        text += " \(Self.padded(civil.hour)):\(Self.padded(civil.minute))"
        if precision != .minutes { text += ":\(Self.padded(civil.second))" }
        if precision == .milliseconds { text += ".\(Self.padded(civil.millisecond, 3))" }
        return text + (isUTC ? "Z" : " " + offsetText(at: time))
    }

    /// `2026-11-17 09:00+01`, as PostgreSQL writes it: for columns of a table.
    public func compactText(of time: Timestamp) -> String {
        if isUTC { return text(of: time, to: .minutes) }
        let offset = offsetText(at: time)
        let isWholeHours = offset.hasSuffix(":00")
        return text(of: time, to: .minutes).dropLast(offset.utf8.count + 1)
            + (isWholeHours ? String(offset.dropLast(3)) : offset)
    }

    private func offsetText(at time: Timestamp) -> String {
        let offset = offsetMinutes(time)
        let (hours, minutes) = (Int(offset.magnitude / 60), Int(offset.magnitude % 60))
        return "\(offset < 0 ? "-" : "+")\(Self.padded(hours)):\(Self.padded(minutes))"
    }

    private func civil(at time: Timestamp) -> CivilTime {
        time.civil(offsetMinutes: offsetMinutes(time))
    }

    private func offset(at milliseconds: Int64) -> Int64 {
        Int64(offsetMinutes(Timestamp(milliseconds: milliseconds))) * 60_000
    }

    /// The first moment after `low`, up to `high`, at which the offset is that of `high`.
    private func changeOfOffset(between low: Int64, and high: Int64) -> Int64 {
        let last = offset(at: high)
        var (low, high) = (low, high)
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if offset(at: middle) == last { high = middle } else { low = middle }
        }
        return high
    }

    private static func padded(_ number: Int, _ width: Int = 2) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
