import LedgerCore

// ServiceHistory.swift
//
// One service as of a moment: its changes in order, the environments in the order of its path, and
// a cell for each of both. It is made in two ways that agree:
//
//    from progress      the counts that the store keeps; for boards over all services
//    from deployments   one by one; for names of targets, for other moments than now, and where the
//                       counts alone can't tell: declared targets that differ from those heard
//                       from, names with fewer members, corrections, baselines of some targets

/// What is known of one service: which change has come how far in which environment.
public struct ServiceHistory: Sendable {
    public struct Environment: Sendable {
        public let name: String
        public let targetCount: Int
        /// Nil where only their number was looked at.
        public let targets: TargetSet?
        /// When an entry of each target was recorded last, by its place.
        public let lastHeard: [Int: Int64]
        /// The same where only their number was looked at: the first and the last day, since 1970.
        public let heardDays: ClosedRange<Int64>?
    }

    public let service: String
    public let path: ServicePath
    /// In their order; repeatable ones, which have none, at the end.
    public let changes: [ServiceChange]
    /// Those of the path, and then others in which something was heard from.
    public let environments: [Environment]
    /// The entries that declare targets.
    let declarations: [Target: Int64]
    // A cell for each change and environment, change by change.
    private var cells: [Cell]
    /// The environments before each on the path.
    let upstream: [[Int]]
    // What is asked again and again is worked out once (ServiceHistory+State.swift); in the order of
    // the cells.
    private var standings: [Standing] = []

    public func cell(_ change: Int, _ environment: Int) -> Cell {
        cells[change * environments.count + environment]
    }

    /// Whether the targets were looked at one by one.
    public var hasTargets: Bool { environments.contains { $0.targets != nil } }

    public func environment(named name: String) -> Int? {
        environments.firstIndex { $0.name.hasSameBytes(as: name) }
    }

    /// - Parameter id: also one that it has besides.
    public func change(withID id: String) -> Int? {
        changes.firstIndex { $0.id.hasSameBytes(as: id) }
            ?? changes.firstIndex { change in
                change.otherIDs.contains { $0.hasSameBytes(as: id) }
            }
    }

    func standing(_ change: Int, _ environment: Int) -> Standing {
        standings[change * environments.count + environment]
    }
}

extension ServiceHistory {
    /// What it is made of.
    public struct Source: Sendable {
        public var service: String
        /// The last declaration.
        public var path: ServicePath?
        public var changes: [ServiceChange]
        /// By environment.
        public var targetCounts: [ExactText: Int] = [:]
        public var targets: [ExactText: TargetSet] = [:]
        public var progress: [Progress] = []
        public var deployments: [Deployment] = []
        /// Changes, and the environment, that a gate is asked for: they are there even if nothing
        /// was heard of them.
        public var asked: Set<ExactText> = []
        public var askedEnvironment: String?
        /// When an entry of each target was recorded last, as it was named.
        public var lastHeard: [Target: Int64] = [:]
        /// By environment: the days of that, the first and the last.
        public var heardDays: [ExactText: ClosedRange<Int64>] = [:]
        /// The entries that declare targets.
        public var declarations: [Target: Int64] = [:]

        public init(service: String, path: ServicePath?, changes: [ServiceChange]) {
            self.service = service
            self.path = path
            self.changes = changes
        }
    }

    private struct Place: Hashable {
        let change: ExactText
        let environment: ExactText
    }

    /// From the counts; right only if every deployment names one of the targets that are counted.
    public init(fromProgress source: Source) {
        var found: [Place: Cell] = [:]
        for row in source.progress {
            let place = Place(
                change: ExactText(row.change), environment: ExactText(row.environment))
            found[place, default: Cell()].add(row)
        }
        self.init(source, source.targetCounts, found)
    }

    /// From all deployments, as of the moment that they were read for.
    public init(fromDeployments source: Source) {
        var resolver = TargetResolver(source.targets)
        var cells: [Place: Cell] = [:]
        // By change, and then by target: most of the time one change follows another.
        let changes = Dictionary(grouping: source.deployments) { ExactText($0.change) }
        for (change, deployments) in changes {
            // By the numbers of environments, and then by the places of targets.
            var last: [Int: [Int: Deployment]] = [:]
            var applied: [Int: Progress.Applied] = [:]
            var came: [Int: [Int: Int64]] = [:]
            for deployment in deployments {
                switch resolver.meaning(of: deployment.target) {
                case .retired: continue
                case .ambiguous(let environment):
                    cells[Place(change: change, environment: environment), default: Cell()]
                        .ambiguous.append(deployment)
                case .target(let environment, let place):
                    if deployment.state == .applied, applied[environment]?.add(deployment) == nil {
                        applied[environment] = Progress.Applied(deployment)
                    }
                    if deployment.state.isDone {
                        let first = came[environment]?[place] ?? .max
                        came[environment, default: [:]][place] = min(first, deployment.at)
                    }
                    if let known = last[environment]?[place], known.supersedes(deployment) {
                        continue
                    }
                    last[environment, default: [:]][place] = deployment
                }
            }
            for (environment, deployments) in last {
                let place = Place(
                    change: change, environment: resolver.environments[environment])
                cells[place, default: Cell()].add(deployments, applied: applied[environment])
                for (target, last) in deployments where last.state == .reverted {
                    let first = came[environment]?[target] ?? .max
                    if first > last.at { cells[place]?.revertedUnseen.insert(target) }
                }
            }
        }
        self.init(source, source.targets.mapValues(\.targets.count), cells)
    }

