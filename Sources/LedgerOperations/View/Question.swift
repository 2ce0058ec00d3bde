import LedgerCore
import LedgerReport

/// A question as it was asked: the texts of `ledger query`'s flags, or of a URL's parameters of the
/// same names.
public struct Question: Sendable {
    /// How a member is spelled in an error: `--env` or `env`.
    public enum Spelling: Sendable {
        case flags, parameters
    }

    /// The members that may have several values.
    public static let lists = [
        "env", "service", "tenant", "region", "cluster", "database", "change", "actor", "type",
        "status", "operation", "trigger", "ticket", "digest", "object",
    ]
    /// The members that have one value.
    public static let singles = ["text", "since", "until", "period"]

    public let spelling: Spelling
    /// By the names of `lists` and `singles`.
    public var values: [String: [String]] = [:]
    public var isRecorded = false
    public var isReversed = false
    public var limit: Int?

    public init(_ spelling: Spelling) {
        self.spelling = spelling
    }

    /// The question in names that the ledger knows.
    ///
    /// - Parameter environment: resolves an environment's alias.
    /// - Throws: `usage` for a value that can't be taken, `notFound` with "did you mean" for a name
    ///   that was never recorded.
    public func query(
        _ view: some LedgerView, now: Timestamp, local: LocalTime,
        environment: (String) -> String = { $0 }
    ) async throws(LedgerError) -> EntryQuery {
        var query = EntryQuery()
        query.environments = try await known("env", .environment, view, environment)
        query.services = try await known("service", .service, view)
        query.tenants = try await known("tenant", .tenant, view)
        query.regions = try await known("region", .region, view)
        query.clusters = try await known("cluster", .cluster, view)
        query.databases = try given("database")
        query.actors = try given("actor")
        query.tickets = try given("ticket")
        query.digests = try given("digest")
        query.objects = try await knownObjects(view)
        query.types = try words("type")
        query.statuses = try words("status")
        query.operations = try words("operation")
        query.triggers = try words("trigger")
        query.text = try given("text").first
        for text in try given("change") {
            let reference = ChangeReference(text)
            let found = try await reference.changes(in: view, services: query.services)
            query.changes += found.map(\.id)
            if reference.hasService { query.services += found.map(\.service) }
        }
        let bounds = try TimeBounds.read(
            since: try given("since").first, until: try given("until").first,
            period: try given("period").first, now: now, local: local, dashes: spelled(""))
        query.since = bounds.since
        query.until = bounds.until
        query.timeBasis = isRecorded ? .recorded : .happened
        query.limit = limit
        query.isReversed = isReversed
        return query
    }

    private func spelled(_ name: String) -> String {
        spelling == .flags ? "--\(name)" : name
    }

    private func given(_ name: String) throws(LedgerError) -> [String] {
        let values = values[name] ?? []
        if values.contains(where: \.isEmpty) {
            throw LedgerError(
                .usage, "\(spelled(name)) is empty",
                advice: "a variable in its place may be unset; leave \(spelled(name)) out to not "
                    + "use it")
        }
        return values
    }

    private func known(
        _ name: String, _ member: KnownNames, _ view: some LedgerView,
        _ resolve: (String) -> String = { $0 }
    ) async throws(LedgerError) -> [String] {
        let values = try given(name).map(resolve)
        if values.isEmpty { return [] }
        let names = try await view.knownNames(of: member)
        for value in values where !names.contains(where: { $0.hasSameBytes(as: value) }) {
            throw LedgerError(
                .notFound, "nothing was ever recorded with \(spelled(name)) \(value)",
                advice: Suggestion.advice(for: value, among: names))
        }
        return values
    }

    private func knownObjects(_ view: some LedgerView) async throws(LedgerError) -> [String] {
        let values = try given("object")
        if values.isEmpty { return [] }
        let names = try await view.knownNames(of: .object)
        let known = Set(names.map { $0.lowercased() })
        for value in values {
            let lower = value.lowercased()
            let name = lower.split(separator: ".").last.map(String.init) ?? lower
            if known.contains(lower) || known.contains(name) { continue }
            throw LedgerError(
                .notFound,
                "no script that the ledger keeps touches \(spelled("object")) "
                    + VisibleName.of(value),
                advice: Suggestion.advice(for: value, among: names))
        }
        return values
    }

    private func words<Word: RawRepresentable & CaseIterable>(
        _ name: String
    ) throws(LedgerError) -> [Word] where Word.RawValue == String {
        var words: [Word] = []
        for value in try given(name) {
            guard let word = Word(rawValue: value) else {
                throw LedgerError(
                    .usage, "\(spelled(name)) \(value) is not known",
                    advice: Suggestion.advice(for: value, among: Word.allCases.map(\.rawValue)))
            }
            words.append(word)
        }
        return words
    }
}
