import LedgerCore

// ToolTime.swift
//
// How tools' tables, and the dumps of them, write a moment:
//    2026-11-01T12:00:00Z, 2026-11-01 12:00:00.123456+02     with an offset, as PostgreSQL writes it
//    2026-11-01 12:00:00.123, 2026-11-01T12:00:00            without: the zone must be known
//    1762000000123                                           milliseconds since 1970
// A time that has no offset, where nobody knows the zone, is not known: which it was would be a guess.

/// The zone of times that don't say theirs.
public struct ToolZone: Sendable {
    /// From a clock's reading, as if it were one of UTC, to how far that clock was ahead of UTC, in
    /// seconds; nil if that is not known.
    let secondsAhead: @Sendable (Timestamp) -> Int?

    public init(secondsAhead: @escaping @Sendable (Timestamp) -> Int?) {
        self.secondsAhead = secondsAhead
    }

    public static let utc = ToolZone { _ in 0 }
    public static let unknown = ToolZone { _ in nil }
}

/// A moment of a row.
enum ToolTime: Equatable {
    case known(Timestamp)
    /// Nobody says in which zone.
    case withoutZone

    /// - Returns: nil if it is no time in one of these forms.
    static func read(_ value: ToolRow.Value, _ zone: ToolZone) -> ToolTime? {
        switch value {
        case .integer(let number): return milliseconds(number)
        case .text(let text):
            if let number = Int64(text) { return milliseconds(number) }
            return read(text.trimmed, zone)
        }
    }

    // Seconds would be before 1973.
    private static func milliseconds(_ number: Int64) -> ToolTime? {
        guard number >= 100_000_000_000, Timestamp.bounds.contains(number) else { return nil }
        return .known(Timestamp(milliseconds: number))
    }

    private static func read(_ text: Substring, _ zone: ToolZone) -> ToolTime? {
        let parts = Parts(text)
        guard var time = Timestamp(rfc3339: "\(parts.clock)\(parts.offset ?? "Z")") else {
            return nil
        }
        if parts.offset == nil {
            guard let ahead = zone.secondsAhead(time) else { return .withoutZone }
            time = Timestamp(milliseconds: time.milliseconds - Int64(ahead) * 1000)
        }
        return .known(time)
    }

    /// A clock's reading and its offset, each as RFC 3339 has it.
    private struct Parts {
        var clock: Substring
        var offset: String?

        init(_ text: Substring) {
            clock = text
            if text.hasSuffix("Z") || text.hasSuffix("z") {
                clock = text.dropLast()
                offset = "Z"
            } else if text.hasSuffix("UTC") {
                clock = text.dropLast(3).trimmed
                offset = "Z"
            } else if let sign = text.utf8.lastIndex(where: { $0 == 0x2B || $0 == 0x2D }),
                text[..<sign].utf8.contains(UInt8(ascii: ":"))
            {
                clock = text[..<sign].trimmed
                offset = Self.offset(text[sign...])
            }
        }

        // `+02`, `+0200` and `+02:00`.
        private static func offset(_ text: Substring) -> String {
            let digits = text.utf8.filter { $0 != UInt8(ascii: ":") }
            let shown = String(decoding: digits, as: UTF8.self)
            switch shown.utf8.count {
            case 3: return shown + ":00"
            case 5: return "\(shown.prefix(3)):\(shown.suffix(2))"
            default: return String(text)
            }
        }
    }
}
