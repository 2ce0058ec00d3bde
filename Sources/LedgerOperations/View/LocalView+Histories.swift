import LedgerCore
import LedgerCorrelation
import LedgerStore

/// What correlation asks of a ledger's file.
extension LocalView {
    func asOf(_ at: Timestamp?, knownAt: Timestamp?) throws(LedgerError) -> AsOf {
        AsOf(
            at: at?.milliseconds,
            index: try knownAt.map { time throws(LedgerError) in
                try reader.index(recordedBy: time.milliseconds)
            })
    }

    /// The histories of these services, or of all, by name.
    ///
    /// - Parameter needsTargets: targets are looked at one by one; else only where their number
    ///   alone doesn't tell.
    func histories(
        of services: [String], asOf: AsOf, needsTargets: Bool
    ) throws(LedgerError) -> [ServiceHistory] {
        try HistoryLoader(reader, services: services, asOf: asOf).histories(
            needsTargets: needsTargets)
    }
}

/// Reads what `ServiceHistory` is made of.
struct HistoryLoader {
    /// What targets are declared for a service in one environment, and how many were heard from.
    private struct Environment {
        var declared: [TargetDeclaration] = []
        var heard: [HeardTargets] = []
        var isCorrected = false

        /// The number of targets, if it can be told without their names.
        var count: Int? {
            guard !isCorrected, heard.count == 1, let shape = heard.first else { return nil }
            let heardCount = Int(shape.targetCount)
            if declared.isEmpty { return heardCount }
            // Whoever is declared was heard from: with the same number both are the same.
            let names = Set(declared.map(\.target))
            return declared.allSatisfy(\.isAdded) && names.count == heardCount ? heardCount : nil
        }
    }

    private let reader: SQLiteEntryReader
    private let asOf: AsOf
    private var sources: [ExactText: ServiceHistory.Source] = [:]
    private let links: [ExactText: ServiceLinks]
    private var environments: [ExactText: [ExactText: Environment]] = [:]

    init(_ reader: SQLiteEntryReader, services: [String], asOf: AsOf) throws(LedgerError) {
        self.reader = reader
        self.asOf = asOf
        let changes = try reader.changesByService(services, asOf: asOf)
        links = try reader.links(among: changes, asOf: asOf)
        for (service, changes) in changes {
            sources[service] = .init(
                service: service.text, path: nil,
                changes: links[service]?.joined(changes) ?? changes)
        }
        let heard = try reader.heardTargets(of: services)
        let corrected = try reader.correctedPlaces(of: services)
        var paths: [ExactText: ServicePath] = [:]
        try reader.forEachFact([.path], of: services, asOf: asOf) { row in
            guard let service = row.target.service else { return }
            paths[ExactText(service)] = ServicePath(declared: row.members)
        }
        var declarations: [TargetDeclaration] = []
        try reader.forEachTargetDeclaration(of: services, asOf: asOf) { declarations.append($0) }

        for (service, path) in paths { self[service].path = path }
        for row in heard {
            change(Target(service: row.service, environment: row.environment)) {
                $0.heard.append(row)
            }
        }
        for place in corrected { change(place) { $0.isCorrected = true } }
        for declaration in declarations {
            change(declaration.target) {
                $0.declared.append(declaration)
            }
        }
        for service in environments.keys { _ = self[service] }
    }

    /// Changes what is known of a target's service in its environment.
    private mutating func change(_ target: Target, _ body: (inout Environment) -> Void) {
        guard let service = target.service, let environment = target.environment else { return }
        body(
            &environments[ExactText(service), default: [:]][
                ExactText(environment), default: Environment()])
    }

    /// Changes what the history of a service is made of.
    mutating func change(_ service: ExactText, _ body: (inout ServiceHistory.Source) -> Void) {
        body(&self[service])
    }

    /// Lets the histories have this environment, where the path is not declared.
    mutating func askEnvironment(_ name: String) {
        for service in sources.keys { sources[service]?.askedEnvironment = name }
    }

    private subscript(service: ExactText) -> ServiceHistory.Source {
        mutating get {
            if let source = sources[service] { return source }
            let source = ServiceHistory.Source(service: service.text, path: nil, changes: [])
            sources[service] = source
            return source
        }
        set { sources[service] = newValue }
    }

    /// Those of which anything is known, by name.
    var services: [String] { sources.keys.sorted().map(\.text) }

