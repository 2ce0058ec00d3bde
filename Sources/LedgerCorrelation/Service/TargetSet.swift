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
    private let known: Set<Target>
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
        // The most specific first: a name with fewer members may mean one of those.
        let order = Set(seen).sorted { ($0.memberCount, $1.text) > ($1.memberCount, $0.text) }
        for target in order where !retired.contains(target) && !known.contains(target) {
            if !known.contains(where: { target.fits($0) || $0.fits(target) }) {
                known.insert(target)
            }
        }
        self.known = known
        self.retired = retired
        isDeclared = !added.isEmpty
        targets = known.sorted { $0.isBefore($1) }
    }

    /// Which target a name means.
    public func meaning(of target: Target) -> Meaning {
        if known.contains(target) { return .target(target) }
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
