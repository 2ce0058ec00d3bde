import LedgerCore

/// The environments that a service's changes pass through, in order.
public struct ServicePath: Sendable, Equatable {
    /// Each a place on the path; several environments in one are parallel.
    public let steps: [[String]]
    /// False if nobody has declared it, and it is taken from what was seen.
    public let isDeclared: Bool

    public init(steps: [[String]], isDeclared: Bool) {
        self.steps = steps
        self.isDeclared = isDeclared
    }

    public var environments: [String] { steps.flatMap(\.self) }

    /// The environments before this one; none for one that is not on the path.
    public func upstream(of environment: String) -> [String] {
        guard let place = place(of: environment) else { return [] }
        return steps[..<place].flatMap(\.self)
    }

    public func place(of environment: String) -> Int? {
        steps.firstIndex { $0.contains { $0.hasSameBytes(as: environment) } }
    }

    /// As in `path.steps`.
    public var json: JSON {
        .array(steps.map { $0.count == 1 ? .string($0[0]) : .array($0.map(JSON.string)) })
    }

    /// `dev → test → eu, us → prod`.
    public var text: String {
        steps.map { $0.joined(separator: ", ") }.joined(separator: " → ")
    }
}

extension ServicePath {
    /// The steps of a `path` event; nil if they can't be read.
    public init?(declared members: JSONObject) {
        guard let steps = members[["path", "steps"]]?.array, !steps.isEmpty else { return nil }
        // Each environment once, where it stands first.
        var seen: Set<ExactText> = []
        let names = steps.map { step in
            (step.string.map { [$0] } ?? step.array?.compactMap(\.string) ?? [])
                .filter { seen.insert(ExactText($0)).inserted }
        }
        self.init(steps: names.filter { !$0.isEmpty }, isDeclared: true)
    }

    /// The environment that stands twice in some steps.
    public static func repeated(in steps: [[String]]) -> String? {
        var seen: Set<ExactText> = []
        return steps.joined().first { !seen.insert(ExactText($0)).inserted }
    }

    /// The order in which changes have come to the environments: one stands before another if more
    /// changes were applied there first. Where that says nothing, by what such names mean, and then
    /// by name.
    ///
    /// - Parameter firstApplied: by change, when it was applied first in each environment.
    public init(
        seen environments: [String], firstApplied: [[ExactText: Int64]]
    ) {
        var lead: [ExactText: Int] = [:]
        for times in firstApplied where times.count > 1 {
            for (one, at) in times {
                lead[one, default: 0] += times.values.reduce(0) {
                    $0 + (at < $1 ? 1 : at > $1 ? -1 : 0)
                }
            }
        }
        let sorted = environments.sorted { left, right in
            let leads = (lead[ExactText(left)] ?? 0, lead[ExactText(right)] ?? 0)
            if leads.0 != leads.1 { return leads.0 > leads.1 }
            let ranks = (Self.rank(left), Self.rank(right))
            if ranks.0 != ranks.1 { return ranks.0 < ranks.1 }
            return ExactText(left) < ExactText(right)
        }
        self.init(steps: sorted.map { [$0] }, isDeclared: false)
    }

    /// What people mean by the names that most have.
    private static let usual = [
        ["local", "dev", "develop", "development"], ["ci", "test", "testing", "qa", "int"],
        ["uat", "stage", "staging", "preprod", "pre-prod"], ["prod", "production", "live"],
    ]

    private static func rank(_ environment: String) -> Int {
        let name = environment.lowercased()
        return usual.firstIndex { $0.contains(name) } ?? usual.count - 1
    }
}
