import LedgerCore

/// Two things that are one under several names, and why that is thought.
public struct Link: Sendable, Equatable {
    public enum Reason: String, Sendable, CaseIterable {
        /// Somebody said so.
        case asserted
        /// What ran has the script of a merge, and was in no merge itself.
        case sameScript = "same-script"
        case sameBlob = "same-blob"
        /// The same, but for comments and white space.
        case sameText = "same-text"
        /// Its script left Git, and came under another name with the same bytes.
        case renamed
        /// Its script, and those before it, left Git, and came together as another one.
        case squashed
        /// Two sources tell of one execution: of one change on one target, at one time.
        case sameExecution = "same-execution"
    }

    public enum Confidence: String, Sendable, CaseIterable {
        case certain, high, medium
    }

    public let service: String
    /// The change's id; the name that it has besides.
    public let change: String
    /// The id under which it is counted; of two observations, the same id.
    public let same: String
    public let reason: Reason
    public let confidence: Confidence
    /// What shows it, ascending.
    public let entries: [Int64]
    /// The entry by which somebody said that it is none.
    public let retractedBy: Int64?

    public init(
        service: String, change: String, same: String, reason: Reason, confidence: Confidence,
        entries: [Int64], retractedBy: Int64?
    ) {
        self.service = service
        self.change = change
        self.same = same
        self.reason = reason
        self.confidence = confidence
        self.entries = entries
        self.retractedBy = retractedBy
    }
}

/// What somebody has said of two things: that they are one, or that they are not.
public struct LinkWord: Sendable, Equatable {
    public enum Subject: Sendable, Equatable {
        /// The ids of two changes of one service: the first is known by the second.
        case changes(service: String, String, String)
        case entries(Int64, Int64)
    }

    public let index: Int64
    public let subject: Subject
    public let isAsserted: Bool

    /// - Parameter row: a `correlation` event. Nil if it says nothing of two changes of one service
    ///   or of two entries.
    public init?(_ row: HistoryRow) {
        guard row.type == .correlation, let action = row.string("correlation", "action"),
            let about = row.members["about"]?.array?.compactMap(\.object), about.count == 2
        else { return nil }
        if let left = about[0]["entry"]?.integer, let right = about[1]["entry"]?.integer {
            subject = .entries(min(left, right), max(left, right))
        } else if let left = Self.change(about[0]), let right = Self.change(about[1]),
            left.service.hasSameBytes(as: right.service), !left.id.hasSameBytes(as: right.id)
        {
            subject = .changes(service: left.service, left.id, right.id)
        } else {
            return nil
        }
        index = row.index
        isAsserted = action == "assert"
    }

    private static func change(_ item: JSONObject) -> (service: String, id: String)? {
        guard let text = item["change"]?.string, let colon = text.firstIndex(of: ":") else {
            return nil
        }
        return (String(text[..<colon]), String(text[text.index(after: colon)...]))
    }
}
