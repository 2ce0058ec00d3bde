import LedgerCore

/// What one place has of a change and another has not, or has with other content.
public struct DiffRow: Sendable, Equatable {
    public enum Difference: String, Sendable, CaseIterable {
        case onlyLeft = "only-left"
        case onlyRight = "only-right"
        /// Some targets of one side lack it.
        case partly
        /// Both have it, and other scripts ran.
        case content
    }

    /// How far a change has come on one side.
    public struct Side: Sendable, Equatable {
        public let doneCount: Int
        public let targetCount: Int
        public let state: ChangeState
        /// The scripts that ran, each `sha256:…`, sorted.
        public let digests: [String]

        public init(doneCount: Int, targetCount: Int, state: ChangeState, digests: [String]) {
            self.doneCount = doneCount
            self.targetCount = targetCount
            self.state = state
            self.digests = digests
        }
    }

    public let service: String
    public let change: String
    public let name: String?
    public let difference: Difference
    public let left: Side
    public let right: Side

    public init(
        service: String, change: String, name: String?, difference: Difference, left: Side,
        right: Side
    ) {
        self.service = service
        self.change = change
        self.name = name
        self.difference = difference
        self.left = left
        self.right = right
    }
}

/// Targets of an environment as people write them: `prod`, `prod/acme`, `prod/acme/eu`.
public struct PlaceName: Sendable, Equatable {
    public let environment: String
    /// Of tenant, region and cluster, those that are given, in this order.
    public let members: [String]

    /// Nil if a part is empty.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.allSatisfy({ !$0.isEmpty }), 1...4 ~= parts.count else { return nil }
        environment = parts[0]
        members = Array(parts[1...])
    }

    public var text: String { ([environment] + members).joined(separator: "/") }

    func holds(_ target: Target) -> Bool {
        var rest = members[...]
        for name in [target.tenant, target.region, target.cluster] {
            if let name, let first = rest.first, name.hasSameBytes(as: first) { rest.removeFirst() }
        }
        return rest.isEmpty
    }
}

extension DiffRow {
    /// Compares two places of one service, each as of its moment. Histories must know their
    /// targets.
    public static func rows(
        left: ServiceHistory, _ leftPlace: PlaceName, right: ServiceHistory,
        _ rightPlace: PlaceName
    ) -> [DiffRow] {
        let ids = right.changes + left.changes.filter { right.change(withID: $0.id) == nil }
        return ids.compactMap { change in
            let sides = (
                left.side(of: change.id, leftPlace), right.side(of: change.id, rightPlace)
            )
            guard let difference = difference(sides.0, sides.1) else { return nil }
            return DiffRow(
                service: right.service, change: change.id, name: change.name,
                difference: difference, left: sides.0, right: sides.1)
        }
    }

    private static func difference(_ left: Side, _ right: Side) -> Difference? {
        if left.doneCount == 0, right.doneCount == 0 { return nil }
        if right.doneCount == 0 { return .onlyLeft }
        if left.doneCount == 0 { return .onlyRight }
        let isWhole = (
            left.doneCount == left.targetCount, right.doneCount == right.targetCount
        )
        if isWhole.0 != isWhole.1 { return .partly }
        let areKnown = !left.digests.isEmpty && !right.digests.isEmpty
        let areSame = left.digests.elementsEqual(right.digests) { $0.hasSameBytes(as: $1) }
        return areKnown && !areSame ? .content : nil
    }
}

extension ServiceHistory {
    /// Whether something is known of such targets.
    public func knows(_ place: PlaceName) -> Bool {
        guard let environment = environment(named: place.environment) else { return false }
        return environments[environment].targets?.targets.contains(where: place.holds) ?? false
    }

    fileprivate func side(of id: String, _ place: PlaceName) -> DiffRow.Side {
        guard let environment = environment(named: place.environment) else {
            return DiffRow.Side(doneCount: 0, targetCount: 0, state: .absent, digests: [])
        }
        let targets = environments[environment].targets?.targets ?? []
        let chosen = targets.indices.filter { place.holds(targets[$0]) }
        guard let change = change(withID: id) else {
            return DiffRow.Side(
                doneCount: 0, targetCount: chosen.count, state: .absent, digests: [])
        }
        let states = chosen.map { state(change, environment, $0) }
        let last = cell(change, environment).last
        let digests = chosen.compactMap { place -> ExactText? in
            guard let deployment = last[place], deployment.state == .applied else { return nil }
            return deployment.digest.map(ExactText.init)
        }
        return DiffRow.Side(
            doneCount: states.filter(\.isDone).count, targetCount: chosen.count,
            state: states.min { $0.rank < $1.rank } ?? .absent,
            digests: Set(digests).sorted().map(\.text))
    }
}
