import LedgerCore

/// What one kind of finding is, and how it is found.
///
/// A rule sees a service twice: first by the counts alone, without names of targets, and if it finds
/// something there, with every target. So by the counts it may find too much, but never too little;
/// what a rule finds that needs no targets is no reason to look at them.
public protocol FindingRule: Sendable {
    static var rule: Rule { get }
    /// The first finds something, where `finds` is not empty; the tests run them.
    static var examples: [RuleExample] { get }

    static func findings(in scope: RuleScope) throws(LedgerError) -> [Finding]
}

/// What is said of a rule in its reference.
public struct Rule: Sendable {
    public let code: String
    public let severity: Finding.Severity
    /// What it finds.
    public let finds: String
    public let advice: String
    /// How long something may be so before it is found.
    public let after: Duration?
    /// How many times as long as usual.
    public let factor: Int?
    /// Whether it looks at the end of the path only, if a policy doesn't say where.
    public let isForTheLastStep: Bool
    /// Whether it finds more, or other things, when it sees every target.
    public let needsTargets: Bool

    public init(
        _ code: String, _ severity: Finding.Severity, finds: String, advice: String,
        after: Duration? = nil, factor: Int? = nil, isForTheLastStep: Bool = false,
        needsTargets: Bool = true
    ) {
        self.code = code
        self.severity = severity
        self.finds = finds
        self.advice = advice
        self.after = after
        self.factor = factor
        self.isForTheLastStep = isForTheLastStep
        self.needsTargets = needsTargets
    }
}

/// A small history, and what a rule finds in it.
///
/// Each line of `events` is one: `path dev prod`, `merge 42 day 1 by ann`, `review 42 approved day 2
/// by bob`, `run 42 prod/acme day 3 failed`, `plan 42 reversible day 1`. The tests read them,
/// and record each when it happened, or on the day that it says.
public struct RuleExample: Sendable {
    public let title: String
    public let events: String
    /// The day from which it is looked at.
    public let day: Int
    /// The findings' places and changes, such as `prod 42`.
    public let finds: [String]

    public init(_ title: String, _ events: String, day: Int, finds: [String] = []) {
        self.title = title
        self.events = events
        self.day = day
        self.finds = finds
    }
}