    private init(
        _ source: Source, _ targetCounts: [ExactText: Int], _ found: [Place: Cell]
    ) {
        service = source.service
        // A change that nothing is known of as of that moment is none.
        var firstApplied: [ExactText: [ExactText: Int64]] = [:]
        var isKnown: Set<ExactText> = []
        for (place, cell) in found {
            isKnown.insert(place.change)
            if let at = cell.applied?.firstAt {
                firstApplied[place.change, default: [:]][place.environment] = at
            }
        }
        isKnown.formUnion(source.asked)
        let known = source.changes.filter { $0.merge != nil || isKnown.contains(ExactText($0.id)) }
        let items = known.map { change in
            let applied = firstApplied[ExactText(change.id)]?.values.min()
            return ChangeOrder.Item(
                id: change.id, at: min(change.merge?.firstAt ?? .max, applied ?? .max))
        }
        let order = ChangeOrder.sorted(items).map { known[$0] }
        changes = order.filter { !$0.isRepeatable } + order.filter(\.isRepeatable)

        var seen = targetCounts.keys.sorted().map(\.text)
        // What was declared is not a guess to be added to.
        if source.path == nil, let asked = source.askedEnvironment,
            !seen.contains(where: { $0.hasSameBytes(as: asked) })
        {
            seen.append(asked)
        }
        path =
            source.path
            ?? ServicePath(
                seen: seen, firstApplied: firstApplied.keys.sorted().compactMap { firstApplied[$0] }
            )
        let onPath = path.environments
        let names = onPath + seen.filter { name in !onPath.contains { $0.hasSameBytes(as: name) } }
        declarations = source.declarations
        let lastHeard = Dictionary(grouping: source.lastHeard) {
            ExactText($0.key.environment ?? "")
        }
        environments = names.map { name in
            let targets = source.targets[ExactText(name)]
            var heard: [Int: Int64] = [:]
            for (target, time) in lastHeard[ExactText(name)] ?? [] {
                guard case .target(let known) = targets?.meaning(of: target),
                    let place = targets?.place(of: known)
                else { continue }
                heard[place] = max(heard[place] ?? time, time)
            }
            return Environment(
                name: name, targetCount: targetCounts[ExactText(name)] ?? 0, targets: targets,
                lastHeard: heard, heardDays: source.heardDays[ExactText(name)])
        }
        let path = path
        upstream = names.map { name in
            path.upstream(of: name).compactMap { before in
                names.firstIndex { $0.hasSameBytes(as: before) }
            }
        }
        cells = changes.flatMap { change in
            names.map { name in
                found[Place(change: ExactText(change.id), environment: ExactText(name))] ?? Cell()
            }
        }
        coverByBaselines()
        standings = changes.indices.flatMap { change in
            environments.indices.map { Standing(change, $0, in: self) }
        }
    }

    /// A baseline speaks for every change before it that has nothing of its own on the target.
    private mutating func coverByBaselines() {
        for environment in environments.indices {
            let count = environments[environment].targetCount
            var covering: Set<Int> = []
            var isCovered = false
            for change in changes.indices.reversed() where !changes[change].isRepeatable {
                let place = change * environments.count + environment
                if environments[environment].targets != nil {
                    let cell = cells[place]
                    let mine = covering.filter { cell.last[$0] == nil }
                    cells[place].covered = mine
                    cells[place].coveredCount = mine.count
                    for (target, last) in cell.last where last.state == .baseline {
                        covering.insert(target)
                    }
                } else {
                    if isCovered { cells[place].coveredCount = count - cells[place].heardCount }
                    if cells[place].counts[.baseline] == count { isCovered = true }
                }
            }
        }
    }
}

/// Tells which known target a name means; each name is looked up once.
private struct TargetResolver {
    enum Meaning {
        /// By the numbers of its environment, and of itself within that.
        case target(environment: Int, place: Int)
        case ambiguous(ExactText)
        case retired
    }

    private let sets: [ExactText: TargetSet]
    private(set) var environments: [ExactText] = []
    private var numbers: [ExactText: Int] = [:]
    private var meanings: [Target: Meaning] = [:]

    init(_ sets: [ExactText: TargetSet]) {
        self.sets = sets
    }

    mutating func meaning(of target: Target) -> Meaning {
        if let meaning = meanings[target] { return meaning }
        let meaning = lookUp(target)
        meanings[target] = meaning
        return meaning
    }

    private mutating func lookUp(_ target: Target) -> Meaning {
        let environment = ExactText(target.environment ?? "")
        // A set knows every target that it was made of.
        guard let set = sets[environment] else { return .retired }
        switch set.meaning(of: target) {
        case .retired: return .retired
        case .ambiguous: return .ambiguous(environment)
        case .target(let known):
            guard let place = set.place(of: known) else { return .retired }
            let number = numbers[environment] ?? environments.count
            if number == environments.count { environments.append(environment) }
            numbers[environment] = number
            return .target(environment: number, place: place)
        }
    }
}
