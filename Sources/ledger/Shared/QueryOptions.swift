import ArgumentParser
import LedgerCore
import LedgerReport

/// Which events are asked for.
struct QueryOptions: ParsableArguments {
    @Option(
        name: [.customLong("env"), .customLong("environment")],
        help: "Where it ran. Repeatable, as all of these but --text and the times: any of them.")
    var environments: [String] = []

    @Option(name: .customLong("service"), help: "What was deployed.")
    var services: [String] = []

    @Option(name: .customLong("tenant"), help: "For which tenant.")
    var tenants: [String] = []

    @Option(name: .customLong("region"), help: "In which region.")
    var regions: [String] = []

    @Option(name: .customLong("cluster"), help: "On which cluster.")
    var clusters: [String] = []

    @Option(name: .customLong("database"), help: "The database's name.")
    var databases: [String] = []

    @Option(
        name: .customLong("change"),
        help: "An id, a name, or a beginning that only one change has; orders:V42 for one service.")
    var changes: [String] = []

    @Option(name: .customLong("actor"), help: "The id or name of who did it.")
    var actors: [String] = []

    @Option(
        name: .customLong("type"), help: "deployment, if left out; merge, review, note and others.")
    var types: [String] = []

    @Option(name: .customLong("status"), help: "started, succeeded, failed, skipped, unknown.")
    var statuses: [String] = []

    @Option(name: .customLong("operation"), help: "apply, revert, baseline, mark, repair.")
    var operations: [String] = []

    @Option(name: .customLong("trigger"), help: "cli, git, manual, webhook, import.")
    var triggers: [String] = []

    @Option(name: .customLong("ticket"), help: "The ticket that asked for it.")
    var tickets: [String] = []

    @Option(name: .customLong("digest"), help: "The script's digest: sha256: and 64 digits.")
    var digests: [String] = []

    @Option(help: "Words in a change's name, a title, message, reason, error or command.")
    var text: String?

    @Option(help: "From when: 7d, 24h, 03:00, yesterday, 2026-11-01, or RFC 3339.")
    var since: String?

    @Option(help: "Until when, not included.") var until: String?

    @Option(help: "2026-Q4, 2026-11, 2026-W47 or 2026.") var period: String?

    @Flag(help: "Let times mean when it was recorded, not when it happened.")
    var recorded = false

    @Option(help: "At most so many rows; a table has 50 if this is left out.")
    var limit: Int?

    @Flag(help: "Oldest first.") var reverse = false

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit must be at least 1.") }
    }

    /// The question, with names that the ledger knows.
    ///
    /// - Throws: `notFound` with "did you mean" for a name that was never recorded.
    func query(
        _ reader: any EntryReader, now: Timestamp, local: LocalTime
    ) throws(LedgerError) -> EntryQuery {
        let configuration = try Configuration.current()
        var query = EntryQuery()
        query.environments = try known(
            environments.map(configuration.environment), .environment, "--env", reader)
        query.services = try known(services, .service, "--service", reader)
        query.tenants = try known(tenants, .tenant, "--tenant", reader)
        query.regions = try known(regions, .region, "--region", reader)
        query.clusters = try known(clusters, .cluster, "--cluster", reader)
        query.databases = try given(databases, "--database")
        query.actors = try given(actors, "--actor")
        query.tickets = try given(tickets, "--ticket")
        query.digests = try given(digests, "--digest")
        query.types = try words(types, "--type")
        query.statuses = try words(statuses, "--status")
        query.operations = try words(operations, "--operation")
        query.triggers = try words(triggers, "--trigger")
        query.text = try given(text.map { [$0] } ?? [], "--text").first
        try resolveChanges(&query, reader)
        let bounds = try TimeBounds.read(
            since: try given(since, "--since"), until: try given(until, "--until"),
            period: try given(period, "--period"), now: now, local: local)
        query.since = bounds.since
        query.until = bounds.until
        query.timeBasis = recorded ? .recorded : .happened
        query.limit = limit
        query.isReversed = reverse
        return query
    }

    private func resolveChanges(
        _ query: inout EntryQuery, _ reader: any EntryReader
    ) throws(LedgerError) {
        for text in try given(changes, "--change") {
            let found = try ChangeReference(text).changes(in: reader, services: query.services)
            query.changes += found.map(\.id)
            if ChangeReference(text).hasService { query.services += found.map(\.service) }
        }
    }

    private func given(_ values: [String], _ flag: String) throws(LedgerError) -> [String] {
        for value in values { _ = try given(value, flag) }
        return values
    }

    private func given(_ value: String?, _ flag: String) throws(LedgerError) -> String? {
        try Setting.value(value, flag)
    }

    private func known(
        _ values: [String], _ member: KnownNames, _ flag: String, _ reader: any EntryReader
    ) throws(LedgerError) -> [String] {
        if values.isEmpty { return [] }
        let names = try reader.knownNames(of: member)
        for value in try given(values, flag)
        where !names.contains(where: { $0.hasSameBytes(as: value) }) {
            throw LedgerError(
                .notFound, "nothing was ever recorded with \(flag) \(value)",
                advice: Suggestion.advice(for: value, among: names))
        }
        return values
    }

    private func words<Word: RawRepresentable & CaseIterable>(
        _ values: [String], _ flag: String
    ) throws(LedgerError) -> [Word] where Word.RawValue == String {
        var words: [Word] = []
        for value in try given(values, flag) {
            guard let word = Word(rawValue: value) else {
                throw LedgerError(
                    .usage, "\(flag) \(value) is not known",
                    advice: Suggestion.advice(for: value, among: Word.allCases.map(\.rawValue)))
            }
            words.append(word)
        }
        return words
    }
}

