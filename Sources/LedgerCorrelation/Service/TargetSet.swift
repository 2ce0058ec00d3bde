import LedgerCore

/// The targets that a service has in one environment.
///
/// Declared ones, where there are any, with those that were seen and fit none of them; else those
/// that were seen. A target that was named with fewer members means the one that it fits.
public struct TargetSet: Sendable {
    /// What the name of a target means.
    public enum Meaning: Sendable, Equatable {
        case target(Target)
        /// It fits several, and says nothing of any of them.
        case ambiguous([Target])
        /// It was taken out of use.
        case retired
    }

    /// Sorted by name.
    public let targets: [Target]
    /// Somebody has declared which there are.
    public let isDeclared: Bool
    private let places: [Target: Int]
    private let retired: Set<Target>

    /// - Parameters:
    ///   - declared: by `target` events, in their order: added, or retired.
    ///   - seen: those that something was heard from.
    public init(declared: [(target: Target, isAdded: Bool)], seen: [Target]) {
        var added: Set<Target> = []
        var retired: Set<Target> = []
        for (target, isAdded) in declared {
            if isAdded {
                added.insert(target)
                retired.remove(target)
            } else {
                added.remove(target)
                retired.insert(target)
            }
        }
        var known = added
        var shapes = Set(added.map(\.shape))
        // The most specific first: a name with fewer members may mean one of those.
        let order = Set(seen).map { ($0, ExactText($0.text)) }.sorted {
            ($1.0.memberCount, $0.1) < ($0.0.memberCount, $1.1)
        }.map(\.0)
        for target in order where !retired.contains(target) && !known.contains(target) {
            // Of two targets with the same members none says more than the other.
            let isAlike = shapes.isEmpty || shapes == [target.shape]
            if isAlike || !known.contains(where: { target.fits($0) || $0.fits(target) }) {
                known.insert(target)
                shapes.insert(target.shape)
            }
        }
        self.retired = retired
        isDeclared = !added.isEmpty
        targets = known.map { (ExactText($0.text), $0) }.sorted { $0.0 < $1.0 }.map(\.1)
        places = Dictionary(uniqueKeysWithValues: zip(targets, targets.indices))
    }

    /// The place of a known target among `targets`.
    func place(of target: Target) -> Int? { places[target] }

    /// Which target a name means.
    public func meaning(of target: Target) -> Meaning {
        if places[target] != nil { return .target(target) }
        if retired.contains(target) { return .retired }
        let fitting = targets.filter { target.fits($0) }
        if fitting.count == 1 { return .target(fitting[0]) }
        if fitting.count > 1 { return .ambiguous(fitting) }
        // One that says more than was declared.
        if let wider = targets.first(where: { $0.fits(target) }) { return .target(wider) }
        return .target(target)
    }
}

extension Target {
    /// Whether every member that this one has is that of the other, which has more.
    public func fits(_ other: Target) -> Bool {
        self != other
            && [
                (service, other.service), (environment, other.environment), (tenant, other.tenant),
                (region, other.region), (cluster, other.cluster),
            ].allSatisfy { mine, theirs in
                guard let mine else { return true }
                return theirs.map { $0.hasSameBytes(as: mine) } ?? false
            }
    }

    var memberCount: Int {
        [service, environment, tenant, region, cluster].reduce(0) { $0 + ($1 == nil ? 0 : 1) }
    }

    public func isBefore(_ other: Target) -> Bool {
        ExactText(text) < ExactText(other.text)
    }

    /// What tells it from the other targets of its environment: `acme`, `eu/west`.
    public var ownName: String {
        let names = [tenant, region, cluster].compactMap(\.self)
        return names.isEmpty ? environment ?? "" : names.joined(separator: "/")
    }
}
