import LedgerCore

/// Looks back over what ran on one target.
struct RollbackWalk {
    /// A change of which something may be there.
    private struct Found {
        let change: Int
        /// Its last deployment there.
        let last: Deployment
        /// From where on it is in the order: that of the last, or, for what is to be undone, that of
        /// the first since it was there without a break.
        let place: Deployment
        let before: Deployment?
        let isInTheWay: Bool
    }

    private let source: RollbackSteps.Source
    private let goal: RollbackSteps.Goal
    private let target: Target
    private let found: [Found]
    /// Applied before what is to be undone, though they come later.
    private var overtaken: [Int] = []
    /// There then, and reverted since.
    private var gone: [Deployment] = []
    /// Whether the change that is to be undone came with a baseline, or with no deployment at all.
    private var isAskedAbsent = false
    private var isAskedCovered = false

    /// - Parameter runs: by the places of the changes, in any order.
    init(
        _ goal: RollbackSteps.Goal, _ source: RollbackSteps.Source, target: Target, place: Int,
        runs: [Int: [Deployment]]
    ) {
        self.source = source
        self.goal = goal
        self.target = target
        let sorted = runs.mapValues { $0.sorted(by: Self.isBefore) }
        switch goal {
        case .undo(let id):
            let asked = source.history.change(withID: id) ?? 0
            guard let last = sorted[asked]?.last, last.mayBeThere || last.isSaidToBeThere else {
                found = []
                isAskedAbsent = true
                isAskedCovered =
                    source.history.cell(asked, source.environment).covered.contains(place)
                return
            }
            let start = Self.start(of: sorted[asked] ?? [], last)
            let isRepeatable = source.history.changes[asked].isRepeatable
            // Of a repeatable change, its last version is to be undone.
            let from = isRepeatable ? last : start
            let later = Self.later(than: from, asked, sorted, source.history)
            found =
                later + [
                    Found(
                        change: asked, last: last, place: from,
                        before: isRepeatable
                            ? Self.version(of: sorted[asked] ?? [], before: last) : nil,
                        isInTheWay: false)
                ]
            overtaken = Self.overtaken(by: from, asked, sorted, source.history)
        case .backTo(let time):
            found = Self.since(time, sorted)
            gone = Self.gone(since: time, sorted)
        }
    }

    private static func isBefore(_ left: Deployment, _ right: Deployment) -> Bool {
        (left.at, left.index) < (right.at, right.index)
    }

    // MARK: Which changes

    /// The first application since which the change has been there without a break.
    private static func start(of runs: [Deployment], _ last: Deployment) -> Deployment {
        var start: Deployment?
        for run in runs {
            switch run.state {
            case .reverted: start = nil
            case .applied, .marked, .baseline: start = start ?? run
            case .failed, .started, .unknown, .skipped: break
            }
        }
        return start ?? last
    }

    /// The last version that was applied before a deployment; nil if there was none, or if it was
    /// reverted.
    private static func version(of runs: [Deployment], before end: Deployment) -> Deployment? {
        let earlier = runs.last { isBefore($0, end) && [.applied, .reverted].contains($0.state) }
        return earlier?.state == .applied ? earlier : nil
    }

    private static func later(
        than start: Deployment, _ asked: Int, _ runs: [Int: [Deployment]],
        _ history: ServiceHistory
    ) -> [Found] {
        sorted(
            runs.compactMap { change, runs in
                guard change != asked, let last = runs.last, last.mayBeThere,
                    (last.at, change) > (start.at, asked)
                else { return nil }
                return Found(
                    change: change, last: last, place: last,
                    before: history.changes[change].isRepeatable
                        ? version(of: runs, before: start) : nil,
                    isInTheWay: true)
            })
    }

    private static func overtaken(
        by start: Deployment, _ asked: Int, _ runs: [Int: [Deployment]],
        _ history: ServiceHistory
    ) -> [Int] {
        if history.changes[asked].isRepeatable { return [] }
        return runs.keys.sorted().filter { change in
            guard change > asked, !history.changes[change].isRepeatable,
                let last = runs[change]?.last, last.mayBeThere
            else { return false }
            return last.at < start.at
        }
    }

    private static func since(_ time: Timestamp, _ runs: [Int: [Deployment]]) -> [Found] {
        sorted(
            runs.compactMap { change, runs in
                guard let last = runs.last, last.mayBeThere, last.at >= time.milliseconds else {
                    return nil
                }
                let earlier = runs.last {
                    $0.at < time.milliseconds && [.applied, .reverted].contains($0.state)
                }
                return Found(
                    change: change, last: last, place: last,
                    before: earlier?.state == .applied ? earlier : nil, isInTheWay: false)
            })
    }