    /// All changes, joined as the links say.
    var changes: [ServiceChange] { sources.values.flatMap(\.changes) }

    func histories(needsTargets: Bool) throws(LedgerError) -> [ServiceHistory] {
        var found: [ExactText: ServiceHistory] = [:]
        if !needsTargets, asOf.isNow {
            let services = sources.keys.map(\.text)
            let progress = Dictionary(
                grouping: try reader.progress(of: services.count == 1 ? services : []),
                by: { ExactText($0.service) })
            for (service, source) in sources {
                // What ran under several ids is counted under each of them.
                guard links[service]?.isEmpty ?? true else { continue }
                var source = source
                source.progress = progress[service] ?? []
                guard let counts = counts(of: service) else { continue }
                source.targetCounts = counts
                source.heardDays = (environments[service] ?? [:]).compactMapValues {
                    $0.heard.first?.days
                }
                let history = ServiceHistory(fromProgress: source)
                if history.isTold { found[service] = history }
            }
        }
        let rest = sources.keys.filter { found[$0] == nil }.sorted()
        let seen = try seenTargets(of: rest)
        for service in rest { found[service] = try history(of: service, seen[service] ?? []) }
        return sources.keys.sorted().compactMap { found[$0] }
    }

    /// One service with all its targets; nil if nothing is known of it.
    func history(of service: String) throws(LedgerError) -> ServiceHistory? {
        let service = ExactText(service)
        return try history(of: service, seenTargets(of: [service])[service] ?? [])
    }

    private func history(
        of service: ExactText, _ seen: [KnownTarget]
    ) throws(LedgerError) -> ServiceHistory? {
        guard var source = sources[service] else { return nil }
        let links = links[service].flatMap { $0.isEmpty ? nil : $0 }
        try reader.forEachDeployment(of: [service.text], asOf: asOf) { deployment in
            var deployment = deployment
            if let links { Self.rename(&deployment, links) }
            source.deployments.append(deployment)
        }
        source.targets = targets(of: service, source.deployments, seen.map(\.target))
        for known in seen { source.lastHeard[known.target] = known.lastRecorded.milliseconds }
        for declaration in (environments[service] ?? [:]).values.flatMap(\.declared) {
            source.declarations[declaration.target] = declaration.index
        }
        return ServiceHistory(fromDeployments: source)
    }

    private static func rename(_ deployment: inout Deployment, _ links: ServiceLinks) {
        // Comments alone are no other content.
        if links.hasOtherBytes(deployment.change) { deployment.digest = nil }
        deployment.change = links.name(of: deployment.change)
    }

    /// By environment; nil if the number of targets of one can't be told.
    private func counts(of service: ExactText) -> [ExactText: Int]? {
        var counts: [ExactText: Int] = [:]
        for (environment, place) in environments[service] ?? [:] {
            guard let count = place.count else { return nil }
            counts[environment] = count
        }
        return counts
    }

    /// What was heard from by now. As of another moment, the deployments tell.
    private func seenTargets(
        of services: [ExactText]
    ) throws(LedgerError) -> [ExactText: [KnownTarget]] {
        if services.isEmpty || !asOf.isNow { return [:] }
        var query = EntryQuery()
        if services.count <= 100 { query.services = services.map(\.text) }
        return Dictionary(
            grouping: try reader.targets(matching: query),
            by: { ExactText($0.target.service ?? "") })
    }

    private func targets(
        of service: ExactText, _ deployments: [Deployment], _ seen: [Target]
    ) -> [ExactText: TargetSet] {
        var names: [ExactText: Set<Target>] = [:]
        let last = Dictionary(deployments.map { ($0.target, $0.index) }, uniquingKeysWith: max)
        for target in Set(last.keys).union(seen) {
            names[ExactText(target.environment ?? ""), default: []].insert(target)
        }
        let declared = environments[service] ?? [:]
        var sets: [ExactText: TargetSet] = [:]
        for environment in Set(names.keys).union(declared.keys) {
            let set = TargetSet(
                // Where something ran after it was retired, it is in use again.
                declared: (declared[environment]?.declared ?? []).filter {
                    $0.isAdded || $0.index > last[$0.target] ?? -1
                }.map { ($0.target, $0.isAdded) },
                seen: Array(names[environment] ?? []))
            if !set.targets.isEmpty || names[environment] != nil { sets[environment] = set }
        }
        return sets
    }
}
