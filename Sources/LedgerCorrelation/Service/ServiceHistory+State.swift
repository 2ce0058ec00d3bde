import LedgerCore

/// Where changes stand.
extension ServiceHistory {
    /// Since when a change should be in an environment: since it was merged or applied upstream;
    /// nil if nothing says that it should.
    public func dueSince(_ change: Int, _ environment: Int) -> Int64? {
        let upstream = upstream(of: environment).compactMap { place -> Int64? in
            let cell = cell(change, place)
            return cell.doneCount > 0 ? cell.applied?.firstAt : nil
        }
        return ([changes[change].merge?.firstAt].compactMap(\.self) + upstream).min()
    }

    /// What should run in an environment: what ran in the nearest one upstream, else what was
    /// merged last, else what ran here first. Nil if it isn't known.
    public func reference(_ change: Int, _ environment: Int) -> String? {
        for place in upstream(of: environment).reversed() {
            if let digest = cell(change, place).applied?.digest { return digest }
        }
        if let digest = changes[change].merge?.digest { return digest }
        return cell(change, environment).last.values
            .filter { $0.state == .applied && $0.digest != nil }
            .min { ($0.at, $0.index) < ($1.at, $1.index) }?.digest
    }

    /// Whether the counts alone tell where changes stand: not for a baseline of some targets, a
    /// version of a repeatable change that differs, or more targets than were heard from.
    public var isTold: Bool {
        for change in changes.indices {
            for environment in environments.indices {
                let cell = cell(change, environment)
                let count = environments[environment].targetCount
                let baselines = cell.counts[.baseline] ?? 0
                if cell.heardCount > count || baselines > 0 && baselines < count { return false }
                guard changes[change].isRepeatable, let applied = cell.applied else { continue }
                if applied.isMixed || differ(applied.digest, reference(change, environment)) {
                    return false
                }
            }
        }
        return true
    }

    /// How many targets stand in each state. Where they were not looked at one by one, those that
    /// ran different scripts all count as edited.
    public func states(_ change: Int, _ environment: Int) -> [ChangeState: Int] {
        let cell = cell(change, environment)
        let count = environments[environment].targetCount
        // Nothing was heard from there yet: the change should come all the same.
        if count == 0 { return [stateWithoutNews(change, environment, cell): 0] }
        var states: [ChangeState: Int] = [:]
        if environments[environment].targets != nil {
            for target in 0..<count { states[state(change, environment, target), default: 0] += 1 }
            return states
        }
        for (state, count) in cell.counts where count > 0 {
            let isEdited = state == .applied && isEdited(change, environment)
            states[isEdited ? .edited : ChangeState(state), default: 0] += count
        }
        if cell.coveredCount > 0 { states[.baseline, default: 0] += cell.coveredCount }
        let rest = count - cell.heardCount
        if rest > 0 { states[stateWithoutNews(change, environment, cell)] = rest }
        return states
    }

    private func isEdited(_ change: Int, _ environment: Int) -> Bool {
        guard !changes[change].isRepeatable, let applied = cell(change, environment).applied else {
            return false
        }
        return applied.isMixed || differ(applied.digest, reference(change, environment))
    }

    /// Where a change stands on one target, by its place in the environment's targets.
    public func state(_ change: Int, _ environment: Int, _ target: Int) -> ChangeState {
        let cell = cell(change, environment)
        guard let last = cell.last[target] else {
            if cell.covered.contains(target) { return .baseline }
            return stateWithoutNews(change, environment, cell)
        }
        guard last.state == .applied else { return ChangeState(last.state) }
        let isOther = differ(last.digest, reference(change, environment))
        if !changes[change].isRepeatable { return isOther ? .edited : .applied }
        // Of a repeatable change, another script is another version: an old one, if a newer one
        // has come to where it comes from.
        let newest = newest(change, environment)
        return isOther && newest.map { $0 > last.at } ?? false ? .pending : .applied
    }

    private func stateWithoutNews(
        _ change: Int, _ environment: Int, _ cell: Cell
    ) -> ChangeState {
        if cell.doneCount > 0 { return .missing }
        return dueSince(change, environment) == nil ? .absent : .pending
    }

    /// When the version that should be here came upstream.
    private func newest(_ change: Int, _ environment: Int) -> Int64? {
        for place in upstream(of: environment).reversed() {
            if let applied = cell(change, place).applied { return applied.lastAt }
        }
        return changes[change].merge?.firstAt
    }

    /// The state that stands for a whole environment: the worst of its targets'.
    public func state(_ change: Int, _ environment: Int) -> ChangeState {
        states(change, environment).keys.min { $0.rank < $1.rank } ?? .absent
    }

    /// Whether a change should be on all targets of an environment.
    func isNeeded(_ change: Int, _ environment: Int) -> Bool {
        cell(change, environment).doneCount > 0 || dueSince(change, environment) != nil
    }

    /// Since when it should: since it was due, or came to the first of them.
    func neededSince(_ change: Int, _ environment: Int) -> Int64? {
        dueSince(change, environment) ?? cell(change, environment).applied?.firstAt
    }

    /// Whether a change that should be on all targets isn't.
    func isBehind(_ change: Int, _ environment: Int, _ states: [ChangeState: Int]) -> Bool {
        states.keys.contains(where: \.isLacking) && isNeeded(change, environment)
    }
}
