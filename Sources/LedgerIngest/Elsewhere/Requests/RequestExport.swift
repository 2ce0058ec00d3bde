import LedgerCore

/// Pull or merge requests of the past with their reviews, as a forge's command or API gives them.
///
/// Each forge is one file, with what it prints as examples.
protocol RequestExport {
    static var kind: HookKind { get }
    static var examples: [RequestExample] { get }

    /// What each item tells, as the webhook of it would have.
    ///
    /// - Parameter repository: the URL of the one that they are of, where items don't say it.
    /// - Throws: `invalidEvent` with the item and the member of what can't be right.
    static func requests(
        in bytes: [UInt8], repository: String?
    ) throws(LedgerError) -> [ExportedRequest]
}

/// A request, and what was said of it.
struct ExportedRequest {
    let request: HookPullRequest
    var isMerged: Bool
    var reviews: [HookReview]
    /// The files that it changes; nil if they are not told.
    var files: [String]?
    /// The item as it came.
    let bytes: [UInt8]
    let place: String
}

/// An export by hand, and members of the events that it becomes, by path.
struct RequestExample: Sendable {
    let name: String
    let text: String
    let expected: [[String: String]]

    init(_ name: String, _ text: String, _ expected: [[String: String]]) {
        self.name = name
        self.text = text
        self.expected = expected
    }
}

extension ReportItem {
    /// That this item can't be made sense of.
    func refused(_ why: String, advice: String? = nil) -> LedgerError {
        LedgerError(.invalidEvent, "\(place): \(why)", advice: advice)
    }
}
