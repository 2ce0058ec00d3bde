import LedgerCore

/// Something wrong that the entries show.
public struct Finding: Sendable, Equatable {
    public enum Severity: String, Sendable, CaseIterable, Comparable {
        case note, warning, error

        public static func < (left: Severity, right: Severity) -> Bool {
            (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
        }
    }

    /// The rule that found it, such as `tenant-missed`.
    public let code: String
    public var severity: Severity
    public let service: String
    public let environment: String?
    /// The change's id.
    public let change: String?
    public let name: String?
    /// Those that it is about, sorted; empty if it is about the environment or the change.
    public let targets: [Target]
    /// The entries that show it, ascending; at most `Finding.entryLimit`.
    public let entries: [Int64]
    /// What is wrong, in a sentence.
    public let detail: String
    /// What to do.
    public let advice: String
    /// Since when it is so.
    public let since: Timestamp?
    /// Of scripts that differ, how: a unified diff, where both are kept and may be seen.
    public var difference: String?

    public static let entryLimit = 20

    public init(
        code: String, severity: Severity, service: String, environment: String?, change: String?,
        name: String?, targets: [Target], entries: [Int64], detail: String, advice: String,
        since: Timestamp?, difference: String? = nil
    ) {
        self.code = code
        self.severity = severity
        self.service = service
        self.environment = environment
        self.change = change
        self.name = name
        self.targets = targets
        self.entries = entries
        self.detail = detail
        self.advice = advice
        self.since = since
        self.difference = difference
    }

    /// The same as long as the same thing is wrong: `tenant-missed:orders/prod:42`.
    public var id: String {
        let place = environment.map { "\(service)/\($0)" } ?? service
        return ([code, place] + [change].compactMap(\.self)).joined(separator: ":")
    }
}
