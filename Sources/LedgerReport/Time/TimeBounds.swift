import LedgerCore

/// The time that a question is about: from `since`, inclusive, until `until`, exclusive.
public struct TimeBounds: Sendable, Equatable {
    public let since: Timestamp?
    public let until: Timestamp?

    public init(since: Timestamp?, until: Timestamp?) {
        self.since = since
        self.until = until
    }

    /// Reads the values of `--since`, `--until` and `--period`.
    ///
    /// - Parameter dashes: what stands before these names where they were given.
    /// - Throws: `LedgerError` `usage` that says what can be written.
    public static func read(
        since: String?, until: String?, period: String?, now: Timestamp, local: LocalTime,
        dashes: String = "--"
    ) throws(LedgerError) -> TimeBounds {
        if let period {
            if since != nil || until != nil {
                throw LedgerError(
                    .usage, "\(dashes)period says both since when and until when",
                    advice: "leave out either \(dashes)period, or \(dashes)since and "
                        + "\(dashes)until")
            }
            return try read(period: period, now: now, local: local, option: dashes + "period")
        }
        let bounds = TimeBounds(
            since: try moment(since, option: dashes + "since", now: now, local: local),
            until: try moment(until, option: dashes + "until", now: now, local: local))
        if let since = bounds.since, let until = bounds.until, since >= until {
            throw LedgerError(
                .usage,
                "\(dashes)since \(local.text(of: since, to: .seconds)) is not before "
                    + "\(dashes)until \(local.text(of: until, to: .seconds))",
                advice: "\(dashes)since is inclusive, \(dashes)until exclusive")
        }
        return bounds
    }

    /// `from 2026-11-17 09:00 +01:00 until now`, to be shown beside the answer.
    public func words(
        local: LocalTime, now: Timestamp, basis: EntryQuery.TimeBasis = .happened
    ) -> String {
        let start = since.map { Self.words($0, local) } ?? "the beginning"
        let end = until.flatMap { $0 == now ? nil : Self.words($0, local) } ?? "now"
        return (basis == .recorded ? "recorded " : "") + "from \(start) until \(end)"
    }

    private static func words(_ time: Timestamp, _ local: LocalTime) -> String {
        let isWholeMinute = time.milliseconds % 60_000 == 0
        return local.text(of: time, to: isWholeMinute ? .minutes : .seconds)
    }

    private static func read(
        period: String, now: Timestamp, local: LocalTime, option: String
    ) throws(LedgerError) -> TimeBounds {
        for form in TimeText.periods {
            guard let days = form.read(period, now, local) else { continue }
            guard let since = local.moment(day: days.lowerBound),
                let until = local.moment(day: days.upperBound)
            else { break }
            return TimeBounds(since: since, until: until)
        }
        throw unreadable(period, option: option, examples: TimeText.periods.map(\.example))
    }

    /// Reads a moment to come: `90d` means in 90 days.
    ///
    /// - Throws: `LedgerError` `usage`, also for a moment that has passed.
    public static func future(
        _ text: String, option: String, now: Timestamp, local: LocalTime
    ) throws(LedgerError) -> Timestamp {
        guard var moment = try moment(text, option: option, now: now, local: local) else {
            throw unreadable(text, option: option, examples: ["90d", "2027-01-01"])
        }
        let isDuration = text.utf8.last.map { "smhdw".utf8.contains($0) } ?? false
        if isDuration {
            moment = Timestamp(milliseconds: 2 * now.milliseconds - moment.milliseconds)
        }
        guard moment > now else {
            throw LedgerError(.usage, "\(option) \(VisibleText.line(text)) has passed already")
        }
        return moment
    }

    /// Reads a moment that has come, such as the value of `--at`.
    ///
    /// - Throws: `LedgerError` `usage` that says what can be written.
    public static func past(
        _ text: String, option: String, now: Timestamp, local: LocalTime
    ) throws(LedgerError) -> Timestamp {
        guard let moment = try moment(text, option: option, now: now, local: local), moment <= now
        else {
            throw LedgerError(.usage, "\(option) \(VisibleText.line(text)) has not come yet")
        }
        return moment
    }

    private static func moment(
        _ text: String?, option: String, now: Timestamp, local: LocalTime
    ) throws(LedgerError) -> Timestamp? {
        guard let text else { return nil }
        for form in TimeText.moments {
            guard let moment = form.read(text, now, local) else { continue }
            if Timestamp.bounds.contains(moment.milliseconds) { return moment }
        }
        throw unreadable(text, option: option, examples: TimeText.moments.map(\.example))
    }

    private static func unreadable(
        _ text: String, option: String, examples: [String]
    ) -> LedgerError {
        LedgerError(
            .usage,
            text.isEmpty
                ? "\(option) has an empty value"
                : "\(option) \(VisibleText.line(text)) is no time that is understood",
            advice: "write it like " + examples.joined(separator: ", "))
    }
}
