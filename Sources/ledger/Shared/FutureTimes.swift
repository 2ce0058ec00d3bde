import LedgerCore

/// Tells of events that say they will happen: a clock or a year was wrong, most likely. They are
/// recorded all the same, as their source tells them.
struct FutureTimes {
    // A day ahead of this machine's clock, so that no slip of a time zone is told of.
    private let bound = Timestamp(milliseconds: Now.milliseconds + 86_400_000).utc
    private var first: String?
    private var count: Int64 = 0

    /// - Parameter place: where the event stands, such as `line 12`.
    mutating func look(at event: Event, _ place: @autoclosure () -> String? = nil) {
        // Both are of the one form in which times are stored.
        guard let time = event.string("time"), time > bound else { return }
        count += 1
        if first == nil { first = time + (place().map { ", \($0)" } ?? "") }
    }

    func report() {
        guard let first else { return }
        let who =
            count == 1
            ? "an event's time is" : "the times of \(Number.grouped(count)) events are"
        Terminal.note("note: \(who) more than a day ahead of this machine's clock: \(first)")
    }
}
