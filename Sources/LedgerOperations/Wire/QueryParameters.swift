import LedgerCore

// QueryParameters.swift
//
// A question in a URL: the parameters of GET /v1/events and its siblings have the names of
// `ledger query`'s flags, and those that may have several values stand there several times:
//
//    env service tenant region cluster database change actor type status operation trigger ticket
//    digest object           several values
//    text since until period one value
//    recorded reverse        true
//    limit                   a number from 1
//
// Times without an offset are UTC. Of a change, `change` is an id or name, or orders:V42.

extension Question {
    public typealias Parameter = (name: String, value: String)

    /// Reads a URL's parameters; those of `others` are left to the caller.
    ///
    /// - Throws: `usage` for a parameter that is not known, or given twice, or no number.
    public init(parameters: [Parameter], others: Set<String> = []) throws(LedgerError) {
        self.init(.parameters)
        for (name, value) in parameters where !others.contains(name) {
            if Self.lists.contains(name) {
                values[name, default: []].append(value)
            } else if Self.singles.contains(name) {
                if values[name] != nil {
                    throw LedgerError(.usage, "\(name) is given twice")
                }
                values[name] = [value]
            } else {
                try setOption(name, value, others)
            }
        }
    }

    private mutating func setOption(
        _ name: String, _ value: String, _ others: Set<String>
    ) throws(LedgerError) {
        switch name {
        case "recorded": isRecorded = try Self.truth(name, value)
        case "reverse": isReversed = try Self.truth(name, value)
        case "limit":
            guard let number = Int(value), number >= 1 else {
                throw LedgerError(.usage, "limit must be a number of at least 1")
            }
            limit = number
        default:
            let known = Self.lists + Self.singles + ["recorded", "reverse", "limit"] + others
            throw LedgerError(
                .usage, "there is no parameter \(VisibleName.of(name))",
                advice: Suggestion.advice(for: name, among: known.sorted()))
        }
    }

    public static func truth(_ name: String, _ value: String) throws(LedgerError) -> Bool {
        switch value {
        case "true": return true
        case "false": return false
        default: throw LedgerError(.usage, "\(name) must be true or false")
        }
    }
}

extension EntryQuery {
    /// The parameters that ask the same: names are exact, times have milliseconds.
    public var parameters: [Question.Parameter] {
        var parameters: [Question.Parameter] = []
        func add(_ name: String, _ values: [String]) {
            parameters += values.map { (name, $0) }
        }
        add("env", environments)
        add("service", services)
        add("tenant", tenants)
        add("region", regions)
        add("cluster", clusters)
        add("database", databases)
        add("change", (changes + changeIDs).map(unmistakable))
        add("actor", actors)
        add("type", types.map(\.rawValue))
        add("status", statuses.map(\.rawValue))
        add("operation", operations.map(\.rawValue))
        add("trigger", triggers.map(\.rawValue))
        add("ticket", tickets)
        add("digest", digests)
        add("object", objects)
        add("text", text.map { [$0] } ?? [])
        add("since", since.map { [$0.utc] } ?? [])
        add("until", until.map { [$0.utc] } ?? [])
        if timeBasis == .recorded { add("recorded", ["true"]) }
        if isReversed { add("reverse", ["true"]) }
        add("limit", limit.map { [String($0)] } ?? [])
        return parameters
    }
}

extension EntryQuery {
    /// A change's id with a colon in it would be read as that of a service.
    private func unmistakable(_ change: String) -> String {
        guard ChangeReference(change).hasService, let service = services.first,
            services.allSatisfy({ $0.hasSameBytes(as: service) })
        else { return change }
        return "\(service):\(change)"
    }
}

extension EntryQuery {
    /// The query that gives these parameters, in names that are taken as they are.
    ///
    /// - Throws: `usage` for what no query gives.
    public init(exactly parameters: [Question.Parameter]) throws(LedgerError) {
        self.init()
        let question = try Question(parameters: parameters)
        func all(_ name: String) -> [String] { question.values[name] ?? [] }
        func words<Word: RawRepresentable>(
            _ name: String
        ) throws(LedgerError) -> [Word] where Word.RawValue == String {
            let words = all(name).compactMap(Word.init(rawValue:))
            if words.count == all(name).count { return words }
            throw LedgerError(.usage, "\(name) has a value that is not known")
        }
        func time(_ name: String) throws(LedgerError) -> Timestamp? {
            guard let text = all(name).first else { return nil }
            if let time = Timestamp(rfc3339: text) { return time }
            throw LedgerError(.usage, "\(name) is no time")
        }
        environments = all("env")
        services = all("service")
        tenants = all("tenant")
        regions = all("region")
        clusters = all("cluster")
        databases = all("database")
        changes = all("change").map { change in
            guard let service = services.first, change.hasPrefix(service + ":") else {
                return change
            }
            return String(change.dropFirst(service.count + 1))
        }
        actors = all("actor")
        types = try words("type")
        statuses = try words("status")
        operations = try words("operation")
        triggers = try words("trigger")
        tickets = all("ticket")
        digests = all("digest")
        objects = all("object")
        text = all("text").first
        since = try time("since")
        until = try time("until")
        timeBasis = question.isRecorded ? .recorded : .happened
        isReversed = question.isReversed
        limit = question.limit
    }
}
