import LedgerCore
import LedgerCorrelation
import LedgerReport

/// `ledger rollback steps`: what has to be undone, newest first.
public struct RollbackStepsInquiry: Inquiry {
    public static let route = "rollback-steps"
    public static let known = [
        "env", "service", "tenant", "region", "cluster", "undo", "back-to",
    ]

    public var environment: String
    /// Empty asks for all, or for that of the change.
    public var services: [String] = []
    public var tenants: [String] = []
    public var regions: [String] = []
    public var clusters: [String] = []
    /// The change to undo: an id or a name, `orders:V42`, or without the service.
    public var undo: String?
    /// Or: what was applied then or later.
    public var backTo: Timestamp?

    public init(environment: String) {
        self.environment = environment
    }

    public init(parameters: [Question.Parameter]) throws(LedgerError) {
        let reader = ParameterReader(parameters)
        guard let environment = try reader.one("env") else {
            throw LedgerError(.usage, "it is not said where to go back", advice: "give env")
        }
        self.init(environment: environment)
        services = reader.all("service")
        tenants = reader.all("tenant")
        regions = reader.all("region")
        clusters = reader.all("cluster")
        undo = try reader.one("undo")
        backTo = try reader.time("back-to")
        if (undo == nil) == (backTo == nil) {
            throw LedgerError(.usage, "give either undo, a change, or back-to, a time")
        }
    }

    public var parameters: [Question.Parameter] {
        var parameters: [Question.Parameter] = [("env", environment)]
        parameters += services.map { ("service", $0) } + tenants.map { ("tenant", $0) }
        parameters += regions.map { ("region", $0) } + clusters.map { ("cluster", $0) }
        if let undo { parameters.append(("undo", undo)) }
        if let backTo { parameters.append(("back-to", backTo.utc)) }
        return parameters
    }

    public func reply(of view: LocalView) async throws(LedgerError) -> RollbackSteps {
        try view.check(services, [environment])
        try view.check(tenants, .tenant)
        try view.check(regions, .region)
        try view.check(clusters, .cluster)
        if let undo {
            let reference =
                services.count == 1 && !ChangeReference(undo).hasService
                ? ChangeReference(service: services[0], name: undo) : ChangeReference(undo)
            let change = try await reference.change(in: view)
            return try steps(.undo(change.id), of: change.service, view)
        }
        guard let backTo else { return RollbackSteps() }
        var all = RollbackSteps()
        for service in try changed(since: backTo, view) {
            let found = try steps(.backTo(backTo), of: service, view)
            all.steps += found.steps
            all.notes += found.notes
        }
        return all
    }

    private var query: EntryQuery {
        var query = EntryQuery()
        query.environments = [environment]
        query.services = services
        query.tenants = tenants
        query.regions = regions
        query.clusters = clusters
        return query
    }

    /// The services of which something ran there.
    private func changed(
        since time: Timestamp, _ view: LocalView
    ) throws(LedgerError) -> [String] {
        var names: Set<ExactText> = []
        var query = query
        query.since = time
        // What names a target with fewer members than it has counts too.
        (query.tenants, query.regions, query.clusters) = ([], [], [])
        try view.reader.forEachOutline(matching: query) { outline in
            if let service = outline.target.service { names.insert(ExactText(service)) }
            return true
        }
        return names.sorted().map(\.text)
    }

    private func steps(
        _ goal: RollbackSteps.Goal, of service: String, _ view: LocalView
    ) throws(LedgerError) -> RollbackSteps {
        let loader = try HistoryLoader(view.reader, services: [service], asOf: .now)
        guard let history = try loader.history(of: service) else { return RollbackSteps() }
        let names = history.environments.map(\.name)
        guard let place = history.environment(named: environment) else {
            throw LedgerError(
                .notFound, "\(service) has no environment \(VisibleName.of(environment))",
                advice: Suggestion.advice(for: environment, among: names))
        }
        var goal = goal
        if case .undo(let id) = goal {
            guard let change = history.change(withID: id) else {
                throw LedgerError(
                    .notFound, "of \(service):\(id) no merge and no deployment is known",
                    advice: "ledger query shows the changes that are known")
            }
            goal = .undo(history.changes[change].id)
        }
        let query = query
        let targets = history.environments[place].targets?.targets ?? []
        if case .undo = goal, !targets.contains(where: query.names) {
            throw LedgerError(
                .notFound, "\(service) has no such target in \(environment)",
                advice: "ledger status --service \(service) --tenants names those that it has")
        }
        var deployments: [Deployment] = []
        try view.reader.forEachDeployment(of: [service], asOf: .now) {
            if $0.target.environment.hasSameBytes(as: environment) { deployments.append($0) }
        }
        let facts = try ServiceFacts(view, services: [service], as: view.role)
        return try RollbackSteps(
            goal,
            in: RollbackSteps.Source(
                history: history, environment: place, deployments: deployments,
                plans: history.changes.map { RollbackPlans(facts[$0]) }, now: view.now,
                isAsked: query.names
            ) { (index) throws(LedgerError) in
                try view.reader.row(at: index).map(view.role.seen)
            })
    }
}

/// `{"notes":["…"],"rows":[…],"v":1}`.
extension RollbackSteps: Answer {
    public var json: JSONObject {
        Rows(steps).json.merging(JSONObject(["notes": .array(notes.map(JSON.string))]))
    }

    public init?(json: JSONObject) {
        guard let rows = Rows<RollbackStep>(json: json), let notes = json["notes"]?.array else {
            return nil
        }
        self.init(steps: rows.rows, notes: notes.compactMap(\.string))
    }
}