/// A change as people name it: `orders:V42`, or without the service.
struct ChangeReference {
    private let text: String
    private let service: String?
    private let name: String

    init(_ text: String) {
        self.text = text
        // Liquibase's ids have `::` in them.
        if let colon = text.firstIndex(of: ":"), colon != text.startIndex,
            !text[text.index(after: colon)...].hasPrefix(":")
        {
            service = String(text[..<colon])
            name = String(text[text.index(after: colon)...])
        } else {
            service = nil
            name = text
        }
    }

    var hasService: Bool { service != nil }

    /// The changes that go by this name; one or more.
    ///
    /// - Throws: `notFound`, or `ambiguous` if it is the beginning of several changes of a service.
    func changes(
        in reader: any EntryReader, services: [String] = []
    ) throws(LedgerError) -> [KnownChange] {
        if name.isEmpty {
            throw LedgerError(
                .usage, "\(text) names a service and no change", advice: "write \(text)ID")
        }
        let limit = 1000
        var found = try reader.changes(named: name, service: service, limit: limit)
        if !services.isEmpty { found.removeAll { !services.contains($0.service) } }
        if found.isEmpty {
            throw LedgerError(
                .notFound, "no change is known as \(text)",
                advice: try suggestion(reader) ?? "ledger query shows the changes that are known")
        }
        let isExact = found.contains { $0.id.hasSameBytes(as: name) || $0.name == name }
        if !isExact, Set(found.map(\.service)).count < found.count {
            let names = found.prefix(8).map { "\($0.service):\($0.name ?? $0.id)" }
            throw LedgerError(
                .ambiguous, "\(text) is the beginning of several changes",
                advice: names.joined(separator: ", ") + (found.count > 8 ? " …" : ""))
        }
        return found
    }

    /// What to say if no change goes by exactly this name; nil if one does.
    func doubt(_ reader: any EntryReader) throws(LedgerError) -> String? {
        let found = try reader.changes(named: name, service: service, limit: 1000)
        if found.contains(where: { $0.id.hasSameBytes(as: name) || $0.name == name }) { return nil }
        let advice = try suggestion(reader).map { "; \($0)" } ?? ""
        return "no change is known as \(text) so far\(advice)"
    }

    private func suggestion(_ reader: any EntryReader) throws(LedgerError) -> String? {
        let all = try reader.changes(named: "", service: service, limit: 5000)
        let names = all.flatMap { [$0.id, $0.name].compactMap(\.self) }
        return Suggestion.closest(to: name, among: names).map { "did you mean \($0)?" }
    }
}
