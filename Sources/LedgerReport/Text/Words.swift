import LedgerCore
import LedgerCorrelation

/// Numbers and times in words for people.
enum Words {
    /// `no deployments`, `1 deployment`, `12 entries`.
    static func count(_ number: Int, _ singular: String) -> String {
        if number == 1 { return "1 \(singular)" }
        let plural = singular.hasSuffix("y") ? singular.dropLast() + "ies" : singular + "s"
        return "\(number == 0 ? "no" : String(number)) \(plural)"
    }

    /// `12 ms`, `0.2 s`, `14 min 3 s`, `2 h 5 min`, `3 d 4 h`.
    static func duration(milliseconds: Int64) -> String {
        Duration.words(milliseconds: milliseconds)
    }

    /// `12 s ago`, `3 min ago`, `5 h ago`, `12 d ago`.
    static func age(of time: Timestamp, at now: Timestamp) -> String {
        let seconds = (now.milliseconds - time.milliseconds) / 1000
        switch seconds {
        case ..<(-10): return "in the future, by this machine's clock"
        default: return span(from: time, to: now) + " ago"
        }
    }

    /// `12 s`, `3 min`, `5 h`, `12 d`.
    static func span(from start: Timestamp, to end: Timestamp) -> String {
        let seconds = max(0, (end.milliseconds - start.milliseconds) / 1000)
        switch seconds {
        case ..<60: return "\(seconds) s"
        case ..<3600: return "\(seconds / 60) min"
        case ..<86_400: return "\(seconds / 3600) h"
        default: return "\(seconds / 86_400) d"
        }
    }

    /// `30 min`, `6 h`, `14 d`.
    static func span(_ duration: Duration) -> String {
        let start = Timestamp(milliseconds: 0)
        return span(
            from: start, to: Timestamp(milliseconds: duration.components.seconds * 1000))
    }

    /// `950 bytes`, `12.3 kB`, `4.5 MB`, `1.2 GB`.
    static func size(bytes: Int64) -> String {
        var divisor: Int64 = 1
        for unit in ["kB", "MB", "GB"] {
            divisor *= 1000
            if bytes >= divisor, bytes < divisor * 1000 || unit == "GB" {
                return "\(bytes / divisor).\(bytes % divisor * 10 / divisor) \(unit)"
            }
        }
        return "\(bytes) bytes"
    }

    /// `globex, initech, hooli +4`.
    static func list(_ names: [String], atMost limit: Int = 3) -> String {
        let shown = names.prefix(limit).joined(separator: ", ")
        return names.count > limit ? "\(shown) +\(names.count - limit)" : shown
    }
}
