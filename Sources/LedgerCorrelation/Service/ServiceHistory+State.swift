import LedgerCore

/// Where a change stands in an environment, and where it should.
struct Standing: Sendable {
    /// Since when it should be there: since it was merged or applied upstream; nil if nothing says
    /// that it should.
    let dueSince: Int64?
    /// What should run there: what ran in the nearest environment upstream, else what was merged
    /// last, else what ran there first. Nil if it isn't known.
    let reference: String?
    /// By the places of the targets; empty where they were not looked at one by one.
    let targets: [ChangeState]
    /// How many targets stand in each state.
    let states: [ChangeState: Int]

    init(_ change: Int, _ environment: Int, in history: ServiceHistory) {
        let place = history.environments[environment]
        let cell = history.cell(change, environment)
        let dueSince = Self.dueSince(change, environment, history)
        let reference = Self.reference(change, environment, history)
        self.dueSince = dueSince
        self.reference = reference
        // Nothing is known of a target: others may have it.
        let silent: ChangeState =
            cell.doneCount > 0 ? .missing : dueSince == nil ? .absent : .pending
        if place.targets == nil {
            targets = []
            states = Self.counted(change, place.targetCount, cell, reference, silent, history)
            return
        }
        let isRepeatable = history.changes[change].isRepeatable
        let newest = isRepeatable ? Self.newest(change, environment, history) : nil
        let targets = (0..<place.targetCount).map { target -> ChangeState in
            guard let last = cell.last[target] else {
                return cell.covered.contains(target) ? .baseline : silent
            }
            guard last.state == .applied else { return ChangeState(last.state) }
            guard differ(last.digest, reference) else { return .applied }
            if !isRepeatable { return .edited }
            // Of a repeatable change, another script is another version: an old one, if a newer
            // one has come to where it comes from.
            return newest.map { $0 > last.at } ?? false ? .pending : .applied
        }
        var states: [ChangeState: Int] = [:]
        for state in targets { states[state, default: 0] += 1 }
        // Nothing was heard from there yet: the change should come all the same.
        if targets.isEmpty { states[silent] = 0 }
        self.targets = targets
        self.states = states
    }

    private static func dueSince(
        _ change: Int, _ environment: Int, _ history: ServiceHistory
    ) -> Int64? {
        // What was taken out of Git again need not come anywhere.
        if history.changes[change].merge?.isDeletion ?? false { return nil }
        var since = history.changes[change].merge?.firstAt
        for place in history.upstream[environment] {
            let cell = history.cell(change, place)
            guard cell.doneCount > 0, let first = cell.applied?.firstAt else { continue }
            since = min(since ?? first, first)
        }
        return since
    }

    private static func reference(
        _ change: Int, _ environment: Int, _ history: ServiceHistory
    ) -> String? {
        for place in history.upstream[environment].reversed() {
            if let digest = history.cell(change, place).applied?.digest { return digest }
        }
        if let digest = history.changes[change].merge?.digest { return digest }
        return history.cell(change, environment).last.values
            .filter { $0.state == .applied && $0.digest != nil }
            .min { ($0.at, $0.index) < ($1.at, $1.index) }?.digest
    }

    /// When the version that should be here came upstream.
    private static func newest(
        _ change: Int, _ environment: Int, _ history: ServiceHistory
    ) -> Int64? {
        for place in history.upstream[environment].reversed() {
            if let applied = history.cell(change, place).applied { return applied.lastAt }
        }
        return history.changes[change].merge?.firstAt
    }

    private static func counted(
        _ change: Int, _ targetCount: Int, _ cell: Cell, _ reference: String?,
        _ silent: ChangeState, _ history: ServiceHistory
    ) -> [ChangeState: Int] {
        if targetCount == 0 { return [silent: 0] }
        var states: [ChangeState: Int] = [:]
        for (state, count) in cell.counts where count > 0 {
            var named = ChangeState(state)
            if state == .applied, !history.changes[change].isRepeatable,
                differ(cell.applied?.digest, reference)
            {
                named = .edited
            }
            states[named, default: 0] += count
        }
        if cell.coveredCount > 0 { states[.baseline, default: 0] += cell.coveredCount }
        let rest = targetCount - cell.heardCount
        if rest > 0 { states[silent] = rest }
        return states
    }
}

/// Where changes stand.
extension ServiceHistory {
    /// Whether the counts alone tell where changes stand: not for a baseline of some targets,
    /// targets that may have different scripts, a version of a repeatable change that differs, or
    /// more targets than were heard from.
    public var isTold: Bool {
        for change in changes.indices {
            for environment in environments.indices {
                let cell = cell(change, environment)
                let count = environments[environment].targetCount
                let baselines = cell.counts[.baseline] ?? 0
                if cell.heardCount > count || baselines > 0 && baselines < count { return false }
                guard let applied = cell.applied else { continue }
                if applied.isMixed { return false }
                let reference = standing(change, environment).reference
                if changes[change].isRepeatable, differ(applied.digest, reference) { return false }
            }
        }
        return true
    }

    /// How many targets stand in each state.
    public func states(_ change: Int, _ environment: Int) -> [ChangeState: Int] {
        standing(change, environment).states
    }

    /// Where a change stands on one target, by its place in the environment's targets.
    public func state(_ change: Int, _ environment: Int, _ target: Int) -> ChangeState {
        standing(change, environment).targets[target]
    }

    /// The state that stands for a whole environment: the worst of its targets'.
    public func state(_ change: Int, _ environment: Int) -> ChangeState {
        states(change, environment).keys.min { $0.rank < $1.rank } ?? .absent
    }

    /// Whether a change should be on all targets of an environment.
    func isNeeded(_ change: Int, _ environment: Int) -> Bool {
        cell(change, environment).doneCount > 0
            || standing(change, environment).dueSince != nil
    }

    /// Since when it should: since it was due, or came to the first of them.
    func neededSince(_ change: Int, _ environment: Int) -> Int64? {
        standing(change, environment).dueSince ?? cell(change, environment).applied?.firstAt
    }

    /// Whether a change that should be on all targets isn't.
    func isBehind(_ change: Int, _ environment: Int, _ states: [ChangeState: Int]) -> Bool {
        states.keys.contains(where: \.isLacking) && isNeeded(change, environment)
    }
}
