import LedgerCore

/// Tickets as a tracker's API gives them. Each tracker is one file, with tickets as examples.
protocol TicketExport: Sendable {
    static var name: String { get }
    static var examples: [TicketExample] { get }

    /// Whether an item is a ticket of this tracker.
    static func fits(_ item: ReportItem) -> Bool

    /// - Returns: nil for an item that is no ticket, such as a pull request among issues.
    /// - Throws: `invalidEvent` with the item and the member of what can't be right.
    static func ticket(_ item: ReportItem) throws(LedgerError) -> Ticket?
}

/// Who asked for something, who approved it, and why.
struct Ticket {
    /// What people and commits write for it, `OPS-7`.
    let key: String
    /// Who sends it: the tracker and its host or repository.
    let source: String
    var title: String?
    var text: String?
    var requestor: HookPerson?
    var approver: HookPerson?
    var page: String?
    var created: Timestamp?
    var updated: Timestamp?
    var status: String?
    var kind: String?
    var labels: [String] = []
    /// What became of it, a line each: `2026-01-02T03:04:05.000Z Open -> Approved by eve`.
    var history: [String] = []
}

/// A ticket by hand, and members of the note that it becomes; nil if it becomes none.
struct TicketExample: Sendable {
    let name: String
    let text: String
    let expected: [String: String]?

    init(_ name: String, _ text: String, _ expected: [String: String]?) {
        self.name = name
        self.text = text
        self.expected = expected
    }
}

enum TicketExports {
    static let all: [any TicketExport.Type] = [
        JiraTickets.self, GitHubTickets.self, GitLabTickets.self,
    ]
}
