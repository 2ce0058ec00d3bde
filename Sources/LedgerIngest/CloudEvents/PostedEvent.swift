import LedgerCore

/// One event of a request: read, or with the reason why it can't be taken.
public struct PostedEvent: Sendable {
    public enum Place: Sendable, Equatable, CustomStringConvertible {
        /// The body is this event, and nothing else.
        case body
        /// In an array, counted from 0.
        case element(Int)
        /// In NDJSON, counted from 1.
        case line(Int)

        public var description: String {
            switch self {
            case .body: "the body"
            case .element(let index): "events[\(index)]"
            case .line(let number): "line \(number)"
            }
        }
    }

    public let place: Place
    /// An error says what is wrong, without the place.
    public let event: Result<Event, LedgerError>

    init(_ place: Place, _ read: () throws(LedgerError) -> Event) {
        self.place = place
        event = Result(catching: read)
    }
}