    private static func gone(since time: Timestamp, _ runs: [Int: [Deployment]]) -> [Deployment] {
        runs.values.compactMap { runs in
            guard let last = runs.last, last.state == .reverted, last.at >= time.milliseconds,
                runs.last(where: { $0.at < time.milliseconds })?.state == .applied
            else { return nil }
            return last
        }
    }

    /// Newest first.
    private static func sorted(_ found: [Found]) -> [Found] {
        found.sorted { ($0.place.at, $0.change) > ($1.place.at, $1.change) }
    }

    // MARK: Steps

    func steps() throws(LedgerError) -> [RollbackStep] {
        var steps: [RollbackStep] = []
        for item in found { steps.append(try step(item, number: steps.count + 1)) }
        return steps
    }

    private func step(_ item: Found, number: Int) throws(LedgerError) -> RollbackStep {
        let change = source.history.changes[item.change]
        // What a deployment says of itself has its script in the whole row alone.
        let own =
            item.last.strategy == nil
            ? nil : try source.row(item.last.index).flatMap { RollbackPlan($0) }
        let plan = source.plans[item.change].plan(on: target, own: own)
        let runsAgain = change.isRepeatable && item.before != nil
        var obstacle = runsAgain ? nil : RollbackStep.Obstacle(plan, at: source.now)
        if item.last.isSaidToBeThere {
            obstacle = obstacle ?? .notRun
        } else if item.last.state != .applied {
            obstacle = obstacle ?? .unclear
        } else if !change.isRepeatable, item.before != nil {
            obstacle = obstacle ?? .thereBefore
        }
        return RollbackStep(
            target: target, number: number, change: change.id, name: change.name,
            isInTheWay: item.isInTheWay, state: ChangeState(item.last.state),
            index: item.last.index, at: Timestamp(milliseconds: item.last.at),
            digest: item.last.digest,
            before: item.before.map { .init(index: $0.index, digest: $0.digest) }, plan: plan,
            obstacle: obstacle)
    }

    // MARK: Notes

    static func notes(
        _ goal: RollbackSteps.Goal, _ source: RollbackSteps.Source, _ walks: [RollbackWalk]
    ) -> [String] {
        let history = source.history
        func list(_ walks: [RollbackWalk]) -> String {
            let names = walks.prefix(5).map(\.target.text).joined(separator: ", ")
            return walks.count > 5 ? "\(names) +\(walks.count - 5)" : names
        }
        var notes: [String] = []
        switch goal {
        case .undo(let id):
            let asked = history.change(withID: id) ?? 0
            let name = "\(history.service):\(history.called(asked))"
            if walks.contains(where: { $0.found.count > 1 }) {
                notes.append("what ran after \(name) may depend on it, and goes first")
            }
            let absent = walks.filter { $0.isAskedAbsent && !$0.isAskedCovered }
            if !absent.isEmpty { notes.append("\(name) is not there: \(list(absent))") }
            let covered = walks.filter(\.isAskedCovered)
            if !covered.isEmpty {
                notes.append(
                    "\(name) came with a baseline, and nobody knows when it ran: \(list(covered))")
            }
            for change in Set(walks.flatMap(\.overtaken)).sorted() {
                notes.append(
                    "\(history.called(change)) comes later than \(history.called(asked)) and ran "
                        + "before it: look whether it can stay: "
                        + list(walks.filter { $0.overtaken.contains(change) }))
            }
        case .backTo:
            for walk in walks {
                for deployment in walk.gone.sorted(by: { $0.index < $1.index }) {
                    let change = history.change(withID: deployment.change)
                    notes.append(
                        "\(change.map(history.called) ?? deployment.change) was there and was "
                            + "reverted since (#\(deployment.index)): run it again if it is to be "
                            + "as it was: \(walk.target.text)")
                }
            }
        }
        return notes + ambiguous(goal, source)
    }

    /// What can't be placed on one target.
    private static func ambiguous(
        _ goal: RollbackSteps.Goal, _ source: RollbackSteps.Source
    ) -> [String] {
        let history = source.history
        let since: Int64 = if case .backTo(let time) = goal { time.milliseconds } else { .min }
        return history.changes.indices.flatMap { change in
            history.cell(change, source.environment).ambiguous.filter { $0.at >= since }.map {
                "#\($0.index) ran \(history.called(change)) on \($0.target.text), which fits "
                    + "several targets: it is in no step"
            }
        }
    }
}

extension Deployment {
    /// Whether it ran and may have left something.
    fileprivate var mayBeThere: Bool {
        switch state {
        case .applied, .failed, .started, .unknown: true
        case .reverted, .marked, .baseline, .skipped: false
        }
    }

    /// Taken as applied without being run.
    fileprivate var isSaidToBeThere: Bool { state == .marked || state == .baseline }
}
