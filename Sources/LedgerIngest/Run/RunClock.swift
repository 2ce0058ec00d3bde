import Glibc
import LedgerCore

/// The two clocks of a run: one that tells the time, and one that nobody can set.
public enum RunClock {
    public static func now() -> Timestamp {
        Timestamp(milliseconds: milliseconds(of: CLOCK_REALTIME))
    }

    /// Milliseconds since a moment in the past.
    public static func monotonicMilliseconds() -> Int64 {
        milliseconds(of: CLOCK_MONOTONIC)
    }

    private static func milliseconds(of clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
