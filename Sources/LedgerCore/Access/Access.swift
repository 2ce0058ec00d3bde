/// What somebody whom the ledger authenticated may do.
public struct Access: Sendable, Equatable {
    public let principal: Principal
    public let role: Role
    public let scope: WriteScope

    public init(principal: Principal, role: Role, scope: WriteScope = .everywhere) {
        self.principal = principal
        self.role = role
        self.scope = scope
    }

    /// - Throws: `notAllowed` unless anything may be recorded at all.
    public func checkWriting() throws(LedgerError) {
        guard role.mayWrite else {
            throw LedgerError(
                .notAllowed, "the role \(role) may not record anything",
                advice: "use a token of role writer")
        }
    }

    /// - Throws: `notAllowed` unless all of these events may be recorded.
    ///
    /// - Parameter source: that of events which name none.
    public func check(_ events: [Event], source: String) throws(LedgerError) {
        try checkWriting()
        for event in events { try scope.check(event, source: source) }
    }
}

extension Access {
    /// - Throws: `notAllowed` unless a gate may be overridden. That is for who may lift a freeze or
    ///   acknowledge a finding: a pipeline's own token of one service would make the gate advice.
    public func checkOverriding() throws(LedgerError) {
        try checkWriting()
        try scope.checkGoverning(.override)
    }
}

/// Where somebody may write. An empty list stands for everything.
public struct WriteScope: Sendable, Equatable {
    public var services: [String]
    public var environments: [String]
    /// Beginnings of `source`, in whole words: `ci` stands for itself, `ci/shop` and `ci:shop`,
    /// but not for `cicd` or `ci-of-others`.
    public var sources: [String]

    public static let everywhere = WriteScope()

    public init(services: [String] = [], environments: [String] = [], sources: [String] = []) {
        self.services = services
        self.environments = environments
        self.sources = sources
    }

    func check(_ event: Event, source: String) throws(LedgerError) {
        if Self.governs(event) { try checkGoverning(event.type) }
        let target = event.target
        try Self.check("service", target.service, among: services)
        try Self.check("environment", target.environment, among: environments)
        let source = event.source ?? source
        guard sources.isEmpty || sources.contains(where: { Self.begins(source, with: $0) })
        else {
            throw LedgerError(
                .notAllowed, "this token may not write with the source \(source)",
                advice: "it may with sources that begin with " + sources.joined(separator: ", "))
        }
    }

    /// Whether it holds beyond the target that it names: rules for all, what is quiet or frozen, what
    /// other entries say, and what opens a gate.
    private static func governs(_ event: Event) -> Bool {
        switch event.type {
        case .policy, .path, .freeze, .acknowledgement, .correction, .correlation: true
        // Where nothing is expected any more, nothing is missed.
        case .target: event.members[["target", "action"]]?.string == "retire"
        // Who deploys must not approve.
        case .review:
            event.members[["review", "decision"]]?.string == "approved"
                && (event.members[["review", "kind"]]?.string ?? "approval") == "approval"
        default: false
        }
    }

    func checkGoverning(_ type: EventType) throws(LedgerError) {
        if services.isEmpty && environments.isEmpty { return }
        let article = "aeiou".contains(type.rawValue.prefix(1)) ? "an" : "a"
        throw LedgerError(
            .notAllowed,
            "a token of some services or environments may not record \(article) \(type.rawValue): "
                + "it would hold beyond them",
            advice: "use a token without services and environments")
    }

    // Otherwise whoever may name a repository like another one's beginning could write as that.
    private static func begins(_ source: String, with beginning: String) -> Bool {
        let (source, beginning) = (source.utf8, beginning.utf8)
        guard source.starts(with: beginning) else { return false }
        let ends = [beginning.last, source.dropFirst(beginning.count).first]
        return source.count == beginning.count || ends.contains { $0.map(isSeparator) ?? false }
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "/"), UInt8(ascii: ":"), UInt8(ascii: "#"), UInt8(ascii: "?"),
            UInt8(ascii: "@"):
            true
        default: false
        }
    }

    private static func check(
        _ member: String, _ value: String?, among allowed: [String]
    ) throws(LedgerError) {
        if allowed.isEmpty { return }
        guard let value else {
            throw LedgerError(
                .notAllowed, "this token may not write an event without \(member)",
                advice: "it may for " + allowed.joined(separator: ", "))
        }
        if !allowed.contains(where: { $0.hasSameBytes(as: value) }) {
            throw LedgerError(
                .notAllowed, "this token may not write for the \(member) \(value)",
                advice: "it may for " + allowed.joined(separator: ", "))
        }
    }
}
